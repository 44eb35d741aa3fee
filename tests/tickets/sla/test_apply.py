"""Clocks follow what happens to their ticket."""

import datetime as dt

import pytest

from conversations.models import Notice
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tests.tickets.sla.world import FIRST, NEXT, RESOLUTION, at, clock, policy
from tickets import service
from tickets.models import Entry, Priority, SlaClock, SlaPolicy, Ticket
from tickets.service import SYSTEM, By
from tickets.service.change import change_of
from tickets.sla.apply import on_change
from tickets.sla.sweep import sweep

pytestmark = pytest.mark.django_db
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@pytest.fixture
def ticket(now, office, type, customer):
    """Made on Friday at ten; a policy in office hours."""
    policy(office)
    return factories.ticket(type, requester=customer)


def due(ticket):
    return Ticket.objects.get(pk=ticket.pk).due_at


def state(ticket, metric):
    return clock(ticket, metric).state


def say(ticket, by, **more):
    return service.comment(ticket.pk, by, "好的", **more)


# -- beginning and meeting ---------------------------------------------------------------------


def test_a_new_ticket_is_due_by_its_policy(ticket):
    first, resolution = clock(ticket, FIRST), clock(ticket, RESOLUTION)
    assert (first.due_at, first.warn_at) == (at("11:00"), at("10:48"))
    assert resolution.due_at == at("18:00")
    assert first.policy is not None
    assert due(ticket) == at("11:00")
    assert not SlaClock.objects.filter(metric=NEXT).exists()


def test_a_public_answer_by_staff_meets_the_first_response(ticket, staff, now):
    now.is_("10:20")
    say(ticket, staff, is_public=True)
    first = clock(ticket, FIRST)
    assert (first.state, first.met_at, first.spent) == ("met", at("10:20"), 20 * MINUTE)
    assert due(ticket) == at("18:00")


def test_a_note_among_colleagues_meets_nothing(ticket, staff, now):
    say(ticket, staff)
    assert state(ticket, FIRST) == "running"


def test_the_words_of_a_rule_meet_nothing(ticket):
    say(ticket, By.rule("自动回复"), is_public=True)
    assert state(ticket, FIRST) == "running"


def test_each_question_of_the_customer_begins_a_round(ticket, staff, customer, now):
    say(ticket, By.requester(customer))
    assert not SlaClock.objects.filter(metric=NEXT).exists()  # the first answer is still owed
    say(ticket, staff, is_public=True)
    now.is_("10:30")
    say(ticket, By.requester(customer))
    now.is_("10:40")
    say(ticket, By.requester(customer))  # the same question, in other words
    first_round = clock(ticket, NEXT)
    assert (first_round.round, first_round.due_at) == (1, at("12:30"))
    assert due(ticket) == at("12:30")
    now.is_("11:30")
    say(ticket, staff, is_public=True)
    first_round.refresh_from_db()
    assert (first_round.state, first_round.spent) == ("met", HOUR)
    say(ticket, By.requester(customer))
    assert clock(ticket, NEXT).round == 2


# -- pausing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("transition", ["wait", "hold"])
def test_waiting_stops_the_resolution_but_not_the_first_response(ticket, staff, now, transition):
    now.is_("12:00")
    sweep()
    service.move(ticket.pk, transition, staff)
    assert (state(ticket, RESOLUTION), state(ticket, FIRST)) == ("paused", "breached")
    assert clock(ticket, RESOLUTION).due_at is None
    now.is_("2026-11-23 10:00")
    service.move(ticket.pk, "resume", staff)
    assert clock(ticket, RESOLUTION).due_at == at("2026-11-23 16:00")  # six hours were left


def test_the_answer_of_the_customer_lets_it_go_on(ticket, staff, customer, now):
    say(ticket, staff, is_public=True)
    service.move(ticket.pk, "wait", staff)
    assert due(ticket) is None
    now.is_("14:00")
    say(ticket, By.requester(customer))
    assert state(ticket, RESOLUTION) == "running"
    assert clock(ticket, RESOLUTION).due_at == at("2026-11-23 13:00")
    assert clock(ticket, NEXT).due_at == at("16:00")


def test_what_is_said_before_waiting_counts(ticket, staff, customer, now):
    say(ticket, staff, is_public=True)
    say(ticket, By.requester(customer))
    service.move(ticket.pk, "wait", staff, comment="请补充订单号", is_public=True)
    assert state(ticket, NEXT) == "met"


# -- the end, and after it ---------------------------------------------------------------------


def test_resolving_meets_everything(ticket, staff, now):
    now.is_("10:30")
    service.move(ticket.pk, "resolve", staff)
    assert (state(ticket, FIRST), state(ticket, RESOLUTION)) == ("met", "met")
    assert due(ticket) is None
    assert clock(ticket, RESOLUTION).spent == 30 * MINUTE


def test_closing_without_an_answer_takes_the_response_out_of_the_count(ticket, staff):
    service.move(ticket.pk, "close", staff)
    assert (state(ticket, FIRST), state(ticket, RESOLUTION)) == ("cancelled", "met")


def test_reopened_the_resolution_goes_on_from_where_it_was(ticket, staff, now):
    now.is_("15:00")
    service.move(ticket.pk, "resolve", staff)
    now.is_("2026-11-24 09:00")
    service.move(ticket.pk, "reopen", staff)
    resolution = clock(ticket, RESOLUTION)
    assert (resolution.state, resolution.due_at) == ("running", at("2026-11-24 12:00"))
    assert (resolution.met_at, resolution.spent) == (None, None)


def test_reopened_it_has_the_terms_of_the_day(ticket, staff, now, office):
    service.move(ticket.pk, "resolve", staff)
    policy(office, order=0, name="A", resolution=60, first_response=None)
    now.is_("12:00")
    service.move(ticket.pk, "reopen", staff)
    assert clock(ticket, RESOLUTION).due_at == at("13:00")


def test_the_customer_who_reopens_is_owed_an_answer(ticket, staff, customer, now):
    service.move(ticket.pk, "resolve", staff)
    service.move(ticket.pk, "reopen", By.requester(customer), comment="还是不行", is_public=True)
    assert state(ticket, NEXT) == "running"


def test_thanks_after_the_end_ask_for_nothing(ticket, staff, customer):
    service.move(ticket.pk, "resolve", staff)
    say(ticket, By.requester(customer))
    assert not SlaClock.objects.filter(metric=NEXT).exists()


def test_a_merged_ticket_owes_nothing_any_more(ticket, staff, type, customer):
    other = factories.ticket(type, requester=customer)
    service.merge(ticket.pk, other.pk, staff)
    assert (state(ticket, FIRST), state(ticket, RESOLUTION)) == ("cancelled", "cancelled")
    assert due(ticket) is None
    assert state(other, FIRST) == "running"


# -- other terms -------------------------------------------------------------------------------


def test_a_higher_priority_keeps_what_was_used_and_asks_for_more(now, office, type, staff):
    policy(office, resolution=480)
    policy(None, order=0, name="A", priorities=[Priority.URGENT], resolution=240)
    now.is_("17:30")
    made = factories.ticket(type)
    now.is_("2026-11-23 09:30")
    service.edit(made.pk, staff, {"priority": Priority.URGENT})
    resolution = clock(made, RESOLUTION)
    assert resolution.elapsed == HOUR
    assert resolution.due_at == at("2026-11-23 12:30")


def test_a_policy_that_comes_later_counts_from_the_beginning(now, office, type, staff, customer):
    made = factories.ticket(type, requester=customer)
    assert due(made) is None
    now.is_("11:00")
    service.move(made.pk, "wait", staff)
    now.is_("12:00")
    service.move(made.pk, "resume", staff)
    policy(office, priorities=[Priority.HIGH])
    now.is_("13:00")
    service.edit(made.pk, staff, {"priority": Priority.HIGH})
    assert clock(made, RESOLUTION).due_at == at("2026-11-23 10:00")  # two hours of eight are used


def test_no_policy_fits_any_more(ticket, staff):
    SlaPolicy.objects.update(priorities=[Priority.NORMAL])
    service.edit(ticket.pk, staff, {"priority": Priority.LOW})
    first = clock(ticket, FIRST)
    assert (first.state, first.due_at, first.policy_id, first.calendar) == ("running",) + (
        None,
    ) * 3
    assert due(ticket) is None


def test_the_level_of_the_customer_counts(now, type):
    policy(levels=["gold"], first_response=10)
    gold, plain = base.CustomerFactory(level="gold"), base.CustomerFactory()
    assert due(factories.ticket(type, requester=gold)) == at("10:10")
    assert due(factories.ticket(type, requester=plain)) is None


# -- what no sweep has told of ---------------------------------------------------------------------


def test_answered_late_before_any_sweep_is_a_breach_at_its_time(ticket, staff, now):
    now.is_("11:30")
    say(ticket, staff, is_public=True)
    first = clock(ticket, FIRST)
    assert (first.state, first.breached_at, first.met_at) == ("breached", at("11:00"), at("11:30"))
    assert Ticket.objects.get(pk=ticket.pk).is_breached
    told = Event.objects.filter(type__startswith="ticket.sla").order_by("position")
    assert [(one.type, one.occurred_at) for one in told] == [
        ("ticket.sla_warning", at("10:48")),
        ("ticket.sla_breached", at("11:00")),
    ]
    assert told[1].payload["metric"] == "first_response"
    assert told[1].payload["by"]["kind"] == "system"
    entries = Entry.objects.filter(kind="sla")
    assert [(one.actor_kind, one.created_at) for one in entries] == [
        ("system", at("10:48")),
        ("system", at("11:00")),
    ]
    assert sweep() == 0  # nothing is told twice


def test_a_breach_stays_one_whatever_comes(ticket, staff, now):
    now.is_("11:30")
    service.edit(ticket.pk, staff, {"priority": Priority.LOW})
    service.move(ticket.pk, "resolve", staff)
    service.move(ticket.pk, "reopen", staff)
    assert clock(ticket, FIRST).breached_at == at("11:00")
    assert Event.objects.filter(type="ticket.sla_breached").count() == 1


def test_assignee_and_supervisors_hear_of_a_breach_once(now, office, type):
    agent = base.AgentFactory(groups=[type.group])
    lead = base.UserFactory(role="supervisor", scope="all")
    policy(office)
    factories.ticket(type, group=type.group, assignee=agent)
    now.is_("10:50")
    sweep()
    told = Notice.objects.filter(text__contains="首次响应即将超时")
    assert {one.user_id for one in told} == {agent.user_id, lead.pk}
    now.is_("2026-11-23 10:00")
    sweep()
    sweep()
    assert Notice.objects.filter(user=lead, text__contains="超时").count() == 3
    assert not Notice.objects.filter(
        text__contains="解决即将超时"
    ).exists()  # it is too late for it


# -- what it costs -----------------------------------------------------------------------------


def test_assigning_touches_no_clock(ticket, django_assert_num_queries, staff, type):
    with change_of(ticket.pk, SYSTEM) as change:
        change.kinds.add("assigned")
        with django_assert_num_queries(0):
            on_change(change)
