"""Resolved tickets close by themselves."""

import copy

import pytest

from tests.tickets import factories
from tests.tickets.escalation.world import later
from tickets import service
from tickets.escalation import closing
from tickets.models import Entry, Ticket
from tickets.service import SYSTEM
from tickets.workflow import STANDARD

pytestmark = pytest.mark.django_db
WEEK = 7 * 24


def _resolved(**changes):
    content = copy.deepcopy(STANDARD)
    for one in content["transitions"]:
        if one["key"] == "close":
            one.update(changes)
    made = factories.ticket(factories.TicketTypeFactory(workflow=content))
    service.move(made.pk, "resolve", SYSTEM)
    return made


def test_it_closes_when_nobody_reopened_it():
    made = _resolved()
    assert closing.sweep(later(WEEK - 1)) == 0
    assert [closing.sweep(later(WEEK + 1)), closing.sweep(later(WEEK + 1))] == [1, 0]
    made.refresh_from_db()
    assert made.status == "closed"
    assert Entry.objects.filter(kind="status").order_by("-id")[0].actor_name == "自动关闭"


def test_what_was_reopened_stays_open():
    made = _resolved()
    service.move(made.pk, "reopen", SYSTEM)
    assert closing.sweep(later(WEEK + 1)) == 0


@pytest.mark.parametrize(
    "changes", [{"relations": ["assignee"]}, {"comment": True}, {"approval": "any"}]
)
def test_where_rules_may_not_close_it_stays_resolved(changes):
    made = _resolved(**changes)
    assert closing.sweep(later(WEEK + 1)) == 0
    made.refresh_from_db()
    assert (made.status, made.close_due_at) == ("resolved", None)


def test_what_stands_against_it_is_tried_again_a_day_later():
    made = _resolved(required=["missing"])
    publish = factories.publish_form
    publish(made.type, [{"key": "missing", "type": "text", "label": "结论"}])
    assert closing.sweep(later(WEEK + 1)) == 0
    assert closing.sweep(later(WEEK + 2)) == 0
    due = Ticket.objects.get(pk=made.pk).close_due_at
    assert later(WEEK + 24) < due < later(WEEK + 26)
