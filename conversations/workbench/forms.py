"""What the workbench's small forms accept."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from conversations.wrap_up import Choice
from lingxi.access.masking import for_viewer
from lingxi.errors import Invalid
from routing.models import Agent, AgentStatus, SkillGroup

MAX_TAGS, TAG_LENGTH, REMARK = 20, 20, 2000


class StatusForm(forms.Form):
    """The status switch. `break_for` is a break for that reason, all in one."""

    status = forms.ChoiceField(choices=AgentStatus.choices, required=False)
    reason = forms.CharField(max_length=80, required=False)
    break_for = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        """A status there must be."""
        said = super().clean() or self.cleaned_data
        if said.get("break_for"):
            said |= {"status": AgentStatus.BREAK.value, "reason": said["break_for"]}
        elif not said.get("status") and "status" not in self.errors:
            self.add_error("status", "请选择状态")
        return said


class TransferForm(forms.Form):
    """`to` is `agent:<id>` or `group:<id>`; the cleaned form carries the one that was meant."""

    to = forms.CharField(max_length=60)
    note = forms.CharField(max_length=500, required=False)

    agent: Agent | None = None
    group: SkillGroup | None = None

    def clean_to(self) -> str:
        """Find the target."""
        kind, _, pk = self.cleaned_data["to"].partition(":")
        try:
            if kind == "agent":
                self.agent = Agent.objects.get(pk=pk)
            elif kind == "group":
                self.group = SkillGroup.objects.get(pk=pk)
            else:
                raise forms.ValidationError("请选择坐席或技能组")
        except (forms.ValidationError, Agent.DoesNotExist, SkillGroup.DoesNotExist, ValueError):
            raise forms.ValidationError("请选择坐席或技能组") from None
        return self.cleaned_data["to"]


class TagForm(forms.Form):
    """One tag more or less."""

    add = forms.CharField(max_length=TAG_LENGTH, required=False)
    remove = forms.CharField(max_length=200, required=False)

    def apply(self, tags: list[Any], user: Any) -> list[Any]:
        """The tags afterwards; `remove` is a tag as `user` sees it. Raises `Invalid`."""
        removed, new = self.cleaned_data["remove"], " ".join(self.cleaned_data["add"].split())
        kept = [tag for tag in tags if not removed or for_viewer(user, tag) != removed]
        if new and new not in kept:
            kept.append(new)
        if len(kept) > MAX_TAGS and len(kept) > len(tags):
            raise Invalid(f"最多 {MAX_TAGS} 个标签", fields={"add": ["标签过多"]})
        return kept


class MergeForm(forms.Form):
    """The other customer, and which of the two stays."""

    other = forms.UUIDField(error_messages={"required": "请选择另一位客户"})
    keep = forms.ChoiceField(choices=[("this", "这位"), ("other", "另一位")])


class BlockForm(forms.Form):
    """Why a customer is kept out, and for how long; `hours` is None for good."""

    CHOICES = (("1", "1 小时"), ("24", "1 天"), ("168", "7 天"), ("", "永久"))

    reason = forms.CharField(max_length=200, error_messages={"required": "请填写原因"})
    hours = forms.TypedChoiceField(choices=CHOICES, coerce=int, empty_value=None, required=False)


class ReplyForm(forms.Form):
    """One of the person's own quick replies."""

    MAX_TEXT = 2000

    shortcut = forms.RegexField(
        r"^[^\s/]{1,24}\Z",
        max_length=24,
        error_messages={"invalid": "快捷词不能有空格和 /", "required": "请填写快捷词"},
    )
    title = forms.CharField(max_length=60, error_messages={"required": "请填写标题"})
    text = forms.CharField(max_length=MAX_TEXT, error_messages={"required": "请填写内容"})


class MoveForm(forms.Form):
    """One place up or down."""

    step = forms.TypedChoiceField(choices=[("-1", "上移"), ("1", "下移")], coerce=int)


class HandleForm(forms.Form):
    """What was done about a message left."""

    remark = forms.CharField(max_length=REMARK, required=False)


class WrapUpForm(forms.Form):
    """What a conversation was about; the category by its path, as it was picked."""

    RESOLVED = {"": None, "yes": True, "no": False}

    category = forms.CharField(max_length=200, required=False)
    resolved = forms.ChoiceField(
        choices=[("", ""), ("yes", "已解决"), ("no", "未解决")], required=False
    )
    note = forms.CharField(max_length=REMARK, required=False)

    def clean_resolved(self) -> bool | None:
        """Yes, no or not said."""
        return self.RESOLVED[self.cleaned_data["resolved"]]

    def category_among(
        self, choices: Iterable[Choice], kept: tuple[str, uuid.UUID | None]
    ) -> uuid.UUID | None:
        """The category that was meant, or the one kept. Raises `Invalid` for another text."""
        said = " / ".join(part.strip() for part in self.cleaned_data["category"].split("/"))
        known = dict([kept] if kept[1] else []) | {one.path: one.id for one in choices}
        if not said:
            return None
        if said not in known:
            raise Invalid("请从列表中选择小结分类", fields={"category": ["不在列表中"]})
        return known[said]


class RemarkForm(forms.Form):
    """What agents write down about a customer."""

    remark = forms.CharField(max_length=REMARK, required=False)

    def apply(self, remark: str, user: Any) -> str:
        """The remark afterwards.

        One of which the person sees a part masked is added to, never replaced: the stars would
        take the place of what they hide. Raises `Invalid` beyond the limit.
        """
        said = self.cleaned_data["remark"]
        if for_viewer(user, remark) != remark:
            said = f"{remark}\n{said}" if said else remark
        if len(said) > REMARK:
            raise Invalid(f"备注最多 {REMARK} 字", fields={"remark": ["内容过长"]})
        return said


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The form's data. Raises `Invalid` with the fields that are wrong."""
    if not form.is_valid():
        fields = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
        raise Invalid(next(iter(fields.values()))[0], fields=fields)
    return form.cleaned_data
