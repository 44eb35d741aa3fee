"""Watching: who is told, and sees it from then on."""

import pytest

from lingxi.errors import Forbidden, Invalid, NotFound
from tests import factories as base
from tests.tickets import factories
from tickets.models import Entry, Ticket, Watcher
from tickets.service import By, unwatch, watch
from tickets.service.watching import watching

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type):
    return factories.ticket(type)


def test_somebody_watches_once_and_stops(ticket, agent):
    by = By.staff(agent.user)
    watch(ticket.pk, by)
    watch(ticket.pk, by)
    assert watching(ticket, agent.user)
    assert Watcher.objects.count() == 1
    unwatch(ticket.pk, by)
    unwatch(ticket.pk, by)
    assert not watching(ticket, agent.user)
    kinds = Entry.objects.filter(ticket=ticket, kind="watch").order_by("id")
    assert [list(one.data) for one in kinds] == [["added"], ["removed"]]


def test_who_is_made_to_watch_sees_it_from_then_on(ticket, agent, stranger):
    assert not Ticket.objects.visible_to(stranger.user).exists()
    watch(ticket.pk, By.staff(agent.user), stranger.user)
    assert Ticket.objects.visible_to(stranger.user).get() == ticket


def test_readers_may_watch_themselves_but_nobody_else(ticket, agent):
    inspector = base.UserFactory(role="inspector", scope="all")
    watch(ticket.pk, By.staff(inspector))
    with pytest.raises(Forbidden):
        watch(ticket.pk, By.staff(inspector), agent.user)


@pytest.mark.parametrize("role", ["partner", None])
def test_nobody_watches_who_may_see_no_tickets(ticket, agent, role):
    with pytest.raises(Invalid):
        watch(ticket.pk, By.staff(agent.user), base.UserFactory(role=role))
    assert not Watcher.objects.exists()


def test_what_is_out_of_sight_cannot_be_watched(ticket, stranger):
    with pytest.raises(NotFound):
        watch(ticket.pk, By.staff(stranger.user))
