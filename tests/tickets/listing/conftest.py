"""Tickets of two types in two groups, and people of every scope who look at them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import QueryDict

from tests import factories
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets.listing.paging import page_of
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer
from tickets.models import Ticket

FORM: list[dict[str, Any]] = [
    {"key": "city", "type": "text", "label": "城市"},
    {"key": "amount", "type": "money", "label": "金额"},
    {"key": "bought", "type": "date", "label": "购买日期"},
    {"key": "pickup", "type": "datetime", "label": "取件"},
    {
        "key": "reason",
        "type": "choice",
        "label": "原因",
        "options": [{"value": "bad", "label": "质量"}, {"value": "late", "label": "太慢"}],
    },
    {
        "key": "wants",
        "type": "multi_choice",
        "label": "诉求",
        "options": [{"value": "refund", "label": "退款"}, {"value": "swap", "label": "换货"}],
    },
    {
        "key": "place",
        "type": "cascade",
        "label": "地区",
        "levels": [
            {"value": "广东", "children": [{"value": "深圳"}, {"value": "广州"}]},
            {"value": "浙江", "children": [{"value": "杭州"}]},
        ],
    },
    {"key": "opened", "type": "boolean", "label": "已拆封"},
    {"key": "account", "type": "text", "label": "账号", "sensitive": True},
    {"key": "internal", "type": "text", "label": "内部", "visible": ["supervisor", "admin"]},
]


@dataclass
class Desk:
    """Groups, types and people."""

    groups: list[Any] = field(default_factory=list)
    types: list[Any] = field(default_factory=list)
    agent: Any = None  # of the first group, scope own
    colleague: Any = None
    lead: Any = None  # supervisor, scope all

    def ticket(self, **more: Any) -> Ticket:
        """A ticket of the first type."""
        more.setdefault("type", self.types[0])
        return ticket(**more)


@pytest.fixture
def desk(db: None) -> Desk:
    """The small business."""
    groups = [factories.SkillGroupFactory() for _ in range(2)]
    found = Desk(groups=groups)
    found.types = [
        TicketTypeFactory(group=groups[0], form=FORM),
        TicketTypeFactory(group=groups[1]),
    ]
    found.agent = factories.AgentFactory(groups=groups[:1])
    found.colleague = factories.AgentFactory(groups=groups[:1])
    found.lead = factories.AgentFactory(user__role="supervisor", user__scope="all")
    return found


def fresh(user: Any) -> Any:
    """The user as the next request reads them."""
    return type(user).objects.get(pk=user.pk)


def found_by(user: Any, query: str, size: int = 50) -> list[int]:
    """The numbers of the tickets that a person finds, in order."""
    viewer = Viewer(fresh(user))
    page = page_of(parse(QueryDict(query), viewer), viewer, size)
    return [row.number for row in page.tickets]
