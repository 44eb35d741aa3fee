"""Which ones: the queries of routing, and who may see what of it."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from lingxi.access.models import Scope
from lingxi.access.permissions import scope_of
from routing import kinds

if TYPE_CHECKING:
    from routing.models import Agent, SkillGroup, WorkItem
else:
    Agent = SkillGroup = WorkItem = object

HELD = ("offered", "assigned")
PENDING = ("waiting", "offered")


def group_ids_of(user: Any) -> set[uuid.UUID]:
    """The skill groups a person belongs to or supervises; kept on the user for the request."""
    if not hasattr(user, "_skill_group_ids"):
        from routing.models import SkillGroup

        supervised = get_objects_for_user(
            user, "routing.supervise_skillgroup", klass=SkillGroup, with_superuser=False
        )
        ids = set(SkillGroup.objects.filter(agents__user=user).values_list("id", flat=True))
        user._skill_group_ids = ids | set(supervised.values_list("id", flat=True))
    return user._skill_group_ids


class SkillGroupQuerySet(models.QuerySet["SkillGroup"]):
    """Skill groups."""

    def visible_to(self, user: Any) -> "SkillGroupQuerySet":
        """All for the scope `all`, else the person's own."""
        scope = scope_of(user)
        if scope is None:
            return self.none()
        return self if scope == Scope.ALL else self.filter(id__in=group_ids_of(user))


class AgentQuerySet(models.QuerySet["Agent"]):
    """Agents."""

    def visible_to(self, user: Any) -> "AgentQuerySet":
        """Colleagues of the person's groups, or all."""
        scope = scope_of(user)
        if scope is None:
            return self.none()
        if scope == Scope.ALL:
            return self
        return self.filter(Q(groups__in=group_ids_of(user)) | Q(user=user)).distinct()

    def reachable(self, now: dt.datetime | None = None) -> "AgentQuerySet":
        """Those with a living connection."""
        from routing.models import Presence

        lease = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=now or timezone.now())
        return self.filter(Exists(lease))

    def grouped(self) -> "AgentQuerySet":
        """Those in any group. Others are supervisors who stepped in, and are handed nothing."""
        from routing.models import Membership

        return self.filter(Exists(Membership.objects.filter(agent=OuterRef("pk"))))

    def with_load(self, kind: str = "") -> "AgentQuerySet":
        """Adds `load`: how many work items each holds, of what counts as `kind` does."""
        counted = Q(workitem__state__in=HELD, workitem__kind__in=kinds.sharing(kind))
        return self.annotate(load=Count("workitem", filter=counted, distinct=True))


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    """Work items."""

    def waiting(self) -> "WorkItemQuerySet":
        """The queue, first to be served first."""
        return self.filter(state="waiting").order_by("rank_at", "id")

    def pending(self) -> "WorkItemQuerySet":
        """Waiting, or offered to somebody who has not answered."""
        return self.filter(state__in=PENDING)

    def held(self, kind: str = "") -> "WorkItemQuerySet":
        """What counts as an agent's load for work of `kind`; "": for the general capacity."""
        return self.filter(state__in=HELD, kind__in=kinds.sharing(kind))

    def open(self) -> "WorkItemQuerySet":
        """Not done."""
        return self.exclude(state="done")


class _OfAgentQuerySet(models.QuerySet[Any]):
    """Rows that belong to an agent are seen by those who see the agent."""

    def visible_to(self, user: Any) -> Any:
        """Those of the agents the person may see."""
        from routing.models import Agent

        return self.filter(agent__in=Agent.objects.visible_to(user))


class BreakRequestQuerySet(_OfAgentQuerySet):
    """Requests for a break."""


class RosterEntryQuerySet(_OfAgentQuerySet):
    """Who works when."""
