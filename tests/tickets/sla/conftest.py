"""A time that stands still until a test moves it, and who a ticket is between."""

import pytest
from django.utils import timezone

from tests import factories as base
from tests.tickets import factories
from tests.tickets.sla.world import Now
from tickets.service import By


@pytest.fixture
def now(monkeypatch):
    """The time; Friday at ten when a test begins."""
    time = Now()
    monkeypatch.setattr(timezone, "now", time)
    return time


@pytest.fixture
def office():
    """Monday to Friday, nine to six."""
    return base.BusinessHoursFactory()


@pytest.fixture
def type():
    return factories.TicketTypeFactory()


@pytest.fixture
def staff():
    return By.staff(base.UserFactory(role="supervisor", scope="all"))


@pytest.fixture
def customer():
    return base.CustomerFactory()
