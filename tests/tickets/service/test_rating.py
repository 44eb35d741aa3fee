"""The requester says how it was."""

import pytest

from lingxi.errors import Forbidden, Invalid, NotFound, TooLong, TransitionNotAllowed
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tickets.models import TicketRating
from tickets.service import SYSTEM, By, assign, move, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type, customer, agent):
    made = factories.ticket(type, requester=customer)
    assign(made.pk, SYSTEM, agent=agent)
    return move(made.pk, "resolve", SYSTEM)


def test_it_belongs_to_the_assignee_and_the_last_answer_counts(ticket, customer, agent):
    rate(ticket.pk, By.requester(customer), 2, "慢")
    rate(ticket.pk, By.requester(customer), 5, " 后来好了 ")
    row = TicketRating.objects.get()
    assert (row.score, row.comment, row.agent) == (5, "后来好了", agent)
    scores = Event.objects.filter(type="ticket.rated").order_by("occurred_at")
    assert [one.payload["score"] for one in scores] == [2, 5]


@pytest.mark.parametrize("score", [0, 6, True, "5", 4.5, None])
def test_a_score_is_a_whole_number_of_one_to_five(ticket, customer, score):
    with pytest.raises(Invalid):
        rate(ticket.pk, By.requester(customer), score)
    assert not TicketRating.objects.exists()


def test_not_before_it_is_resolved(ticket, customer):
    move(ticket.pk, "reopen", SYSTEM)
    with pytest.raises(TransitionNotAllowed):
        rate(ticket.pk, By.requester(customer), 5)


def test_a_comment_has_an_end(ticket, customer):
    with pytest.raises(TooLong):
        rate(ticket.pk, By.requester(customer), 5, "长" * 1001)


def test_nobody_but_the_requester_says_how_it_was(ticket, agent):
    with pytest.raises(NotFound):
        rate(ticket.pk, By.requester(base.CustomerFactory()), 5)
    with pytest.raises(Forbidden):
        rate(ticket.pk, By.staff(agent.user), 5)
    assert not TicketRating.objects.exists()
