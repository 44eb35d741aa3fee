"""When rules hold, as plain values."""

import datetime as dt
import uuid

from hypothesis import given
from hypothesis import strategies as st

from routing.worktime import WorkTime
from tickets.escalation.conditions import Facts, Rule

ROUND_THE_CLOCK = WorkTime(None)
START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
TIMES = st.timedeltas(dt.timedelta(0), dt.timedelta(days=60))
MAYBE = st.none() | TIMES
TYPE, GROUP = uuid.UUID(int=1), uuid.UUID(int=2)


@st.composite
def facts(draw):
    since = START + draw(TIMES)
    return Facts(
        type=TYPE,
        group=GROUP,
        priority=draw(st.integers(1, 4)),
        category=draw(st.sampled_from(["new", "open", "pending", "on_hold", "resolved", "closed"])),
        since=since,
        touched_at=since + draw(TIMES),
        reopens=draw(st.integers(0, 3)),
        urges=draw(st.integers(0, 5)),
        is_warned=draw(st.booleans()),
        is_breached=draw(st.booleans()),
    )


RULES = st.builds(
    Rule,
    id=st.just(uuid.UUID(int=9)),
    types=st.sampled_from([frozenset(), frozenset({TYPE}), frozenset({GROUP})]),
    min_priority=st.integers(0, 4),
    age=MAYBE,
    silence=MAYBE,
    sla=st.sampled_from(["", "warning", "breached"]),
    urges=st.integers(0, 5),
)


@given(rule=RULES, seen=facts(), wait=TIMES)
def test_it_is_due_exactly_from_when_every_condition_holds(rule, seen, wait):
    at = seen.since + wait
    due = rule.due(seen, ROUND_THE_CLOCK)
    holds = (
        seen.category not in ("resolved", "closed")
        and (not rule.types or seen.type in rule.types)
        and seen.priority >= rule.min_priority
        and seen.urges >= rule.urges
        and (rule.sla != "breached" or seen.is_breached)
        and (rule.sla != "warning" or seen.is_warned or seen.is_breached)
        and (rule.age is None or at - seen.since >= rule.age)
        and (rule.silence is None or at - seen.touched_at >= rule.silence)
    )
    assert (due is not None and due <= at) is holds


@given(rule=RULES, seen=facts(), wait=TIMES)
def test_an_episode_ends_with_reopening_and_for_silence_with_every_touch(rule, seen, wait):
    from dataclasses import replace

    now = rule.episode(seen)
    assert rule.episode(replace(seen, priority=4, urges=9)) == now
    assert rule.episode(replace(seen, reopens=seen.reopens + 1)) != now
    touched = replace(seen, touched_at=seen.touched_at + wait + dt.timedelta(microseconds=1))
    assert (rule.episode(touched) != now) is (rule.silence is not None)
