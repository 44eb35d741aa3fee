"""问题分类: the tree with keywords and groups, how good suggestions are, and what was corrected."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import F, Func, UUIDField, Value
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from lingxi import jobs
from lingxi.admin import RoleModelAdmin, VisibleFilter, dialog, go
from tickets.classification import accuracy, keywords, rebuild, suggest
from tickets.classification.tree import MAX_DEPTH, height_of, in_order, line_of
from tickets.models import Guess, IssueType

MAX_KEYWORDS, MAX_KEYWORD = 50, 40
MAX_TRIED = 2_000
SHOWN = 100


class KeywordsField(forms.CharField):
    """Keywords as lines of text."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """One in a line."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Lines, and what commas divide. Raises `ValidationError`."""
        text = super().to_python(value) or ""
        for comma in "，,、;；":
            text = text.replace(comma, "\n")
        found = keywords.checked(text.split("\n"))
        if len(found) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD for word in found):
            raise forms.ValidationError(f"最多 {MAX_KEYWORDS} 个，每个最多 {MAX_KEYWORD} 个字")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By the keywords, not by how they were typed."""
        return bool(initial or []) != bool(data) or self.prepare_value(initial or []) != data


class IssueTypeForm(forms.ModelForm):
    """An issue type in its place."""

    keywords = KeywordsField(
        label="关键词",
        required=False,
        strip=False,
        help_text="每行一个。标题或描述中出现时建议此分类，不分大小写和全半角；优先于学习到的建议。",
    )

    class Meta:
        model = IssueType
        fields = ["name", "parent", "keywords", "group", "order", "is_active"]

    def clean_name(self) -> str:
        """The slash with blanks divides the parts of a path."""
        name = " ".join(self.cleaned_data["name"].split())
        if " / " in name:
            raise forms.ValidationError("名称不能包含“ / ”")
        return name

    def clean(self) -> dict[str, Any]:
        """Not below itself, and not too deep."""
        said = super().clean() or {}
        above = line_of(said.get("parent"))
        if not self.instance._state.adding and any(one.pk == self.instance.pk for one in above):
            self.add_error("parent", "不能放在自己下面")
        elif len(above) + height_of(self.instance) > MAX_DEPTH:
            self.add_error("parent", f"最多 {MAX_DEPTH} 级")
        return said


@admin.register(IssueType)
class IssueTypeAdmin(RoleModelAdmin):
    """The tree, in its order."""

    permission = "tickets.manage"
    form = IssueTypeForm
    list_display = ["path", "words", "group_shown", "learned_from", "order", "is_active"]
    list_filter = ["is_active", ("group", VisibleFilter)]
    list_select_related = ["parent__parent__parent", "group", "learned"]
    search_fields = ["name", "keywords"]
    search_help_text = "名称或关键词"
    ordering = ["order", "name"]
    actions_list = ["quality", "corrected", "learn_anew"]

    def get_ordering(self, request: HttpRequest) -> list[OrderBy]:
        """Each below its parent."""
        ids = Value(in_order(), output_field=ArrayField(UUIDField()))
        return [Func(ids, F("pk"), function="array_position").asc()]

    @admin.display(description="分类")
    def path(self, issue_type: IssueType) -> str:
        """Its place in the tree."""
        return str(issue_type)

    @admin.display(description="关键词")
    def words(self, issue_type: IssueType) -> str:
        """The first of them."""
        shown = "、".join(issue_type.keywords[:5])
        return (
            f"{shown} 等 {len(issue_type.keywords)} 个" if len(issue_type.keywords) > 5 else shown
        )

    @admin.display(description="受理技能组", ordering="group__name")
    def group_shown(self, issue_type: IssueType) -> str:
        """Its own, or that of its parent."""
        if issue_type.group is not None:
            return issue_type.group.name
        inherited = [one.group for one in line_of(issue_type.parent) if one.group is not None]
        return f"{inherited[0].name}（沿用上级）" if inherited else "—"

    @admin.display(description="已学习工单")
    def learned_from(self, issue_type: IssueType) -> int:
        """How many tickets taught it."""
        learned = getattr(issue_type, "learned", None)
        return learned.tickets if learned else 0

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keywords count at once."""
        super().save_model(request, obj, form, change)
        keywords.forget()

    # -- how good it is ------------------------------------------------------------------------

    @action(description="建议准确度", url_path="quality", icon="monitoring")
    def quality(self, request: HttpRequest) -> HttpResponseBase:
        """The last tickets judged, and a text to try (`?text=`)."""
        text = request.GET.get("text", "").strip()[:MAX_TRIED]
        context = {
            "title": "分类建议的准确度",
            "found": accuracy.estimate(),
            "text": text,
            "tried": suggest(text) if text else None,
            "tab": "quality",
        }
        return self._page(request, "quality", context)

    @action(description="被更正的建议", url_path="corrected", icon="edit_note")
    def corrected(self, request: HttpRequest) -> HttpResponseBase:
        """Where people chose otherwise, the latest first."""
        rows = (
            Guess.objects.visible_to(request.user)
            .filter(corrected_at__isnull=False)
            .select_related(
                "ticket", "issue_type__parent__parent", "chosen__parent__parent", "corrected_by"
            )
            .order_by("-corrected_at")[:SHOWN]
        )
        context = {"title": "被更正的建议", "rows": list(rows), "tab": "corrected", "shown": SHOWN}
        return self._page(request, "corrected", context)

    @action(
        description="重新学习",
        url_path="learn-anew",
        icon="model_training",
        dialog=dialog("重新学习？", "清空已学习的词频，从所有已解决的工单重新学习。", "重新学习"),
    )
    def learn_anew(self, request: HttpRequest, form: Any = None) -> HttpResponse:
        """Start the job, and go to see it."""
        self._guard(request)
        job = jobs.start(rebuild.NAME, request.user, {})
        return go(request, reverse("jobs:job", args=[job.pk]))

    def _guard(self, request: HttpRequest) -> None:
        if not self.allowed(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponseBase:
        self._guard(request)
        around = {**self.admin_site.each_context(request), "opts": self.opts}
        page = f"tickets/admin/issues/{name}.html"
        return TemplateResponse(request, page, {**around, **context})
