"""What an answer means for a delivery."""

import datetime as dt
import email.utils

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from integrations.models import Delivery
from integrations.webhooks.outcomes import (
    JITTER,
    SCHEDULE,
    Answer,
    Claim,
    decide,
    delay_before,
    parse_retry_after,
)
from lingxi.ids import new_id


def claim(attempts: int = 0) -> Claim:
    return Claim(1, new_id(), new_id(), "{}", attempts, timezone.now())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(status):
    assert decide(claim(), Answer(status)).state == Delivery.State.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 301, 302, 304, 400, 401, 404, 429, 500, 503])
def test_all_else_is_tried_again(status):
    outcome = decide(claim(), Answer(status))
    assert outcome.state == Delivery.State.FAILED
    assert 4 <= outcome.delay <= 6


def test_gone_is_given_up():
    assert decide(claim(), Answer(410)).state == Delivery.State.DEAD


def test_the_whole_schedule():
    assert SCHEDULE == (0, 5, 300, 1800, 7200, 18000, 36000, 36000)
    for attempts in range(len(SCHEDULE) - 1):
        outcome = decide(claim(attempts), Answer(500))
        planned = SCHEDULE[attempts + 1]
        assert planned * (1 - JITTER) <= outcome.delay <= planned * (1 + JITTER)
    assert decide(claim(len(SCHEDULE) - 1), Answer(500)).state == Delivery.State.DEAD
    assert decide(claim(len(SCHEDULE) - 1), Answer(200)).state == Delivery.State.DELIVERED


def test_jitter_spreads():
    assert len({delay_before(3) for _ in range(20)}) > 10


def test_retry_after_is_honoured():
    assert decide(claim(), Answer(503, retry_after=120)).delay == 120
    assert decide(claim(2), Answer(503, retry_after=1)).delay > 1000


def test_retry_after_forms():
    assert parse_retry_after("120") == 120
    assert parse_retry_after(" 7 ") == 7
    in_a_minute = email.utils.format_datetime(timezone.now() + dt.timedelta(seconds=60))
    assert 55 < (parse_retry_after(in_a_minute) or 0) <= 60
    for nothing in (None, "", "soon", "-5", "0", "1.5", "²", "Wed, 21 Oct 2015 07:28:00 GMT"):
        assert parse_retry_after(nothing) is None
    assert parse_retry_after("9" * 5000) == 24 * 3600


@given(st.text(max_size=40))
def test_retry_after_never_fails(value):
    seconds = parse_retry_after(value)
    assert seconds is None or 0 < seconds <= 24 * 3600
