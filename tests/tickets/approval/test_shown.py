"""Requests as people see them, in lists and on the page of the ticket."""

import pytest

from tests import factories as base
from tests.tickets.approval.world import World, by_users, step
from tickets import service
from tickets.approval import decide, delegate
from tickets.approval.lists import of_tab, waiting_count
from tickets.approval.shown import approvals_of, shown_list
from tickets.service import By

pytestmark = pytest.mark.django_db


def _tabs(user):
    return {tab: [one.pk for one in of_tab(tab, user)] for tab in ("waiting", "asked", "done")}


def test_a_request_moves_from_waiting_to_done():
    world = World()
    approval = world.ask()
    assert _tabs(world.lead) == {"waiting": [approval.pk], "asked": [], "done": []}
    assert _tabs(world.asker) == {"waiting": [], "asked": [approval.pk], "done": []}
    assert waiting_count(world.lead) == 1
    decide(approval.pk, world.lead, "approve")
    assert _tabs(world.lead) == {"waiting": [], "asked": [], "done": [approval.pk]}
    assert waiting_count(world.lead) == 0


def test_what_somebody_else_decided_waits_for_nobody():
    first, second = (base.UserFactory(role="supervisor", scope="all") for _ in range(2))
    world = World(step(approvers=by_users(first, second)))
    approval = world.ask()
    decide(approval.pk, first, "approve")
    assert _tabs(second) == {"waiting": [], "asked": [], "done": []}


def test_what_was_handed_on_is_done_for_the_one_and_waits_for_the_other():
    world = World()
    deputy = base.UserFactory(role="agent")
    approval = world.ask()
    delegate(approval.pk, world.lead, deputy)
    assert _tabs(world.lead)["done"] == [approval.pk]
    assert _tabs(deputy)["waiting"] == [approval.pk]


def test_a_card_says_what_an_approver_has_to_know():
    world = World(step("经理", hours=24), amount=1234.5)
    world.ask(comment="客户电话 13811112222")
    [card] = shown_list(of_tab("waiting", world.lead), world.lead)
    assert (card.transition, card.label, card.may_decide) == ("解决", "审批中", True)
    assert card.reason == "客户电话 13811112222"
    assert [(one.label, one.text) for one in card.ticket.fields] == [("金额", "¥1,234.50")]
    assert card.steps[0].due_at is not None
    [own] = shown_list(of_tab("asked", world.asker), world.asker)
    assert (own.may_decide, own.may_withdraw) == (False, True)
    assert "138****2222" in own.reason


def test_a_list_costs_the_same_however_long_it_is(django_assert_max_num_queries):
    world = World()
    for _ in range(6):
        made = World.__new__(World)
        made.__dict__.update(world.__dict__)
        from tests.tickets import factories

        made.ticket = factories.ticket(world.type, assignee=world.agent, fields={"amount": 1})
        made.ask()
    rows = of_tab("waiting", world.lead)
    shown_list(rows[:1], world.lead)
    with django_assert_max_num_queries(6):
        assert len(shown_list(rows, world.lead)) == 6


def test_on_the_ticket_the_latest_comes_first():
    world = World()
    first = world.ask()
    decide(first.pk, world.lead, "return", "补凭证")
    second = world.ask()
    shown = approvals_of(world.ticket, world.lead)
    assert [(one.id, one.state) for one in shown] == [
        (second.pk, "pending"),
        (first.pk, "returned"),
    ]
    assert shown[1].steps[0].answers[0].reason == "补凭证"
    service.move(world.ticket.pk, "hold", By.staff(world.asker))
    assert approvals_of(world.ticket, world.lead)[0].outcome == "工单已变为“挂起”"
