"""One transaction for many commands: numbering, duplicates, refusals."""

import threading
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.actors import Actor
from conversations.ingest import Ack, Command, send
from conversations.ingest.batch import write_batch
from conversations.ingest.writer import Writer
from conversations.models import Conversation, Message, State
from lingxi.errors import Conflict, ConversationClosed, Forbidden, NotFound, RateLimited
from lingxi.events.models import Event
from tests import factories

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # the writer has a connection of its own


def command(conversation, text="你好", actor=None, client_msg_id=None, kind="text"):
    return Command(
        conversation.id,
        actor or Actor.visitor(conversation.customer_id),
        kind,
        {"type": "text", "text": text},
        client_msg_id or uuid.uuid4().hex,
    )


@pytest.fixture
def conversation():
    return factories.ConversationFactory(state="serving")


def test_it_works(conversation):
    [ack], [row] = write_batch([command(conversation, "在吗")])
    assert (ack.seq, ack.visitor_seq, ack.dup) == (1, 1, False)
    stored = Message.objects.get(pk=ack.message_id)
    assert (stored.text, stored.seq) == ("在吗", row.seq)
    conversation.refresh_from_db()
    assert (conversation.last_seq, conversation.last_text) == (1, "在吗")
    assert conversation.waiting_since == stored.created_at


def test_a_batch_over_many_conversations_numbers_each_by_itself():
    several = [factories.ConversationFactory(state="serving") for _ in range(5)]
    results, rows = write_batch([command(one) for one in several * 3])
    assert [ack.seq for ack in results] == [1] * 5 + [2] * 5 + [3] * 5
    assert len(rows) == 15


def test_an_agents_reply_ends_the_visitors_waiting(conversation):
    write_batch([command(conversation)])
    write_batch([command(conversation, "您好", Actor.agent(conversation.agent))])
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    assert conversation.first_reply_at is not None


def test_the_same_id_and_body_answers_the_old_seq(conversation):
    first = command(conversation, "一")
    [ack], _ = write_batch([first])
    write_batch([command(conversation, "二")])
    [again], rows = write_batch([command(conversation, "一", client_msg_id=first.client_msg_id)])
    assert (again.dup, again.seq, again.message_id) == (True, ack.seq, ack.message_id)
    assert rows == []


def test_the_same_id_with_another_body_is_a_conflict(conversation):
    first = command(conversation, "一")
    write_batch([first])
    [error], rows = write_batch([command(conversation, "二", client_msg_id=first.client_msg_id)])
    assert isinstance(error, Conflict)
    assert rows == []


def test_twins_in_one_batch_are_one_message(conversation):
    one = command(conversation, "一")
    twin = command(conversation, "一", client_msg_id=one.client_msg_id)
    other = command(conversation, "二", client_msg_id=one.client_msg_id)
    (ack, again, conflict), rows = write_batch([one, twin, other])
    assert (ack.dup, again.dup) == (False, True)
    assert isinstance(conflict, Conflict)
    assert len(rows) == 1


def test_two_authors_may_use_the_same_id(conversation):
    mine = command(conversation, "一", client_msg_id="same")
    theirs = command(conversation, "二", Actor.agent(conversation.agent), client_msg_id="same")
    results, _ = write_batch([mine, theirs])
    assert [ack.seq for ack in results] == [1, 2]


def test_notes_are_not_numbered_for_the_visitor(conversation):
    agent = Actor.agent(conversation.agent)
    results, _ = write_batch(
        [
            command(conversation),
            command(conversation, "难缠", agent, kind="note"),
            command(conversation),
        ]
    )
    assert [ack.visitor_seq for ack in results] == [1, None, 2]
    assert [ack.seq for ack in results] == [1, 2, 3]


def test_refusals_change_nothing_and_hinder_nobody(conversation):
    closed = factories.ConversationFactory(state=State.CLOSED)
    stranger = Actor.visitor(uuid.uuid4())
    other_agent = Actor.agent(factories.AgentFactory())
    nowhere = Command(uuid.uuid4(), stranger, "text", {"type": "text", "text": "?"}, "x")
    results, rows = write_batch(
        [
            command(closed),
            command(conversation, actor=stranger),
            nowhere,
            command(conversation, actor=other_agent),
            command(conversation, "好"),
        ]
    )
    kinds = [type(result) for result in results]
    assert kinds == [ConversationClosed, NotFound, NotFound, Forbidden, Ack]
    assert [row.text for row in rows] == ["好"]
    assert Message.objects.count() == 1


def test_each_message_is_one_event_with_masked_words(conversation):
    write_batch([command(conversation, "我的手机 13812345678"), command(conversation, "二")])
    events = list(Event.objects.order_by("position"))
    assert [event.type for event in events] == ["message.received"] * 2
    assert events[0].payload["text"] == "我的手机 138****5678"
    assert events[0].customer_id == conversation.customer_id
    assert events[0].channel == conversation.channel.key


@committed
def test_send_waits_for_the_commit_and_raises_refusals(conversation):
    assert send(command(conversation)).seq == 1
    with pytest.raises(NotFound):
        send(command(conversation, actor=Actor.visitor(uuid.uuid4())))


@committed
def test_a_hundred_messages_a_second_from_one_visitor_are_slowed(conversation):
    refused, writer = [], Writer()
    done = threading.Semaphore(0)
    for number in range(100):
        try:
            writer.submit(command(conversation, str(number)), lambda _: done.release())
        except RateLimited as exc:
            refused.append(exc.retry_after)
    for _ in range(100 - len(refused)):
        assert done.acquire(timeout=5)
    assert 0 < len(refused) < 100
    assert all(wait > 0 for wait in refused)
    assert Message.objects.count() == 100 - len(refused)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 1)), max_size=8),
        max_size=5,
    )
)
def test_however_sends_are_repeated_each_message_is_stored_once_and_dense(batches):
    """(conversation, client id, body) in any grouping: one row per id, no holes."""
    several = [factories.ConversationFactory(state="serving") for _ in range(3)]
    first_body = {}
    for batch in batches:
        commands = [
            command(several[which], f"正文 {body}", client_msg_id=f"id-{name}")
            for which, name, body in batch
        ]
        results, _ = write_batch(commands) if commands else ([], [])
        for (which, name, body), result in zip(batch, results, strict=True):
            same = first_body.setdefault((which, name), body) == body
            assert isinstance(result, Ack) if same else isinstance(result, Conflict)
    for which, one in enumerate(several):
        seqs = list(Message.objects.filter(conversation=one).values_list("seq", flat=True))
        assert sorted(seqs) == list(range(1, len(seqs) + 1))
        assert len(seqs) == len([key for key in first_body if key[0] == which])
        assert Conversation.objects.get(pk=one.pk).last_seq == len(seqs)
