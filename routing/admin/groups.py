"""Skill groups."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelect2MultipleWidget

from lingxi.access.models import Role, Scope
from lingxi.access.permissions import can, scope_of
from lingxi.admin import RoleModelAdmin, RoleTabularInline
from routing.admin.parts import items_of, swatch
from routing.assignment import rerun_on_commit
from routing.models import Agent, AgentStatus, SkillGroup, WorkState

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
        fields = ["name", "slug", "color"]
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


class MemberInline(RoleTabularInline):
    """The agents of a group."""

    model = Agent.groups.through
    autocomplete_fields = ["agent"]
    verbose_name = "成员"
    verbose_name_plural = "成员"


@admin.register(SkillGroup)
class SkillGroupAdmin(RoleModelAdmin):
    """Skill groups."""

    form = SkillGroupForm
    inlines = [MemberInline]
    list_display = ["shown", "slug", "members", "ready", "waiting", "supervisors"]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "color"]}),
        ("管理", {"fields": ["supervisors"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who supervises a group is decided by those who manage users."""
        return self.fieldsets if can(request.user, "users.manage") else self.fieldsets[:1]

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
        if "supervisors" in form.cleaned_data:
            set_supervisors(form.instance, form.cleaned_data["supervisors"])
        rerun_on_commit([form.instance.pk])
