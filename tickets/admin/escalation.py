"""升级规则: what happens to tickets that wait too long, each rule in a sentence."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, ManyToManyField, Model, Q, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from lingxi.admin import RoleModelAdmin
from lingxi.errors import NeverOpen
from routing import schedule
from routing.models import BusinessHours, SkillGroup
from routing.worktime import WorkTime
from tickets.approval.people import approvers
from tickets.approval.telling import name_of
from tickets.escalation import rebuild, rules
from tickets.escalation.words import sentence
from tickets.models import EscalationRule
from tickets.models.escalation import WAITING

_SINGLE = ("to_priority", "to_group", "to_agent", "notify_assignee", "notify_supervisors", "tag")
_DOES = (*_SINGLE, "order_text")


class PeopleField(ModelMultipleChoiceField):
    """People by the names they are called."""

    def label_from_instance(self, obj: Any) -> str:
        """As everywhere else."""
        return name_of(obj)


class EscalationRuleForm(forms.ModelForm):
    """A rule that waits for something and does something."""

    categories = forms.MultipleChoiceField(
        label="阶段",
        choices=WAITING,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选表示所有未解决的阶段。",
    )

    class Meta:
        model = EscalationRule
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def clean_calendar(self) -> BusinessHours | None:
        """Hours that come: in others nothing would ever be due."""
        calendar: BusinessHours | None = self.cleaned_data["calendar"]
        plan = schedule.read_plan(calendar) if calendar is not None else None
        try:
            WorkTime(plan).opening(timezone.now())
        except NeverOpen:
            raise forms.ValidationError("该营业时间没有任何营业时段，规则永远不会生效。") from None
        return calendar

    def clean(self) -> dict[str, Any]:
        """It does something, and an agent it goes to belongs to the group it goes to."""
        said = super().clean() or {}
        people = said.get("notify_users")
        if not any(said.get(name) for name in _DOES) and not (people is not None and people):
            self.add_error("to_priority", "请至少选择一个动作")
        group, agent = said.get("to_group"), said.get("to_agent")
        if group and agent and not agent.groups.filter(pk=group.pk).exists():
            self.add_error("to_agent", f"{agent.name} 不在技能组“{group.name}”中")
        if said.get("order_text") and not said.get("order_hours"):
            self.add_error("order_hours", "请填写督办的回复期限")
        return said


@admin.register(EscalationRule)
class EscalationRuleAdmin(RoleModelAdmin):
    """Rules. A rule that was added or edited is applied to all open tickets by a job."""

    permission = "tickets.manage"
    form = EscalationRuleForm
    list_display = ["name", "says", "order", "is_active", "times"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    search_help_text = "名称"
    ordering = ["order", "name"]
    filter_horizontal = ["types", "groups", "notify_users"]
    readonly_fields = ["says"]
    fieldsets = [
        (None, {"fields": [("name", "order"), "is_active", "says"]}),
        ("适用于", {"fields": ["types", "groups", "min_priority", "categories"]}),
        (
            "当以下各项全部满足（至少一项）",
            {"fields": [("age_hours", "silence_hours"), "calendar", ("sla", "urges")]},
        ),
        (
            "则执行（至少一项）",
            {
                "fields": [
                    "to_priority",
                    ("to_group", "to_agent"),
                    ("notify_assignee", "notify_supervisors"),
                    "notify_users",
                    ("order_text", "order_hours"),
                    "tag",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EscalationRule]:
        """With how many tickets each has fired for."""
        rows = super().get_queryset(request).select_related("to_group", "to_agent", "calendar")
        fired = Count("timers", filter=~Q(timers__fired=""), distinct=True)
        return rows.prefetch_related("types", "groups", "notify_users").annotate(fired=fired)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        """Told are those who work on tickets."""
        if db_field.name == "notify_users":
            kwargs |= {"queryset": approvers(), "form_class": PeopleField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rules for groups out of the person's sight would lose them in the form."""
        return super().has_change_permission(request, obj) and _sees_groups(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As changing."""
        return super().has_delete_permission(request, obj) and _sees_groups(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With everything saved, what is open gets its timers."""
        super().save_related(request, form, formsets, change)
        rebuild.ask(form.instance, request.user)
        text = "规则已保存，正在应用到所有未解决的工单。"
        self.message_user(request, text, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: EscalationRule) -> None:
        """It fires no more."""
        super().delete_model(request, obj)
        rules.forget()

    @admin.display(description="规则")
    def says(self, rule: EscalationRule) -> str:
        """The rule in words."""
        return sentence(rule) if rule.pk and not rule._state.adding else "保存后显示"

    @admin.display(description="触发工单数", ordering="fired")
    def times(self, rule: EscalationRule) -> int:
        """For how many tickets it has fired."""
        return rule.fired  # type: ignore[attr-defined]


def _sees_groups(request: HttpRequest, rule: Model | None) -> bool:
    if not isinstance(rule, EscalationRule) or rule._state.adding:
        return True
    seen = SkillGroup.objects.visible_to(request.user).values("pk")
    return not rule.groups.exclude(pk__in=seen).exists()
