"""Which ones: the queries of routing, and who may see what of it."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

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
        with connection.cursor() as cursor:
            cursor.execute(_GROUPS, {"user": user.pk})
            user._skill_group_ids = {row[0] for row in cursor.fetchall()}
    return user._skill_group_ids


# In one statement, as nearly every request asks for it: guardian's own query for the second part
# takes Python longer than all the rest of `visible_to`.
_GROUPS = """
WITH supervise AS (
    SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE p.codename = 'supervise_skillgroup' AND t.app_label = 'routing' AND t.model = 'skillgroup'
)
SELECT m.skillgroup_id FROM routing_agent_groups m JOIN routing_agent a ON a.id = m.agent_id
WHERE a.user_id = %(user)s
UNION
SELECT g.object_pk::uuid FROM guardian_userobjectpermission g
WHERE g.user_id = %(user)s AND g.permission_id IN (SELECT id FROM supervise)
UNION
SELECT g.object_pk::uuid FROM guardian_groupobjectpermission g
JOIN auth_user_groups u ON u.group_id = g.group_id
WHERE u.user_id = %(user)s AND g.permission_id IN (SELECT id FROM supervise)
"""


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
