"""Skill groups."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet, ModelChoiceField, ModelForm
from django.http import HttpRequest
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelect2MultipleWidget

from lingxi.access.models import Role, Scope
from lingxi.access.permissions import can, scope_of
from lingxi.admin import RoleModelAdmin, RoleTabularInline
from lingxi.ids import parse_id
from routing.admin.parts import guarded, items_of, kept, raise_strides, swatch
from routing.assignment import rerun_on_commit
from routing.checks import check_level, check_overflow, check_staffed, uses_of
from routing.models import (
    AgentStatus,
    Membership,
    OverflowStep,
    OverflowWhen,
    SkillGroup,
    WorkState,
)

SUPERVISE = "supervise_skillgroup"
User = get_user_model()


class SkillGroupForm(ModelForm):
    """A group with its supervisors, who are object permissions underneath."""

    supervisors = forms.ModelMultipleChoiceField(
        label="主管",
        queryset=User.objects.filter(role_assignment__role=Role.SUPERVISOR),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="数据范围为“本组”的主管可以看到并管理所选技能组的会话。",
    )

    class Meta:
        model = SkillGroup
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which
        widgets = {"color": UnfoldAdminColorInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "supervisors" in self.fields and not self.instance._state.adding:
            self.fields["supervisors"].initial = supervisors_of(self.instance)


class MemberForm(SkillGroupForm):
    """The same for those who do not decide who supervises."""

    supervisors = None  # type: ignore[assignment]


def supervisors_of(group: SkillGroup) -> Any:
    """Those who hold the permission on the group themselves."""
    return get_users_with_perms(
        group, only_with_perms_in=[SUPERVISE], with_superusers=False, with_group_users=False
    )


def set_supervisors(group: SkillGroup, users: Iterable[Any]) -> None:
    """Make `users`, and nobody else, supervise the group."""
    before = set(supervisors_of(group))
    for user in before - set(users):
        remove_perm(SUPERVISE, user, group)
    for user in set(users) - before:
        assign_perm(SUPERVISE, user, group)


class MemberFormSet(BaseInlineFormSet):
    """The members of a group, of whom somebody must be able to serve."""

    def clean(self) -> None:
        """Refuses a group that nobody can serve."""
        super().clean()
        if any(self.errors):
            return
        levels = [form.cleaned_data["level"] for form in kept(self)]
        check_level(self.instance, levels)
        if not self.instance._state.adding:
            check_staffed(self.instance, len(levels))


class OverflowFormSet(BaseInlineFormSet):
    """The chain of a group."""

    def clean(self) -> None:
        """Refuses chains that lead nowhere, or in a circle."""
        super().clean()
        if any(self.errors):
            return
        steps = [form.cleaned_data for form in kept(self)]
        if any(step["when"] == OverflowWhen.CLOSED for step in steps) and not (
            self.instance.business_hours_id
        ):
            raise ValidationError("未设置营业时间，“不在营业时间”的溢出不会发生。")
        targets = {step["target"] for step in steps if step.get("target")}
        check_overflow(self.instance, targets)


class MemberInline(RoleTabularInline):
    """The agents of a group."""

    model = Membership
    formset = MemberFormSet
    permission = "routing.manage"
    scoped_by = "agent"
    fields = ["agent", "level", "weight"]
    autocomplete_fields = ["agent"]


class OverflowInline(RoleTabularInline):
    """What happens when nobody of the group can serve: the first step that holds is taken."""

    model = OverflowStep
    fk_name = "group"
    formset = OverflowFormSet
    permission = "routing.manage"
    fields = ["order", "when", "limit", "then", "target"]
    ordering_field = "order"
    verbose_name_plural = "溢出（从上到下，取第一个满足的）"

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Groups in sight, and those that somebody else has made the group's targets."""
        if db_field.name == "target" and request.resolver_match is not None:
            group = parse_id(str(request.resolver_match.kwargs.get("object_id", "")))
            chosen = OverflowStep.objects.filter(group=group, target__isnull=False)
            kwargs["queryset"] = SkillGroup.objects.filter(
                Q(pk__in=SkillGroup.objects.visible_to(request.user).values("pk"))
                | Q(pk__in=chosen.values("target"))
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(SkillGroup)
class SkillGroupAdmin(RoleModelAdmin):
    """Skill groups."""

    permission = "routing.manage"
    form = SkillGroupForm
    inlines = [MemberInline, OverflowInline]
    list_display = ["shown", "slug", "members", "ready", "waiting", "supervisors"]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "color"]}),
        (
            "分配",
            {
                "fields": [
                    "picking",
                    "min_level",
                    ("last_agent_first", "last_agent_days"),
                    ("burst_limit", "burst_seconds"),
                    "ageing_seconds",
                ],
                "description": "新会话分给谁。“坐席抢接”和“主管手动分配”不会自动分配。",
            },
        ),
        ("应答与转接", {"fields": [("offer_seconds", "missed_limit"), "transfer_seconds"]}),
        ("时间", {"fields": ["business_hours", "by_roster"]}),
        ("管理", {"fields": ["supervisors"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who supervises a group is decided by those who manage users."""
        return self.fieldsets if can(request.user, "users.manage") else self.fieldsets[:-1]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A field left out of the page must be left out of the form too: it could be posted."""
        if not can(request.user, "users.manage"):
            kwargs["form"] = MemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a new group's identifier follows its name."""
        return {} if obj else self.prepopulated_fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not for those who see some groups only: they would not see the new one."""
        return super().has_add_permission(request, obj) and scope_of(request.user) == Scope.ALL

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for adding."""
        return super().has_delete_permission(request, obj) and scope_of(request.user) == Scope.ALL

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with them, and where they are used, which forbids it."""
        return guarded(super().get_deleted_objects(objs, request), objs, uses_of)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SkillGroup]:
        """With the counts that the list shows."""
        ready = Q(agents__status=AgentStatus.READY)
        return (
            super()
            .get_queryset(request)
            .annotate(
                member_count=Count("agents", distinct=True),
                ready_count=Count("agents", filter=ready, distinct=True),
                waiting_count=items_of("group", WorkState.WAITING),
            )
        )

    @admin.display(description="名称", ordering="name")
    def shown(self, group: SkillGroup) -> str:
        """The name in the group's colour."""
        return swatch(group.color, group.name)

    @admin.display(description="坐席", ordering="member_count")
    def members(self, group: Any) -> int:
        """How many agents it has."""
        return group.member_count

    @admin.display(description="空闲坐席", ordering="ready_count")
    def ready(self, group: Any) -> int:
        """How many of them are ready."""
        return group.ready_count

    @admin.display(description="排队", ordering="waiting_count")
    def waiting(self, group: Any) -> int:
        """How many visitors wait."""
        return group.waiting_count

    @admin.display(description="主管")
    def supervisors(self, group: SkillGroup) -> str:
        """Their names."""
        return "、".join(user.first_name or user.username for user in supervisors_of(group)) or "—"

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Set the supervisors, and route again."""
        super().save_related(request, form, formsets, change)
        raise_strides(formsets)
        if "supervisors" in form.cleaned_data:
            set_supervisors(form.instance, form.cleaned_data["supervisors"])
        rerun_on_commit([form.instance.pk])
