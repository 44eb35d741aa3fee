"""What a customer reads of their tickets in the chat."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import actions
from conversations.actors import SYSTEM as SYSTEM_ACTOR
from conversations.models import Conversation, Message
from tests.factories import (
    AgentFactory,
    AttachmentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
)
from tests.tickets.chat.told import card, entries, events, relay, texts
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets import service
from tickets.chat import posting
from tickets.models import Source
from tickets.service import SYSTEM, By

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return ConversationFactory(state="serving")


@pytest.fixture
def one(conversation):
    return ticket(title="杯子碎了", requester=conversation.customer, conversation=conversation)


@pytest.fixture
def agent(one):
    return AgentFactory(groups=[one.group], name="李雯")


def close(conversation, days=0):
    actions.close_conversation(conversation.pk, SYSTEM_ACTOR)
    Conversation.objects.filter(pk=conversation.pk).update(
        closed_at=timezone.now() - dt.timedelta(days=days)
    )


def test_a_new_ticket_has_its_card_in_the_conversation(conversation, one):
    relay()
    [row] = entries(conversation)
    assert row.text == f"已为您创建工单 {one.reference}：杯子碎了"
    assert (row.kind, row.author_type, row.content["type"]) == ("message", "system", "ticket")
    data = row.content["ticket"]
    assert data["id"] == str(one.pk)
    assert (data["number"], data["status"], data["category"]) == (one.reference, "待受理", "new")
    assert row.visitor_seq is not None


def test_a_change_of_status_is_a_line_below_the_card(conversation, one):
    service.move(one.pk, "start", SYSTEM)
    relay()
    assert texts(conversation)[1:] == [f"工单 {one.reference}：待受理 → 处理中"]
    assert entries(conversation)[1].kind == "system"
    assert card(conversation)["category"] == "open"


def test_resolving_asks_whether_they_are_satisfied(conversation, one):
    service.move(one.pk, "resolve", SYSTEM)
    relay()
    assert texts(conversation)[-1] == f"工单 {one.reference} 已解决，您对处理结果满意吗？"
    assert entries(conversation)[-1].content["ask"] == "rating"


def test_who_reopened_it_at_once_is_not_asked(conversation, one):
    service.move(one.pk, "resolve", SYSTEM)
    service.move(one.pk, "reopen", SYSTEM)
    relay()
    assert not any("满意" in text for text in texts(conversation))


def test_a_rating_shows_in_the_card(conversation, one):
    service.move(one.pk, "resolve", SYSTEM)
    service.rate(one.pk, By.requester(conversation.customer), 4)
    relay()
    assert texts(conversation)[-1] == f"您对工单 {one.reference} 的评价：4 星"
    assert card(conversation)["rating"] == 4


def test_days_after_the_end_it_is_told_in_the_same_conversation(conversation, one):
    relay()
    close(conversation, days=9)
    service.move(one.pk, "resolve", SYSTEM)
    relay()
    assert len(texts(conversation)) == 3
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_an_open_conversation_on_the_channel_is_told_with_a_card_of_its_own(conversation, one):
    relay()
    close(conversation)
    again = ConversationFactory(
        state="serving", customer=conversation.customer, channel=conversation.channel
    )
    service.move(one.pk, "start", SYSTEM)
    relay()
    assert len(texts(conversation)) == 1
    [row] = entries(again)
    assert row.content["type"] == "ticket"
    assert row.text == f"工单 {one.reference}：待受理 → 处理中"


def test_another_channel_is_not_told(conversation, one):
    close(conversation)
    elsewhere = ConversationFactory(
        state="serving", customer=conversation.customer, channel=ChannelFactory()
    )
    relay()
    assert len(texts(conversation)) == 1
    assert texts(elsewhere) == []


def test_a_ticket_from_elsewhere_is_told_in_the_last_conversation(conversation):
    close(conversation)
    made = ticket(requester=conversation.customer, source=Source.API)
    relay()
    assert made.reference in texts(conversation)[0]


def test_the_conversation_of_somebody_else_is_never_told(conversation):
    stranger = CustomerFactory()
    ticket(requester=stranger, conversation=conversation)
    ticket(requester=None, conversation=conversation)
    relay()
    assert texts(conversation) == []


def test_what_was_imported_is_no_news(conversation):
    ticket(requester=conversation.customer, conversation=conversation, source=Source.IMPORT)
    relay()
    assert texts(conversation) == []


def test_a_public_comment_is_said_by_the_agent(conversation, one, agent):
    said = service.comment(
        one.pk, By.staff(agent.user), "已换新，明天发出 13812345678", is_public=True
    )
    relay()
    row = entries(conversation)[-1]
    assert row.text == f"工单 {one.reference} 回复：已换新，明天发出 13812345678"
    assert (row.author_type, row.author_id) == ("agent", agent.pk)
    said.refresh_from_db()
    assert said.message_id == row.pk


def test_its_files_are_sent_too(conversation, one, agent):
    file = AttachmentFactory(customer=None, uploaded_by_user_id=agent.user_id)
    service.comment(one.pk, By.staff(agent.user), "见附件", is_public=True, files=[file.pk])
    relay()
    row = Message.objects.get(conversation=conversation, content__type="file")
    assert row.content["attachment"] == str(file.pk)
    file.refresh_from_db()
    assert file.conversation_id == conversation.pk


def test_internal_comments_and_the_customers_own_are_not_said(conversation, one, agent):
    service.comment(one.pk, By.staff(agent.user), "疑似恶意退款")
    service.comment(one.pk, By.requester(conversation.customer), "请尽快")
    service.edit(one.pk, SYSTEM, {"priority": 4, "tags": ["内部"]})
    relay()
    assert len(texts(conversation)) == 1


def test_a_comment_on_the_ticket_is_no_answer_to_the_chat(conversation, one, agent):
    waiting = timezone.now() - dt.timedelta(minutes=3)
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=waiting)
    service.comment(one.pk, By.staff(agent.user), "处理中", is_public=True)
    relay()
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.first_reply_at) == (waiting, None)


def test_a_restricted_ticket_shows_no_title_in_the_log(conversation):
    secret = TicketTypeFactory(is_restricted=True, name="员工投诉")
    ticket(secret, title="投诉客服李某", requester=conversation.customer, conversation=conversation)
    relay()
    [row] = entries(conversation)
    assert "李某" not in str(row.content)
    assert "投诉" not in str(row.content)


def test_a_merged_ticket_says_where_it_went_on(conversation, one):
    other = ticket(requester=conversation.customer, conversation=conversation)
    service.merge(other.pk, one.pk, SYSTEM)
    relay()
    assert f"工单 {other.reference} 已并入工单 {one.reference}" in texts(conversation)


def test_told_twice_it_is_said_once(conversation, one, agent):
    service.comment(one.pk, By.staff(agent.user), "好的", is_public=True)
    service.move(one.pk, "resolve", SYSTEM)
    relay()
    before = texts(conversation)
    for _ in range(2):
        posting.take(events(*posting.TYPES))
    assert texts(conversation) == before


def test_told_again_after_another_conversation_began_it_is_not_said_there(conversation, one):
    relay()
    close(conversation)
    again = ConversationFactory(
        state="serving", customer=conversation.customer, channel=conversation.channel
    )
    posting.take(events("ticket.created"))
    assert texts(again) == []


def test_many_tickets_cost_few_queries(conversation, django_assert_max_num_queries):
    type = TicketTypeFactory()
    customers = [ticket(type, requester=CustomerFactory()) for _ in range(20)]
    assert len(customers) == 20
    with django_assert_max_num_queries(6):
        posting.take(events("ticket.created"))


def test_words_of_the_chat_go_on_after_it(conversation, one):
    relay()
    MessageFactory(conversation=conversation)
    service.move(one.pk, "start", SYSTEM)
    relay()
    seqs = list(Message.objects.filter(conversation=conversation).values_list("seq", flat=True))
    assert sorted(seqs) == list(range(1, len(seqs) + 1))
