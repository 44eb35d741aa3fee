"""Killed with -9 at every step, a trial is taken up again and comes out as if nothing had been."""

import subprocess
import sys

import pytest

from routing.models import SimulationRun, SimulationState, Strategy
from routing.simulation import runs
from tests.factories import SkillGroupFactory
from tests.processes import environment
from tests.routing.simulation.traffic import SINCE, UNTIL, rule_to, traffic

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_at_every_step():
    sales, care = SkillGroupFactory(), SkillGroupFactory()
    traffic(sales, care)
    strategy = Strategy.objects.create(kind="conversation", name="会话")
    asked = {"strategy": strategy, "rules": [rule_to(care)], "since": SINCE, "until": UNTIL}
    undisturbed, killed = (SimulationRun.objects.create(**asked) for _ in range(2))
    runs.work_on(undisturbed.pk)

    done = subprocess.run(
        [sys.executable, "-m", "tests.routing.simulation.killed_run"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 20

    undisturbed.refresh_from_db()
    killed.refresh_from_db()
    assert killed.state == SimulationState.DONE
    assert killed.attempts > 10
    assert killed.result == undisturbed.result
    assert killed.result["moved"] == 10
