"""Sensitive words: what is found, what becomes of the message, and who hears of it."""

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import moderation
from conversations.actors import Actor
from conversations.ingest import Ack, Command
from conversations.ingest.batch import write_batch
from conversations.ingest.validate import clean_content
from conversations.models import Message, Notice, SensitiveHit, SensitiveWord, WordAction
from conversations.realtime import hints
from lingxi.access.models import Role, Scope
from lingxi.errors import Conflict
from lingxi.errors import SensitiveWord as Refused
from lingxi.events.models import Event
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_words():
    yield
    moderation.stale()  # the rows are rolled back, which sends no signal


def word(text, action="mask", direction="both", **kwargs):
    return SensitiveWord.objects.create(word=text, action=action, direction=direction, **kwargs)


@pytest.fixture
def conversation():
    return ConversationFactory(state="serving")


def said_by(conversation, side, text, client_msg_id=None, kind="text", **content):
    actor = Actor.visitor(conversation.customer_id)
    if side == "agent":
        actor = Actor.agent(conversation.agent)
    cleaned = clean_content(kind, {"text": text, **content})
    return Command(conversation.id, actor, kind, cleaned, client_msg_id or uuid.uuid4().hex)


def send(conversation, text, side="visitor", client_msg_id=None, **kwargs):
    [result], _ = write_batch([said_by(conversation, side, text, client_msg_id, **kwargs)])
    return result


def test_masked_words_are_stars_in_log_list_and_event(conversation):
    word("坏蛋")
    ack = send(conversation, "你这个坏蛋，坏蛋！")
    stored = Message.objects.get(pk=ack.message_id)
    conversation.refresh_from_db()
    event = Event.objects.get(type="message.received")
    assert {stored.text, conversation.last_text, event.payload["text"]} == {"你这个**，**！"}
    hit = SensitiveHit.objects.get()
    assert (hit.message_id, hit.word, hit.action) == (ack.message_id, "坏蛋", "mask")
    assert (hit.author_type, hit.author_id) == ("visitor", conversation.customer_id)


def test_a_blocked_message_is_refused_but_recorded(conversation):
    word("代开发票", "block")
    error = send(conversation, "可以代开发票吗")
    assert isinstance(error, Refused)
    assert (error.number, error.status, error.nack) == (4005, 400, "invalid")
    assert not Message.objects.exists()
    assert SensitiveHit.objects.get().message_id is None


def test_logged_words_stay_as_they_are(conversation):
    word("投诉", "log")
    ack = send(conversation, "我要投诉")
    assert Message.objects.get(pk=ack.message_id).text == "我要投诉"
    assert SensitiveHit.objects.get().action == WordAction.LOG


def test_a_refusal_does_not_hinder_the_others_of_the_batch(conversation):
    word("坏", "block")
    commands = [said_by(conversation, "visitor", text) for text in ("好", "坏", "也好")]
    results, rows = write_batch(commands)
    assert [type(one) for one in results] == [Ack, Refused, Ack]
    assert [row.text for row in rows] == ["好", "也好"]


@pytest.mark.parametrize(
    ("direction", "side", "is_hit"),
    [
        ("both", "visitor", True),
        ("both", "agent", True),
        ("visitor", "visitor", True),
        ("visitor", "agent", False),
        ("agent", "visitor", False),
        ("agent", "agent", True),
    ],
)
def test_each_direction_is_looked_at_by_itself(conversation, direction, side, is_hit):
    word("微信", direction=direction)
    ack = send(conversation, "加微信", side)
    assert Message.objects.get(pk=ack.message_id).text == ("加**" if is_hit else "加微信")


@pytest.mark.parametrize("text", ["WeChat", "wechat", "ＷｅＣｈａｔ", "WECHAT", "ｗechaT"])
def test_case_and_width_do_not_matter(conversation, text):
    word("WeChat")
    ack = send(conversation, f"加 {text} 聊")
    assert Message.objects.get(pk=ack.message_id).text == "加 ****** 聊"


def test_words_inside_words_and_across_each_other_are_all_masked(conversation):
    for one in ("ab", "abc", "cd"):
        word(one)
    ack = send(conversation, "xabcdx")
    assert Message.objects.get(pk=ack.message_id).text == "x****x"
    assert SensitiveHit.objects.count() == 3


def test_edits_are_looked_at_too(conversation):
    word("坏蛋")
    word("笨蛋", "block")
    ack = send(conversation, "好人")
    edit = send(conversation, "坏蛋", kind="edit", message=str(ack.message_id))
    assert Message.objects.get(pk=ack.message_id).revised["text"] == "**"
    assert Message.objects.get(pk=edit.message_id).text == "**"
    assert SensitiveHit.objects.get().message_id == ack.message_id
    conversation.refresh_from_db()
    assert conversation.last_text == "**"
    again = send(conversation, "笨蛋", kind="edit", message=str(ack.message_id))
    assert isinstance(again, Refused)
    assert Message.objects.get(pk=ack.message_id).revised["text"] == "**"


def test_notes_are_left_alone(conversation):
    word("坏蛋", "block")
    assert isinstance(send(conversation, "客户说坏蛋", "agent", kind="note"), Ack)
    assert not SensitiveHit.objects.exists()


def test_the_same_message_again_is_the_same_message(conversation):
    word("坏蛋")
    first = send(conversation, "你坏蛋", client_msg_id="m1")
    again = send(conversation, "你坏蛋", client_msg_id="m1")
    assert (again.dup, again.message_id) == (True, first.message_id)
    assert SensitiveHit.objects.count() == 1
    assert isinstance(send(conversation, "你好蛋", client_msg_id="m1"), Ack)  # the stars hide it
    assert isinstance(send(conversation, "他坏蛋", client_msg_id="m1"), Conflict)


def test_it_is_the_same_also_when_the_words_have_changed(conversation):
    row = word("坏蛋")
    send(conversation, "你坏蛋", client_msg_id="m1")
    send(conversation, "退款", client_msg_id="m2")
    row.delete()
    word("退款", "block")
    assert send(conversation, "你坏蛋", client_msg_id="m1").dup
    assert send(conversation, "退款", client_msg_id="m2").dup


def test_a_change_counts_at_once(conversation):
    row = word("坏蛋")
    send(conversation, "坏蛋")
    row.action = WordAction.BLOCK
    row.save()
    assert isinstance(send(conversation, "坏蛋"), Refused)
    row.is_active = False
    row.save()
    assert isinstance(send(conversation, "坏蛋"), Ack)
    row.is_active = True
    row.save()
    row.delete()
    assert isinstance(send(conversation, "坏蛋"), Ack)


def test_a_change_without_a_signal_counts_after_some_seconds(conversation, monkeypatch):
    word("坏蛋", "block")
    send(conversation, "坏蛋")
    SensitiveWord.objects.update(is_active=False)  # as another process would
    assert isinstance(send(conversation, "坏蛋"), Refused)
    monkeypatch.setattr(moderation, "EVERY", 0)
    assert isinstance(send(conversation, "坏蛋"), Ack)


def test_other_processes_hear_of_a_change(monkeypatch, django_capture_on_commit_callbacks):
    said = []
    monkeypatch.setattr(hints, "say", said.append)
    with django_capture_on_commit_callbacks(execute=True):
        word("坏蛋")
    [hint] = said
    assert hints.Hint.decode(hint.encode()).words is True


def test_looking_costs_no_query_in_between(conversation, django_assert_num_queries):
    word("坏蛋")
    moderation.refresh()
    with django_assert_num_queries(0):
        moderation.refresh()
        assert moderation.review("你坏蛋", "visitor").text == "你**"


def test_supervisors_hear_of_a_blocked_message_of_an_agent_once_a_minute(
    conversation, django_capture_on_commit_callbacks
):
    word("返点", "block")
    boss = UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL)
    for side in ("visitor", "agent", "agent"):
        with django_capture_on_commit_callbacks(execute=True):
            send(conversation, "给你返点", side)
    notice = Notice.objects.get()
    assert (notice.user, notice.conversation) == (boss, conversation)
    assert conversation.agent.name in notice.text
    assert "返点" not in notice.text


@given(st.text(max_size=40))
def test_folding_keeps_every_character_in_its_place(text):
    assert len(moderation.fold(text)) == len(text)


@given(st.text(alphabet="ab坏蛋ＡＢİß*", max_size=30))
def test_what_is_masked_is_the_same_message_and_masking_twice_changes_nothing(text):
    words = moderation.Words()
    words._automaton = moderation.build([("ab", "mask", "both"), ("坏蛋", "mask", "both")])
    once = words.review(text, "visitor").text
    assert len(once) == len(text)
    assert moderation.is_same(once, text)
    assert words.review(once, "visitor").text == once
    assert "坏蛋" not in once


def test_a_thousand_words_cost_microseconds():
    words = moderation.Words()
    words._automaton = moderation.build((f"敏感词{n}", "mask", "both") for n in range(1000))
    text = "您好，我想咨询一下这个订单什么时候发货呢" * 10
    best = min(_time(lambda: words.review(text, "visitor")) for _ in range(200))
    assert best < 50e-6


def _time(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
