"""Agents."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ChoiceField, ModelForm
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from lingxi.access.permissions import can
from lingxi.admin import RoleModelAdmin, RoleTabularInline, VisibleFilter
from routing.admin.parts import guarded, is_ticked, items_of, raise_strides
from routing.assignment import rerun_for_agents_on_commit
from routing.checks import check_level, check_staffed, uses_of_agent
from routing.models import (
    Agent,
    AgentStatus,
    ChannelCapacity,
    Membership,
    SkillGroup,
    WorkState,
)
from routing.presence import set_status
from routing.registry import channel_kinds


class MembershipFormSet(BaseInlineFormSet):
    """The groups of an agent."""

    def clean(self) -> None:
        """Refuses to leave a group that others flow over to without anybody who can serve."""
        super().clean()
        if any(self.errors):
            return
        for form in self.forms:
            if form.cleaned_data:
                self._check(form.cleaned_data["skillgroup"], form)

    def _check(self, group: SkillGroup, form: Any) -> None:
        others = Membership.objects.filter(skillgroup=group).exclude(agent_id=self.instance.pk)
        levels = list(others.values_list("level", flat=True))
        if not is_ticked(form):
            levels.append(form.cleaned_data["level"])
        check_level(group, levels)
        check_staffed(group, len(levels))


class MembershipInline(RoleTabularInline):
    """The groups of an agent, as far as they are in sight."""

    model = Membership
    formset = MembershipFormSet
    permission = "routing.manage"
    scoped_by = "skillgroup"
    fields = ["skillgroup", "level", "weight"]
    verbose_name = "技能组"
    verbose_name_plural = "技能组"


class ChannelCapacityForm(ModelForm):
    """A limit for one of the kinds of channel there are, or for lasting work."""

    channel_kind = ChoiceField(
        label="渠道类型", choices=channel_kinds, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = ChannelCapacity
        fields = ["channel_kind", "capacity"]


class ChannelCapacityInline(RoleTabularInline):
    """How many of one kind of channel at once, within the capacity.

    Lasting work (tickets) stands among the kinds: its limit is a capacity of its own.
    """

    model = ChannelCapacity
    form = ChannelCapacityForm
    permission = "routing.manage"


@admin.register(Agent)
class AgentAdmin(RoleModelAdmin):
    """Agents. Their status is their own to set; here it can only be ended."""

    permission = "routing.manage"
    inlines = [MembershipInline, ChannelCapacityInline]
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
                "description": "接待上限是同时接待的会话数。保存后立即重新分配排队的访客。"
                "工单不占接待上限：它的上限在下面单独设置。",
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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with them, and where they are needed, which forbids it."""
        return guarded(super().get_deleted_objects(objs, request), objs, uses_of_agent)

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
        """Route again: there may be more room, or less."""
        super().save_related(request, form, formsets, change)
        raise_strides(formsets)
        rerun_for_agents_on_commit([form.instance.pk])

    @action(description="设为离线")
    def set_offline(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        """For those who forgot to."""
        for agent in queryset:
            set_status(agent, AgentStatus.OFFLINE, "由主管设为离线")
        self.message_user(request, f"{len(queryset)} 位坐席已设为离线")
