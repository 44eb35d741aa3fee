"""Warnings: of what, and from which moment on."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.floor import queries
from conversations.floor.snapshot import take
from conversations.floor.warnings import active, millis, vip_mark
from conversations.models import Rating, SensitiveHit, ServiceSettings
from routing.models import WorkItem
from tests.conversations.floor.conftest import ago
from tests.factories import CustomerFactory, RatingFactory

pytestmark = pytest.mark.django_db


def row_of(conversation, now=None):
    return take(now=now).conversations.get(str(conversation.pk))


def kinds_at(conversation, now):
    row = row_of(conversation, now)
    return active(row["warnings"], now) if row else []


def settings_of(floor, **kwargs):
    ServiceSettings.objects.update_or_create(group=floor.group, defaults=kwargs)


def just_around(moment):
    second = dt.timedelta(milliseconds=1)
    return moment - second, moment


@pytest.mark.parametrize("seconds", [45, 120])
def test_waiting_is_a_warning_from_exactly_n_seconds_on(floor, seconds):
    settings_of(floor, warn_waiting_seconds=seconds)
    one = floor.conversation()
    since = timezone.now().replace(microsecond=0)
    WorkItem.objects.filter(item_id=one.pk).update(enqueued_at=since)
    before, exactly = just_around(since + dt.timedelta(seconds=seconds))
    assert (kinds_at(one, before), kinds_at(one, exactly)) == ([], ["waiting"])


@pytest.mark.parametrize("seconds", [30, 180])
def test_unanswered_is_a_warning_from_exactly_n_seconds_on(floor, seconds):
    settings_of(floor, warn_unanswered_seconds=seconds)
    since = timezone.now().replace(microsecond=0)
    one = floor.conversation("serving", floor.agent(), waiting_since=since)
    before, exactly = just_around(since + dt.timedelta(seconds=seconds))
    assert (kinds_at(one, before), kinds_at(one, exactly)) == ([], ["unanswered"])


def test_a_group_without_settings_warns_at_120_and_180_seconds(floor):
    assert kinds_at(floor.waiting(119), timezone.now()) == []
    assert kinds_at(floor.waiting(121), timezone.now()) == ["waiting"]
    assert kinds_at(floor.unanswered(179), timezone.now()) == []
    assert kinds_at(floor.unanswered(181), timezone.now()) == ["unanswered"]


def test_zero_switches_a_warning_off(floor):
    settings_of(floor, warn_waiting_seconds=0, warn_unanswered_seconds=0)
    assert row_of(floor.waiting(9999))["warnings"] == []
    assert row_of(floor.unanswered(9999)) is None


def test_each_group_has_its_own_limits(floor, other):
    settings_of(floor, warn_unanswered_seconds=30)
    mine, theirs = floor.unanswered(60), other.unanswered(60)
    assert kinds_at(mine, timezone.now()) == ["unanswered"]
    assert row_of(theirs) is None


def test_a_warning_comes_early_so_that_it_can_begin_in_time(floor):
    row = row_of(floor.unanswered(180 - 10))
    (warning,) = row["warnings"]
    assert warning["at"] > millis(timezone.now())
    assert row_of(floor.unanswered(180 - 20)) is None


def test_a_sensitive_word_of_an_open_conversation(floor):
    one = floor.conversation("serving", floor.agent())
    ended = floor.conversation("closed", floor.agent())
    for conversation, word in ((one, "投诉"), (one, "曝光"), (ended, "投诉")):
        SensitiveHit.objects.create(
            conversation=conversation, word=word, action="log", author_type="visitor"
        )
    assert row_of(ended) is None
    (warning,) = row_of(one)["warnings"]
    assert (warning["kind"], warning["text"]) == ("sensitive", "曝光")


def test_words_of_more_than_a_day_ago_are_no_warning(floor):
    one = floor.conversation("serving", floor.agent())
    SensitiveHit.objects.create(
        conversation=one,
        word="投诉",
        action="log",
        author_type="visitor",
        created_at=ago(25 * 3600),
    )
    assert row_of(one) is None


@pytest.mark.parametrize(
    ("level", "tags", "mark"),
    [
        ("VIP", [], "VIP"),
        ("vip3", [], "vip3"),
        ("金卡会员", [], "金卡会员"),
        ("", ["老客", "钻石"], "钻石"),
        ("普通", [], ""),
        ("", [], ""),
        ("", [None, 3, {"vip": 1}], ""),
        ("非VIP", [], ""),
        ("准vip", ["不是金卡"], "不是金卡"),
    ],
)
def test_who_is_a_vip(level, tags, mark):
    assert vip_mark(level, tags) == mark


@pytest.mark.parametrize("about", [{"level": "黑金"}, {"tags": ["VIP客户"]}, {"level": "Vip"}])
def test_a_vip_being_served_is_on_the_floor(floor, about):
    vip = floor.conversation("serving", floor.agent(), customer=CustomerFactory(**about))
    plain = floor.conversation("serving", floor.agent(), customer=CustomerFactory(level="普通"))
    assert kinds_at(vip, timezone.now()) == ["vip"]
    assert row_of(plain) is None


def test_the_database_looks_for_no_fewer_vips_than_the_rule(floor):
    """The query is a first sieve; what it lets through is decided by `vip_mark`."""
    no = floor.conversation("serving", floor.agent(), customer=CustomerFactory(level="非VIP"))
    assert [row["id"] for row in queries.conversations([], [], None, 9)] == [no.pk]
    assert row_of(no) is None


def rated(floor, score, seconds_ago=60):
    one = floor.conversation("closed", floor.agent())
    RatingFactory(conversation=one, score=score)
    Rating.objects.filter(conversation=one).update(created_at=ago(seconds_ago))
    return one


def test_two_stars_are_bad_and_three_are_not(floor):
    assert kinds_at(rated(floor, 2), timezone.now()) == ["rating"]
    assert row_of(rated(floor, 3)) is None


def test_a_bad_rating_is_a_warning_for_a_day(floor):
    assert row_of(rated(floor, 1, 24 * 3600 + 1)) is None
    assert row_of(rated(floor, 1, 24 * 3600 - 60))["warnings"][0]["text"] == "1"


def test_an_ended_conversation_warns_of_its_rating_only(floor):
    one = floor.conversation(
        "closed", floor.agent(), waiting_since=ago(999), customer=CustomerFactory(level="VIP")
    )
    RatingFactory(conversation=one, score=1)
    row = row_of(one)
    assert ([warning["kind"] for warning in row["warnings"]], row["since"]) == (["rating"], None)
