"""Who looks at the list, and what there is for them to choose from. Read once per request."""

import datetime as dt
import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from lingxi.access.models import Scope
from lingxi.access.permissions import scope_of
from routing.models import Agent, SkillGroup
from routing.querysets import group_ids_of
from tickets.listing.fields import Offered, offered_to
from tickets.models import ApprovalAnswer, IssueType, TicketType, Watcher
from tickets.querysets import _hidden_types
from tickets.workflows import compiled

Choices = list[tuple[str, str]]
MOST_CONCERNS = 2_000


class Viewer:
    """A person at a moment. `now` is the same for all that one answer shows."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.now: dt.datetime = timezone.now()

    @cached_property
    def types(self) -> list[TicketType]:
        """The types of tickets, without those hidden from the person."""
        hidden = set(_hidden_types(self.user))
        rows = TicketType.objects.select_related("schema")
        return [row for row in rows if row.pk not in hidden]

    @cached_property
    def agents(self) -> list[Agent]:
        """Colleagues."""
        return list(Agent.objects.visible_to(self.user).order_by("name"))

    @cached_property
    def groups(self) -> list[SkillGroup]:
        """Skill groups."""
        return list(SkillGroup.objects.visible_to(self.user).order_by("name"))

    @cached_property
    def issues(self) -> list[IssueType]:
        """The tree of issue types."""
        return list(IssueType.objects.all())

    @cached_property
    def agent_ids(self) -> list[uuid.UUID]:
        """The person's own desk."""
        return [one.pk for one in self.agents if one.user_id == self.user.pk]

    @cached_property
    def offered(self) -> dict[str, Offered]:
        """The custom fields they may filter by."""
        return offered_to(self.user, self.types)

    @property
    def type_choices(self) -> Choices:
        """Types."""
        return [(str(one.pk), one.name) for one in self.types]

    @property
    def group_choices(self) -> Choices:
        """Groups."""
        return [(str(one.pk), one.name) for one in self.groups]

    @property
    def assignee_choices(self) -> Choices:
        """Me, nobody, and colleagues."""
        people = [(str(one.pk), one.name) for one in self.agents]
        return [("me", "我"), ("none", "未分配"), *people]

    @cached_property
    def status_choices(self) -> Choices:
        """The statuses of the workflows in force, each key once."""
        found: dict[str, str] = {}
        for one in self.types:
            if one.current_id is not None:
                for status in compiled(one.current_id).statuses.values():
                    found.setdefault(status.key, status.name)
        return list(found.items())

    @cached_property
    def issue_choices(self) -> Choices:
        """Issue types, those below others indented."""
        return [("none", "未分类"), *self._issues_below(None, "")]

    def _issues_below(self, parent: uuid.UUID | None, indent: str) -> Choices:
        found: Choices = []
        for one in self.issues:
            if one.parent_id == parent:
                found.append((str(one.pk), f"{indent}{one.name}"))
                found += self._issues_below(one.pk, f"{indent}　")
        return found

    def below_issues(self, wanted: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        """Issue types with all below them."""
        found, fresh = set[uuid.UUID](), set(wanted)
        while fresh:
            found |= fresh
            fresh = {one.pk for one in self.issues if one.parent_id in fresh} - found
        return sorted(found)

    def narrowing(self) -> Q | None:
        """What an index knows of the tickets they may see; None when that is no help.

        Wider than `visible_to`, never narrower.
        """
        scope = scope_of(self.user)
        if scope == Scope.ALL:
            return None
        watched = Watcher.objects.filter(user_id=self.user.pk).values_list("ticket_id")
        answers = ApprovalAnswer.objects.filter(user_id=self.user.pk)
        asked = answers.values_list("step__approval__ticket_id")
        ids = list(watched.union(asked)[: MOST_CONCERNS + 1])
        if len(ids) > MOST_CONCERNS:
            return None
        concerned = Q(pk__in=[row[0] for row in ids]) | Q(created_by=self.user.pk)
        concerned |= Q(assignee__in=self.agent_ids)
        mine = Q(group__in=group_ids_of(self.user))
        return concerned | (mine if scope == Scope.GROUP else mine & Q(assignee=None))
