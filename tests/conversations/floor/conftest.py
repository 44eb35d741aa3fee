"""A floor with what there is to see on one."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from conversations.floor import sharing
from lingxi.access.models import Role, Scope
from routing.models import SkillGroup
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    SkillGroupFactory,
    UserFactory,
)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test begins with the snapshot of another."""
    monkeypatch.setattr(sharing, "_last", None)


def ago(seconds: float) -> dt.datetime:
    """A moment in the past."""
    return timezone.now() - dt.timedelta(seconds=seconds)


class Floor:
    """One group with its channel; what is put on it has sensible defaults."""

    def __init__(self, name: str) -> None:
        self.group: SkillGroup = SkillGroupFactory(name=name)
        self.channel = ChannelFactory(group=self.group)

    def agent(self, **kwargs: Any) -> Any:
        """An agent of the group, ready unless said otherwise."""
        return AgentFactory(**{"ready": True, "groups": [self.group], **kwargs})

    def conversation(self, state: str = "queued", agent: Any = None, **kwargs: Any) -> Any:
        """A conversation of the group."""
        customer = kwargs.pop("customer", None) or CustomerFactory()
        return ConversationFactory(
            channel=self.channel, customer=customer, state=state, agent=agent, **kwargs
        )

    def waiting(self, seconds: float, **kwargs: Any) -> Any:
        """One that waits since so long."""
        from routing.models import WorkItem

        one = self.conversation(**kwargs)
        since = ago(seconds)
        WorkItem.objects.filter(item_id=one.pk).update(enqueued_at=since, rank_at=since)
        return one

    def unanswered(self, seconds: float, agent: Any = None, **kwargs: Any) -> Any:
        """One whose agent has not answered since so long."""
        return self.conversation(
            "serving", agent or self.agent(), waiting_since=ago(seconds), **kwargs
        )

    def supervisor(self, **kwargs: Any) -> Any:
        """Somebody who supervises this group and no other."""
        user = UserFactory(**{"role": Role.SUPERVISOR, "scope": Scope.GROUP, **kwargs})
        assign_perm("supervise_skillgroup", user, self.group)
        return user


@pytest.fixture
def floor(db: None) -> Floor:
    """售后."""
    return Floor("售后")


@pytest.fixture
def other(db: None) -> Floor:
    """售前."""
    return Floor("售前")
