"""Silent visitors: reminded, then ended, in the group's times; nothing twice, nothing too early."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from conversations import idle
from conversations.actors import Actor
from conversations.ingest import Command
from conversations.ingest.batch import write_batch
from conversations.models import Conversation, Message, MessageKind, ServiceSettings
from conversations.tasks import sweep
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db
LAST = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
MICRO = dt.timedelta(microseconds=1)


def seconds(number):
    return dt.timedelta(seconds=number)


def settings_for(conversation, **changes):
    values = {"idle_reminder_seconds": 60, "idle_end_seconds": 120} | changes
    return ServiceSettings.objects.create(group=conversation.group, **values)


def answered(**changes):
    """A conversation in which the agent spoke last, at LAST."""
    spoken = {"state": "serving", "last_message_at": LAST, "first_reply_at": LAST}
    return ConversationFactory(**spoken | changes)


@pytest.fixture
def conversation():
    found = answered()
    settings_for(found)
    return found


def said(conversation):
    rows = Message.objects.filter(conversation=conversation, kind=MessageKind.MESSAGE)
    return [row.text for row in rows.order_by("seq")]


def write(conversation, side, text="在的"):
    actor = Actor.visitor(conversation.customer_id)
    if side == "agent":
        actor = Actor.agent(conversation.agent)
    content = {"type": "text", "text": text}
    write_batch([Command(conversation.id, actor, "text", content, f"{side}-{text}")])


def test_a_silent_visitor_is_reminded(conversation):
    assert idle.remind(conversation.id)
    [message] = Message.objects.filter(conversation=conversation)
    assert message.content == {"type": "text", "text": "您好，请问还在吗？", "automatic": True}
    assert message.author_type == "system"
    conversation.refresh_from_db()
    assert conversation.idle_reminded_at >= conversation.last_message_at
    assert conversation.waiting_since is None


@pytest.mark.parametrize(("late", "due"), [(-MICRO, False), (seconds(0), True), (MICRO, True)])
def test_the_reminder_is_due_at_the_very_moment(conversation, late, due):
    now = LAST + seconds(60) + late
    assert (conversation.id in idle.to_remind(now)) is due
    assert idle.remind(conversation.id, now) is due


@pytest.mark.parametrize(("late", "due"), [(-MICRO, False), (seconds(0), True), (MICRO, True)])
def test_the_end_is_due_at_the_very_moment(late, due):
    conversation = answered(idle_reminded_at=LAST)
    settings_for(conversation)
    now = LAST + seconds(120) + late
    assert (conversation.id in idle.to_end(now)) is due
    assert idle.end(conversation.id, now) is due
    conversation.refresh_from_db()
    assert conversation.is_open is not due


def test_the_end_says_why_and_frees_the_agent():
    conversation = answered(idle_reminded_at=LAST)
    settings_for(conversation, idle_end_text="先到这里，再见")
    idle.end(conversation.id)
    *_, words, state = Message.objects.filter(conversation=conversation).order_by("seq")
    assert words.text == "先到这里，再见"
    assert state.content == {"state": "closed", "reason": "idle"}
    conversation.refresh_from_db()
    assert (conversation.state, conversation.closed_by) == ("closed", "system")


def test_it_runs_in_the_sweep_from_reminder_to_end(conversation):
    assert sweep()["reminded"] == 1
    assert sweep() | {"reminded": 0, "ended_idle": 0} == sweep()
    conversation.refresh_from_db()
    two_minutes_ago = timezone.now() - seconds(121)
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=two_minutes_ago, idle_reminded_at=two_minutes_ago
    )
    assert sweep()["ended_idle"] == 1


def test_who_writes_after_the_reminder_stays(conversation):
    idle.remind(conversation.id)
    write(conversation, "visitor")
    later = timezone.now() + seconds(3600)
    assert not idle.end(conversation.id, later)
    assert not idle.remind(conversation.id, later)


def test_an_answer_begins_the_next_silence(conversation):
    idle.remind(conversation.id)
    write(conversation, "visitor")
    write(conversation, "agent", "好的")
    spoken = Conversation.objects.get(pk=conversation.pk).last_message_at
    assert not idle.end(conversation.id, spoken + seconds(119))
    assert not idle.remind(conversation.id, spoken + seconds(60) - MICRO)
    assert idle.remind(conversation.id, spoken + seconds(60))


def test_an_agent_who_goes_on_talking_puts_the_end_off(conversation):
    idle.remind(conversation.id)
    write(conversation, "agent", "我再补充一点")
    assert not idle.end(conversation.id, timezone.now() + seconds(3600))


@pytest.mark.parametrize(
    "changes",
    [
        {"waiting_since": LAST},  # it is the agent who has to answer
        {"first_reply_at": None},  # nobody has said anything yet
        {"state": "queued", "agent": None},
        {"state": "transferring"},
        {"state": "closed"},
    ],
)
def test_who_is_not_meant(changes):
    conversation = answered(**changes)
    settings_for(conversation)
    assert not idle.remind(conversation.id)
    Conversation.objects.filter(pk=conversation.pk).update(idle_reminded_at=LAST)
    assert not idle.end(conversation.id)


@pytest.mark.parametrize("off", ["idle_reminder_seconds", "idle_end_seconds"])
def test_zero_switches_it_off(off):
    conversation = answered(idle_reminded_at=None if "reminder" in off else LAST)
    settings_for(conversation, **{off: 0})
    act = idle.remind if "reminder" in off else idle.end
    assert not act(conversation.id)


def test_groups_without_settings_are_left_alone():
    conversation = answered()
    assert idle.to_remind() == []
    assert not idle.remind(conversation.id)


def test_a_clock_that_goes_back_only_waits(conversation):
    assert not idle.remind(conversation.id, LAST - seconds(3600))
    assert idle.remind(conversation.id, LAST + seconds(60))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", ["remind", "end"])
def test_workers_at_the_same_time_do_it_once(work):
    conversation = answered(idle_reminded_at=None if work == "remind" else LAST)
    settings_for(conversation)
    results, together = [], threading.Barrier(4)

    def worker():
        together.wait()
        try:
            results.append(getattr(idle, work)(conversation.id))
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert len(said(conversation)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(monkeypatch):
    conversation = answered()
    settings_for(conversation)

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("conversations.changes.Change.commit", killed)
        with pytest.raises(SystemExit):
            idle.remind(conversation.id)
    conversation.refresh_from_db()
    assert (conversation.idle_reminded_at, said(conversation)) == (None, [])
    assert idle.remind(conversation.id)
    assert len(said(conversation)) == 1
