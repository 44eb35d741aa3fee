"""Several supervisors at once, on real connections."""

import pytest

from lingxi.errors import Conflict
from routing.models import Strategy, StrategyVersion, VersionState
from routing.strategy import versions
from tests.factories import UserFactory
from tests.routing.at_once import at_once
from tests.routing.strategy.made import act, rule

pytestmark = pytest.mark.django_db(transaction=True)
MANY = range(6)


def tagged(tag):
    return [{"id": "a", **rule(act("tag", tag=str(tag)))}]


def outcomes(found):
    """How many succeeded; every other one must have been a conflict."""
    failed = [one for one in found if isinstance(one, Exception)]
    assert all(isinstance(one, Conflict) for one in failed), failed
    return len(found) - len(failed)


def test_one_of_many_who_publish_at_once_wins():
    strategy, people = versions.strategy_of("conversation"), UserFactory.create_batch(6)
    seen = versions.draft_of(strategy, people[0]).revision
    seen = versions.save_draft(strategy, tagged("a"), people[0], seen).revision
    found = at_once(lambda n: versions.publish(strategy, people[n], seen), MANY)
    assert outcomes(found) == 1
    (made,) = StrategyVersion.objects.all()
    strategy.refresh_from_db()
    assert (strategy.current, made.number, made.state) == (made, 1, VersionState.PUBLISHED)


def test_one_of_many_who_save_at_once_wins_and_is_what_is_kept():
    strategy, by = versions.strategy_of("conversation"), UserFactory()
    seen = versions.draft_of(strategy, by).revision
    found = at_once(lambda n: versions.save_draft(strategy, tagged(n), by, seen), MANY)
    assert outcomes(found) == 1
    (winner,) = [one for one in found if isinstance(one, StrategyVersion)]
    assert StrategyVersion.objects.get().rules == winner.rules


def test_many_who_open_the_editor_share_one_draft():
    strategy, by = versions.strategy_of("conversation"), UserFactory()
    found = at_once(lambda n: versions.draft_of(strategy, by).pk, MANY)
    assert len(set(found)) == 1


def test_many_who_need_the_strategy_share_one():
    found = at_once(lambda n: versions.strategy_of("conversation").pk, MANY)
    assert len(set(found)) == 1
    assert Strategy.objects.count() == 1


def test_publishing_and_saving_at_once_publishes_what_was_seen():
    strategy, by = versions.strategy_of("conversation"), UserFactory()
    for turn in range(4):
        seen = versions.draft_of(strategy, by).revision
        seen = versions.save_draft(strategy, tagged(f"good {turn}"), by, seen).revision

        def step(n, seen=seen):
            if n:
                return versions.save_draft(strategy, tagged("late"), by, seen)
            return versions.publish(strategy, by, seen)

        found = at_once(step, range(2))
        assert outcomes(found) == 1
        strategy.refresh_from_db()
        if not isinstance(found[0], Exception):
            assert strategy.current.rules[0]["then"][0]["params"] == {"tag": f"good {turn}"}


def test_promoting_withdrawing_and_rolling_back_at_once_leaves_one_truth():
    strategy, by = versions.strategy_of("conversation"), UserFactory()

    def publish(percent):
        draft = versions.draft_of(strategy, by)
        return versions.publish(strategy, by, draft.revision, percent=percent)

    first = publish(100)
    for _ in range(3):
        publish(50)
        steps = [
            lambda: versions.promote(strategy, by),
            lambda: versions.withdraw(strategy, by),
            lambda: versions.roll_back(strategy, first, by),
        ]
        found = at_once(lambda step: step(), steps)
        assert outcomes(found) >= 1
        strategy.refresh_from_db()
        assert (strategy.candidate, strategy.percent) == (None, 0)
        assert strategy.current.state == VersionState.PUBLISHED
    numbers = list(strategy.versions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
