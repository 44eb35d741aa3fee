"""Killed with -9 at any point, a rule makes one ticket, and the customer hears of it once."""

import subprocess
import sys

import pytest

from lingxi.events.models import Event, FailedHandling
from tests.factories import ConversationFactory
from tests.processes import environment
from tests.tickets.automation.conftest import rule
from tests.tickets.automation.killed_rules import MOST_POINTS, STEP
from tests.tickets.chat.told import texts
from tickets.models import RuleFiring, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_at_many_points():
    rule("keyword", words=["退款"], answer="已登记 {number}")
    conversations = [ConversationFactory(state="serving") for _ in range(MOST_POINTS // STEP + 2)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.tickets.automation.killed_rules"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    kills = int(run.stdout)
    assert kills > 6
    assert not Event.objects.filter(relayed_at=None).exists()
    assert not FailedHandling.objects.exists()
    assert Ticket.objects.count() == RuleFiring.objects.count() == kills + 1
    for one in conversations[: kills + 1]:
        assert len(texts(one)) == 1
        said = [row.text for row in one.messages.filter(author_type="bot")]
        assert len(said) == 1
