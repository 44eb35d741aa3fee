"""The index follows the log."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.archive.indexing import index_conversations
from audit.archive.rebuild import WORD_INDEX, behind
from audit.archive.scope import key
from audit.models import IndexedConversation, IndexedMessage
from conversations.models import Conversation, Message, State
from lingxi.events.outbox import emit
from lingxi.events.relay import relay_batch
from tests import factories
from tests.audit.conftest import Say, texts_found

pytestmark = pytest.mark.django_db


def test_words_are_found_after_the_relay_ran() -> None:
    message = factories.MessageFactory(content={"type": "text", "text": "发票抬头写错了"})
    emit("message.received", conversation_id=message.conversation_id)
    assert texts_found("发票") == []
    relay_batch()
    assert texts_found("发票") == ["发票抬头写错了"]


def test_an_event_twice_indexes_once() -> None:
    message = factories.MessageFactory()
    for _ in range(3):
        emit("message.received", conversation_id=message.conversation_id)
    relay_batch()
    emit("message.received", conversation_id=message.conversation_id)
    relay_batch()
    assert IndexedMessage.objects.count() == 1


def test_an_event_of_a_conversation_that_is_gone_is_no_error() -> None:
    assert index_conversations([factories.MessageFactory.build().id]) == 0


def test_only_what_is_new_is_read() -> None:
    conversation = factories.ConversationFactory()
    factories.MessageFactory.create_batch(3, conversation=conversation)
    assert index_conversations([conversation.pk]) == 3
    factories.MessageFactory(conversation=conversation)
    assert index_conversations([conversation.pk]) == 1
    assert index_conversations([conversation.pk]) == 0


def test_the_number_of_queries_does_not_grow() -> None:
    def queries(count: int) -> int:
        messages = factories.MessageFactory.create_batch(count)
        ids = [message.conversation_id for message in messages]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            index_conversations(ids)
        return len(queries)

    assert queries(1) == queries(20)


def test_notes_files_transfers_and_comments_are_found(say: Say) -> None:
    conversation = say("你好啊").conversation
    add = factories.MessageFactory
    add(conversation=conversation, kind="note", content={"type": "text", "text": "老客户，优先"})
    add(conversation=conversation, content={"type": "file", "name": "报价单.xlsx", "size": 1})
    add(conversation=conversation, kind="transfer", content={"note": "请财务看看"})
    add(conversation=conversation, kind="rating", content={"score": 5, "comment": "非常耐心"})
    add(conversation=conversation, kind="state", content={"state": "closed", "reason": "结束了"})
    index_conversations([conversation.pk])
    for words in ("老客户", "报价单", "财务", "耐心"):
        assert len(texts_found(words)) == 1, words
    assert texts_found("结束了") == []


@pytest.mark.parametrize(
    "written", ["13812345678", "138 1234 5678", "１３８１２３４５６７８", "①③⑧12345678"]
)
def test_hidden_digits_are_not_in_the_index(say: Say, written: str) -> None:
    say(f"我的电话是{written}，谢谢")
    row = IndexedMessage.objects.get()
    assert "1234" not in row.text.replace(" ", "")
    assert texts_found("1234") == texts_found("13812345678") == []
    assert len(texts_found("我的电话")) == 1


def test_keys_follow_the_conversation(say: Say) -> None:
    agent, other = factories.AgentFactory(), factories.SkillGroupFactory()
    conversation = say("你好啊").conversation
    is_open = key("open", conversation.group_id)
    assert is_open in IndexedMessage.objects.get().scope
    conversation.agent, conversation.state = agent, State.SERVING
    conversation.save()
    index_conversations([conversation.pk])
    scope = IndexedMessage.objects.get().scope
    assert {is_open, key("agent", agent.pk)} <= set(scope)
    factories.ParticipantFactory(conversation=conversation, agent=agent)
    conversation.agent, conversation.group = factories.AgentFactory(), other
    conversation.save()
    say("转接以后", conversation=conversation)
    for row in IndexedMessage.objects.all():
        assert {key("agent", agent.pk), key("group", other.pk)} <= set(row.scope)
        assert is_open not in row.scope
    conversation.state, conversation.closed_at = State.CLOSED, conversation.created_at
    conversation.save()
    index_conversations([conversation.pk])
    assert key("open", other.pk) not in IndexedMessage.objects.earliest("seq").scope


def test_catching_up_takes_what_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    factories.MessageFactory.create_batch(5)
    assert len(behind()) == 5
    call_command("reindex_archive", batch=2)
    assert behind() == []
    assert "Indexed 5 entries of 5 conversations" in capsys.readouterr().out


def test_a_fresh_index_is_the_same(say: Say) -> None:
    for text in ("不错不错", "还可以", "a1b2"):
        say(text)
    columns = ("message_id", "text", "grams", "scope")
    before = set(map(repr, IndexedMessage.objects.values_list(*columns)))
    IndexedMessage.objects.filter(text="还可以").delete()
    IndexedConversation.objects.update(last_seq=99)
    call_command("reindex_archive", fresh=True)
    assert set(map(repr, IndexedMessage.objects.values_list(*columns))) == before
    assert WORD_INDEX in connection.introspection.get_constraints(
        connection.cursor(), IndexedMessage._meta.db_table
    )


def test_an_empty_log_is_indexed_too() -> None:
    conversation = factories.ConversationFactory()
    index_conversations([conversation.pk])
    assert IndexedConversation.objects.get().last_seq == 0
    assert not Message.objects.exists()
    assert Conversation.objects.count() == 1
