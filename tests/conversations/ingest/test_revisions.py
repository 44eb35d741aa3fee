"""Recalls and edits."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from conversations.actors import Actor
from conversations.ingest import Ack, Command
from conversations.ingest.batch import write_batch
from conversations.ingest.validate import clean_content
from conversations.models import Conversation, Message
from conversations.wire import read_log
from lingxi.errors import Forbidden, Invalid, NotFound
from lingxi.events.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return factories.ConversationFactory(state="serving")


def do(conversation, kind, content, actor=None):
    actor = actor or Actor.visitor(conversation.customer_id)
    content = clean_content(kind, content)
    [result], _ = write_batch([Command(conversation.id, actor, kind, content, uuid.uuid4().hex)])
    return result


def say(conversation, text="说错了"):
    return do(conversation, "text", {"text": text}).message_id


def shown(conversation):
    events = read_log(conversation.id, 0, 50, for_visitor=True)
    return [event["content"] for event in events if event["kind"] == "message"]


def test_a_recalled_message_is_no_longer_shown_but_stays_stored(conversation):
    message = say(conversation, "密码是 1234")
    assert isinstance(do(conversation, "recall", {"message": str(message)}), Ack)
    assert shown(conversation) == [{"type": "recalled"}]
    assert Message.objects.get(pk=message).text == "密码是 1234"
    assert "1234" not in Conversation.objects.get().last_text
    assert Event.objects.get(type="message.recalled").payload["message_id"] == str(message)


def test_an_edited_message_shows_the_new_words(conversation):
    message = say(conversation)
    do(conversation, "edit", {"message": str(message), "text": "说对了"})
    assert shown(conversation) == [{"type": "text", "text": "说对了", "edited": True}]


def test_both_sides_get_an_entry_with_a_seq(conversation):
    message = say(conversation)
    ack = do(conversation, "recall", {"message": str(message)})
    assert (ack.seq, ack.visitor_seq) == (2, 2)


def test_only_ones_own(conversation):
    message = say(conversation)
    agent = Actor.agent(conversation.agent)
    assert isinstance(do(conversation, "recall", {"message": str(message)}, agent), Forbidden)
    assert Message.objects.get(pk=message).revised is None


def test_only_within_two_minutes(conversation):
    message = say(conversation)
    Message.objects.update(created_at=timezone.now() - dt.timedelta(minutes=3))
    assert isinstance(do(conversation, "recall", {"message": str(message)}), Forbidden)


def test_only_once_and_not_after_a_recall(conversation):
    message = say(conversation)
    do(conversation, "recall", {"message": str(message)})
    assert isinstance(do(conversation, "recall", {"message": str(message)}), Invalid)
    edit = {"message": str(message), "text": "新"}
    assert isinstance(do(conversation, "edit", edit), Invalid)


def test_not_from_another_conversation(conversation):
    other = factories.ConversationFactory(state="serving")
    message = say(other)
    assert isinstance(do(conversation, "recall", {"message": str(message)}), NotFound)
    assert isinstance(do(conversation, "recall", {"message": str(uuid.uuid4())}), NotFound)


@pytest.mark.parametrize("content", [{}, {"message": "x"}, {"message": 1, "text": "a"}])
def test_a_malformed_target_is_refused(content):
    with pytest.raises(Invalid):
        clean_content("recall", content)


class TestLastWords:
    """What lists show of the conversation."""

    def text(self):
        return Conversation.objects.get().last_text

    def test_an_edit_of_the_last_message_is_shown(self, conversation):
        do(conversation, "edit", {"message": str(say(conversation)), "text": "说对了"})
        assert self.text() == "说对了"

    def test_changes_of_earlier_ones_are_not(self, conversation):
        first, second = say(conversation, "一"), say(conversation, "二")
        say(conversation, "三")
        do(conversation, "recall", {"message": str(first)})
        do(conversation, "edit", {"message": str(second), "text": "改"})
        assert self.text() == "三"

    def test_notes_and_changes_after_it_do_not_count(self, conversation):
        message = say(conversation)
        factories.MessageFactory(conversation=conversation, kind="note", author_type="agent")
        conversation.refresh_from_db()
        do(conversation, "edit", {"message": str(message), "text": "改"})
        do(conversation, "recall", {"message": str(message)})
        assert self.text() == "[消息已撤回]"


def test_an_edited_reply_stays_a_reply(conversation):
    asked = say(conversation, "问")
    content = clean_content("text", {"text": "打"}, str(asked))
    actor = Actor.visitor(conversation.customer_id)
    [answer], _ = write_batch([Command(conversation.id, actor, "text", content, "reply")])
    do(conversation, "edit", {"message": str(answer.message_id), "text": "答"})
    assert shown(conversation)[1]["reply_to"] == str(asked)


def test_a_recall_takes_the_words_of_edits_along(conversation):
    message = say(conversation)
    do(conversation, "edit", {"message": str(message), "text": "密码是 1234"})
    do(conversation, "recall", {"message": str(message)})
    assert "1234" not in str(read_log(conversation.id, 0, 50, for_visitor=True))
    assert Message.objects.get(kind="edit").text == "密码是 1234"
