"""The lists: what is in them, in which order, and what they cost."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Conversation, Customer, Message, Participant
from conversations.workbench.queries import desk_of, search
from routing.models import Agent, WorkItem
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    UserFactory,
    WorkItemFactory,
)

pytestmark = pytest.mark.django_db


def fresh(agent: Agent) -> Any:
    """The person without what an earlier call kept on the object."""
    return type(agent.user).objects.get(pk=agent.user_id)


def many(channel: Any, agent: Agent | None, count: int) -> None:
    """`count` conversations in few statements: served by `agent`, or waiting without one."""
    state = "serving" if agent else "queued"
    people = Customer.objects.bulk_create([Customer(name=f"客户{n}") for n in range(count)])
    rows = Conversation.objects.bulk_create(
        [
            Conversation(
                customer=one,
                channel=channel,
                group=channel.group,
                agent=agent,
                state=state,
                last_seq=2,
            )
            for one in people
        ]
    )
    Participant.objects.bulk_create([Participant(conversation=row, agent=agent) for row in rows])
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                kind="conversation",
                item_id=row.id,
                group=channel.group,
                agent=agent,
                state="assigned" if agent else "waiting",
            )
            for row in rows
        ]
    )
    texts = {"type": "text", "text": "在吗"}
    Message.objects.bulk_create(
        [
            Message(conversation=row, seq=seq, kind="message", author_type="visitor", content=texts)
            for row in rows
            for seq in (1, 2)
        ]
    )


@pytest.mark.parametrize("path", ["/workbench/", "/workbench/desk/", "/workbench/desk/?tab=ended"])
def test_the_number_of_queries_does_not_grow(
    path: str, page: Client, agent: Agent, channel: Any
) -> None:
    page.get(path)  # warms what Django keeps for good, such as content types
    counts = []
    for more in (3, 297):
        many(channel, agent, more)
        many(channel, None, more)
        with CaptureQueriesContext(connection) as queries:
            assert page.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 17


def test_opening_a_conversation_costs_the_same_however_long_it_is(
    page: Client, serving: Any, django_assert_num_queries: Any
) -> None:
    path = f"/workbench/c/{serving.id}/"
    MessageFactory(conversation=serving)
    page.get(path)
    with CaptureQueriesContext(connection) as queries:
        page.get(path)
    MessageFactory.create_batch(60, conversation=serving)
    # Sixty do not fit on a page, so there is no look for an earlier conversation.
    with django_assert_num_queries(len(queries) - 1):
        page.get(path)


def test_unread_counts_visitor_messages_after_the_read_mark(agent: Agent, serving: Any) -> None:
    for who in ("visitor", "visitor", "agent", "visitor"):
        MessageFactory(conversation=serving, author_type=who)
    MessageFactory(conversation=serving, kind="note", author_type="agent")
    Participant.objects.filter(conversation=serving, agent=agent).update(read_seq=1)
    (row,) = desk_of(fresh(agent)).mine
    assert row.unread == "2"


def test_a_hundred_unread_show_as_many(agent: Agent, serving: Any) -> None:
    MessageFactory.create_batch(100, conversation=serving)
    (row,) = desk_of(fresh(agent)).mine
    assert row.unread_label == "99+"


def test_mine_holds_the_open_ones_of_this_agent_only(agent: Agent, serving: Any) -> None:
    ConversationFactory(state="serving")
    ConversationFactory(state="closed", agent=agent, channel=serving.channel)
    desk = desk_of(fresh(agent))
    assert [row.id for row in desk.mine] == [str(serving.id)]
    assert desk.load == 1


def test_who_waits_longest_for_an_answer_stands_first(agent: Agent, channel: Any) -> None:
    now = timezone.now()
    rows = [
        ConversationFactory(state="serving", agent=agent, channel=channel, waiting_since=since)
        for since in (None, now - dt.timedelta(minutes=1), now - dt.timedelta(minutes=9))
    ]
    assert [row.id for row in desk_of(fresh(agent)).mine] == [str(one.id) for one in rows[::-1]]


def test_the_queue_is_in_the_order_of_serving(agent: Agent, channel: Any) -> None:
    now = timezone.now()
    waiting = []
    for minutes, priority in ((1, 0), (5, 0), (0, 10)):
        one = ConversationFactory(channel=channel, work=False)
        WorkItemFactory(
            item_id=one.id,
            group=channel.group,
            priority=priority,
            enqueued_at=now - dt.timedelta(minutes=minutes),
        )
        waiting.append(str(one.id))
    desk = desk_of(fresh(agent))
    assert [row.id for row in desk.queue] == [waiting[2], waiting[1], waiting[0]]
    assert desk.queue_total == 3


def test_the_queue_of_other_groups_is_not_shown(agent: Agent) -> None:
    ConversationFactory()
    assert desk_of(fresh(agent)).queue_total == 0


def test_ended_ones_are_read_when_asked_for(agent: Agent, channel: Any) -> None:
    ended = ConversationFactory(state="closed", agent=agent, channel=channel)
    assert desk_of(fresh(agent)).ended is None
    desk = desk_of(fresh(agent), "ended")
    assert [row.id for row in desk.ended or []] == [str(ended.id)]
    assert desk.ended_total == 1


def test_a_supervisor_without_a_seat_sees_the_queue(db: None) -> None:
    ConversationFactory()
    ConversationFactory(state="closed")
    desk = desk_of(UserFactory(role="supervisor", scope="all"), "ended")
    assert (desk.agent, desk.mine, desk.queue_total, len(desk.ended or [])) == (None, [], 1, 1)


class TestSearch:
    """What is found, and by what."""

    @pytest.fixture
    def found(self, agent: Agent, channel: Any) -> Any:
        customer = CustomerFactory(name="王小明", phone="13812345678")
        return ConversationFactory(
            state="serving", agent=agent, channel=channel, customer=customer, last_text="我要退款"
        )

    @pytest.mark.parametrize("words", ["小明", "退款", "13812345678"])
    def test_it_works(self, words: str, found: Any, agent: Agent) -> None:
        assert [row.id for row in search(fresh(agent), words)] == [str(found.id)]

    def test_by_id(self, found: Any, agent: Agent) -> None:
        assert len(search(fresh(agent), str(found.id))) == 1

    @pytest.mark.parametrize("words", ["", "  ", "没有的词", "%"])
    def test_nothing(self, words: str, found: Any, agent: Agent) -> None:
        assert search(fresh(agent), words) == []

    def test_nobody_guesses_a_masked_number_digit_by_digit(self, found: Any, agent: Agent) -> None:
        Conversation.objects.filter(pk=found.pk).update(last_text="打我电话 13987654321")
        assert search(fresh(agent), "8765") == []
        assert search(fresh(agent), "1381234") == []

    def test_what_others_serve_is_not_found(self, agent: Agent) -> None:
        ConversationFactory(
            state="serving",
            agent=AgentFactory(),
            channel=ChannelFactory(),
            customer=CustomerFactory(name="王小明"),
        )
        assert search(fresh(agent), "小明") == []
