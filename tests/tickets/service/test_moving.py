"""Pulling transitions: what it writes, tells and refuses."""

import copy
import datetime as dt

import pytest
from django.utils import timezone

from lingxi.errors import Conflict, Forbidden, Invalid, NotFound, TransitionNotAllowed
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tickets.models import Comment, Entry, Ticket
from tickets.service import SYSTEM, By, move, transitions_for
from tickets.workflow import STANDARD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type, customer):
    return factories.ticket(type, requester=customer)


def keys(ticket, by):
    ticket.refresh_from_db()
    return [one.key for one in transitions_for(ticket, by)]


def test_it_writes_the_status_a_public_entry_and_the_event(ticket, agent):
    moved = move(ticket.pk, "resolve", By.staff(agent.user), comment="已换货", is_public=True)
    assert (moved.status, moved.category, moved.revision) == ("resolved", "resolved", 2)
    entry = Entry.objects.get(ticket=ticket, kind="status")
    assert (entry.is_public, entry.user, entry.revision) == (True, agent.user, 2)
    assert entry.data["changes"]["status"] == {"label": "状态", "from": "待受理", "to": "已解决"}
    assert Comment.objects.get(ticket=ticket).text == "已换货"
    event = Event.objects.get(type="ticket.resolved")
    assert (event.payload["status"], event.payload["by"]["kind"]) == ("resolved", "user")


def test_times_follow_what_became_of_it(ticket, type):
    resolved = move(ticket.pk, "resolve", SYSTEM)
    assert resolved.resolved_at is not None
    days = resolved.close_due_at - resolved.resolved_at
    assert days == dt.timedelta(days=type.close_after_days)
    closed = move(ticket.pk, "close", SYSTEM)
    assert (closed.resolved_at, closed.close_due_at) == (resolved.resolved_at, None)
    assert closed.closed_at is not None
    again = move(ticket.pk, "reopen", SYSTEM)
    assert (again.resolved_at, again.closed_at, again.reopens) == (None, None, 1)


def test_a_type_that_closes_nothing_by_itself_sets_no_time(customer):
    type = factories.TicketTypeFactory(close_after_days=0)
    assert move(factories.ticket(type).pk, "resolve", SYSTEM).close_due_at is None


def test_an_old_revision_is_refused_with_what_others_changed(ticket, agent, supervisor):
    move(ticket.pk, "start", By.staff(supervisor))
    with pytest.raises(Conflict) as refused:
        move(ticket.pk, "resolve", By.staff(agent.user), revision=1)
    told = refused.value.fields
    assert told["revision"] == 2
    assert told["changes"][0]["by"] == "主管"
    assert told["changes"][0]["changes"]["status"]["to"] == "处理中"
    assert Ticket.objects.get().status == "open"


@pytest.mark.parametrize("key", ["nonsense", "resume", ""])
def test_a_step_that_does_not_start_here_is_refused(ticket, key):
    with pytest.raises(TransitionNotAllowed):
        move(ticket.pk, key, SYSTEM)


def test_nothing_is_left_of_a_step_that_was_refused(type, agent):
    content = copy.deepcopy(STANDARD)
    content["transitions"][0]["comment"] = True
    factories.publish_workflow(type, content)
    ticket = factories.ticket(type)
    with pytest.raises(Invalid):
        move(ticket.pk, "start", By.staff(agent.user), {"title": "另一个", "priority": 4})
    ticket.refresh_from_db()
    assert (ticket.title, ticket.revision, ticket.status) == ("申请退款", 1, "new")
    assert Entry.objects.filter(ticket=ticket).count() == 1


def test_who_may_not_see_it_learns_nothing_of_it(ticket, stranger):
    with pytest.raises(NotFound):
        move(ticket.pk, "start", By.staff(stranger.user))
    other = base.CustomerFactory()
    with pytest.raises(NotFound):
        move(ticket.pk, "reopen", By.requester(other))


@pytest.mark.parametrize("role", ["inspector", "auditor", "partner"])
def test_readers_pull_nothing(ticket, role):
    with pytest.raises(Forbidden):
        move(ticket.pk, "start", By.staff(base.UserFactory(role=role, scope="all")))


def test_what_is_offered_is_what_may_be_pulled(ticket, agent, supervisor, customer):
    assert keys(ticket, By.staff(agent.user)) == ["start", "wait", "hold", "resolve"]
    assert keys(ticket, By.staff(supervisor)) == ["start", "wait", "hold", "resolve", "close"]
    assert keys(ticket, By.requester(customer)) == []
    move(ticket.pk, "resolve", SYSTEM)
    assert keys(ticket, By.requester(customer)) == ["reopen"]


def test_a_customer_reopens_within_the_days_of_the_type_only(ticket, customer, type):
    move(ticket.pk, "resolve", SYSTEM)
    late = timezone.now() - dt.timedelta(days=type.reopen_days, minutes=1)
    Ticket.objects.update(resolved_at=late)
    assert keys(ticket, By.requester(customer)) == []
    with pytest.raises(Forbidden):
        move(ticket.pk, "reopen", By.requester(customer))
    assert move(ticket.pk, "reopen", SYSTEM).status == "open"


def test_a_merged_ticket_stands_still(ticket, type, customer, supervisor):
    other = factories.ticket(type, requester=customer)
    factories.service.merge(ticket.pk, other.pk, By.staff(supervisor))
    assert keys(ticket, By.staff(supervisor)) == []
    with pytest.raises(Forbidden):
        move(ticket.pk, "reopen", By.staff(supervisor))
