"""The sweep of tickets."""

import pytest

from lingxi.errors import Conflict
from tickets import supervision
from tickets.tasks import sweep

pytestmark = pytest.mark.django_db
STEPS = {"sla", "approvals", "orders", "escalated", "closed"}


def test_when_nothing_is_due_each_part_asks_little(django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        done = sweep()
    assert set(done) >= STEPS
    assert not any(done.values())


@pytest.mark.parametrize("error", [Conflict("不行"), RuntimeError("unforeseen")])
def test_a_part_that_fails_hinders_no_other(monkeypatch, error):
    from tickets.approval import timing
    from tickets.escalation import closing

    done = []

    def fail():
        raise error

    monkeypatch.setattr(timing, "sweep", fail)
    monkeypatch.setattr(supervision, "sweep", lambda: done.append("orders"))
    monkeypatch.setattr(closing, "sweep", lambda: done.append("closed"))
    assert sweep()["approvals"] == 0
    assert done == ["orders", "closed"]
