"""The words a group says by itself when an agent takes a conversation up."""

import pytest

from conversations import actions, service
from conversations.models import Message, MessageKind, ServiceSettings
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db


def welcomed(text, **kwargs):
    conversation = ConversationFactory(**kwargs)
    ServiceSettings.objects.create(group=conversation.group, welcome_text=text)
    agent = AgentFactory(ready=True, groups=[conversation.group], name="小李")
    actions.claim_conversation(conversation.id, agent)
    return Message.objects.filter(conversation=conversation, kind=MessageKind.MESSAGE)


def test_it_works():
    [message] = welcomed("您好 {customer}，我是{group}的{agent}", customer__name="王芳")
    group = message.conversation.group.name
    assert message.content["text"] == f"您好 王芳，我是{group}的小李"
    assert message.content["automatic"] is True
    assert (message.author_type, message.visitor_seq is None) == ("bot", False)


def test_it_is_no_human_reply():
    [message] = welcomed("您好")
    assert message.conversation.first_reply_at is None


def test_who_waits_for_an_answer_waits_on():
    from django.utils import timezone

    since = timezone.now()
    [message] = welcomed("您好", waiting_since=since)
    assert message.conversation.waiting_since == since


@pytest.mark.parametrize("text", ["{agent.__class__}", "{0}", "{", "{unknown}"])
def test_other_braces_stay_as_they_are(text):
    [message] = welcomed(text)
    assert message.content["text"] == text


def test_an_unknown_visitor_is_called_visitor():
    [message] = welcomed("{customer}您好", customer__name="")
    assert message.content["text"] == "访客您好"


def test_without_a_text_nothing_is_said():
    assert list(welcomed("")) == []


def test_settings_of_a_group_without_a_row_are_the_defaults(django_assert_num_queries):
    group = ConversationFactory().group
    assert service.settings_of(group.pk).warn_waiting_seconds == 120
    with django_assert_num_queries(0):
        service.settings_of(group.pk)
