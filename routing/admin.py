"""Agents, skill groups and the queue. Whatever changes here is routed again at once."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelect2MultipleWidget

from lingxi.access.models import Role, Scope
from lingxi.access.permissions import can, scope_of
from lingxi.admin import (
    ReadOnlyModelAdmin,
    RoleModelAdmin,
    RoleTabularInline,
    VisibleFilter,
    column,
)
from routing.assignment import rerun_for_agents_on_commit, rerun_on_commit
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem, WorkState
from routing.presence import set_status

SUPERVISE = "supervise_skillgroup"
User = get_user_model()


def swatch(color: str, label: str) -> str:
    """`label` behind a dot of `color`."""
    return format_html(
        '<span style="display:inline-block;width:.7em;height:.7em;border-radius:50%;'
        'margin-right:.5em;background:{}"></span>{}',
        color,
        label,
    )


def items_of(owner: str, state: str) -> Coalesce:
    """How many work items in `state` each row holds; a subquery, which does not multiply rows."""
    counted = (
        WorkItem.objects.filter(**{owner: OuterRef("pk")}, state=state)
        .order_by()
        .values(owner)
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted), 0)


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


@admin.register(Agent)
class AgentAdmin(RoleModelAdmin):
    """Agents. Their status is their own to set; here it can only be ended."""

    list_display = ["name", "account", "status", "load", "capacity", "in_groups", "status_since"]
    list_filter = [("status", ChoicesDropdownFilter), ("groups", VisibleFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    autocomplete_fields = ["user"]
    readonly_fields = ["status", "status_reason", "status_since"]
    search_help_text = "姓名或用户名"
    fieldsets = [
        (None, {"fields": ["user", "name"]}),
        (
            "接待",
            {
                "fields": ["capacity"],
                "description": "接待上限是同时接待的会话数。保存后立即重新分配排队的访客。",
            },
        ),
        ("状态", {"fields": ["status", "status_reason", "status_since"]}),
    ]
    actions = ["set_offline"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An agent belongs to a user, so adding takes the right to manage users."""
        return super().has_add_permission(request, obj) and can(request.user, "users.manage")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for adding."""
        return super().has_delete_permission(request, obj) and can(request.user, "users.manage")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The account of an agent stays."""
        return [*self.readonly_fields, "user"] if obj else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        """With load and groups, for the list."""
        agents = super().get_queryset(request)
        return agents.annotate(load=items_of("agent", WorkState.ASSIGNED)).prefetch_related(
            "groups"
        )

    @admin.display(description="用户", ordering="user__username")
    def account(self, agent: Agent) -> str:
        """The log-in name."""
        return agent.user.get_username()

    @admin.display(description="接待中", ordering="load")
    def load(self, agent: Any) -> int:
        """How many conversations the agent holds."""
        return agent.load

    @admin.display(description="技能组")
    def in_groups(self, agent: Agent) -> str:
        """The groups' names."""
        return "、".join(group.name for group in agent.groups.all()) or "—"

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Keep the groups the editor cannot see, and route again."""
        shown = SkillGroup.objects.visible_to(request.user)
        hidden = list(form.instance.groups.exclude(pk__in=shown.values("pk")))
        super().save_related(request, form, formsets, change)
        form.instance.groups.add(*hidden)
        rerun_for_agents_on_commit([form.instance.pk])

    @action(description="设为离线")
    def set_offline(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        """For those who forgot to."""
        for agent in queryset:
            set_status(agent, AgentStatus.OFFLINE, "由主管设为离线")
        self.message_user(request, f"{len(queryset)} 位坐席已设为离线")


@admin.register(WorkItem)
class WorkItemAdmin(ReadOnlyModelAdmin):
    """Stays in the queue."""

    scoped_by = "group"
    list_display = [
        column("item_id", "对象"),
        column("state", "状态"),
        "group",
        "agent",
        "priority",
        "enqueued_at",
        "assigned_at",
    ]
    readonly_fields = [*list_display, "finished_at", "left_reason", "facts"]
    fields = readonly_fields
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("group", VisibleFilter),
        ("agent", VisibleFilter),
    ]
    list_select_related = ["group", "agent"]
    search_fields = ["left_reason"]
    search_help_text = "离开原因，或完整的会话编号"
    id_fields = ("item_id", "id")
    ordering = ["-enqueued_at"]
