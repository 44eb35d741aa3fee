"""How good the suggestions are, judged on tickets that were not told."""

import pytest

from tests.tickets.classification.corpus import learned, resolved
from tests.tickets.factories import IssueTypeFactory
from tickets.classification import learning
from tickets.classification.accuracy import estimate

pytestmark = pytest.mark.django_db


def test_most_of_a_clear_history_is_predicted():
    learned()
    found = estimate()
    assert found.judged == 27
    assert found.share > 0.8
    assert {row.issue_type.name: row.chosen for row in found.rows} == {
        "发票": 9,
        "物流": 9,
        "故障": 9,
    }
    for row in found.rows:
        assert row.right <= row.chosen
        assert row.right + sum(n for _, n in row.mixed) + row.silent <= row.chosen


def test_a_ticket_does_not_tell_what_it_is_itself():
    """Unlike any other of its issue type: what it taught would give it away."""
    invoice, *_ = learned()
    resolved("琥珀蜜蜡珊瑚翡翠", invoice)
    learning.learn()
    odd = next(row for row in estimate(1).rows)
    assert (odd.chosen, odd.right, odd.silent) == (1, 0, 1)


def test_what_was_taken_for_another_is_named():
    invoice, delivery, _ = learned()
    resolved("发票抬头写错了，能不能重新开具发票，公司报销", delivery)
    learning.learn()
    (row,) = [row for row in estimate(1).rows if row.chosen]
    assert (row.issue_type, row.mixed) == (delivery, [(invoice, 1)])
    assert row.recall == 0
    assert row.precision is None


def test_nothing_learned_is_nothing_judged():
    IssueTypeFactory()
    found = estimate()
    assert (found.judged, found.share, found.rows) == (0, None, [])
