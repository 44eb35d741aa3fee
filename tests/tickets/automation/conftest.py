"""Conversations in which rules may fire, and rules."""

from typing import Any

import pytest

from conversations.models import Conversation
from tests.factories import ConversationFactory, SkillGroupFactory
from tests.tickets.factories import TicketTypeFactory
from tickets.models import CreationRule


@pytest.fixture
def group(db: None) -> Any:
    return SkillGroupFactory()


@pytest.fixture
def conversation(group: Any) -> Conversation:
    """One that an agent serves."""
    return ConversationFactory(state="serving", channel__group=group)


def rule(trigger: str, **more: Any) -> CreationRule:
    """A rule that holds everywhere, unless `channels` or `groups` say where."""
    where = {name: more.pop(name) for name in ("channels", "groups") if name in more}
    said = {
        "type": more.pop("type", None) or TicketTypeFactory(),
        "name": f"规则 {trigger}",
        **more,
    }
    made = CreationRule.objects.create(trigger=trigger, **said)
    for name, rows in where.items():
        getattr(made, name).set(rows)
    return made
