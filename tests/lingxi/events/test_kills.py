"""Killed with -9 at every step, the relay loses nothing and does nothing twice."""

import subprocess
import sys

import pytest
from django.db import connection

from lingxi.events.models import Event, FailedHandling
from tests.lingxi.events.killed_relay import EVENTS
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def effects():
    """A table without constraints, where a doubled effect would show."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE relay_effect (subscriber text, event_id uuid)")
        yield cursor
        cursor.execute("DROP TABLE relay_effect")


def test_killed_at_every_step(effects):
    run = subprocess.run(
        [sys.executable, "-m", "tests.lingxi.events.killed_relay"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    kills = int(run.stdout)
    assert kills > 30
    assert Event.objects.count() == EVENTS * (kills + 1)
    assert not Event.objects.filter(relayed_at=None).exists()
    assert not FailedHandling.objects.exists()

    effects.execute("SELECT subscriber, event_id FROM relay_effect")
    found = effects.fetchall()
    plain = {("steady", event_id) for event_id in Event.objects.values_list("event_id", flat=True)}
    picky = {
        ("picky", event_id)
        for event_id in Event.objects.filter(type="test.picky").values_list("event_id", flat=True)
    }
    assert len(found) == len(set(found))
    assert set(found) == plain | picky
