"""Asking the bot for a human: the words, and what they set in motion."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import listening, placing, supervision
from conversations.actions import open_conversation
from conversations.actors import SYSTEM, Actor
from conversations.bot import INTRODUCTION, leave_to_bot, say
from conversations.changes import Change
from conversations.facts import facts_of
from conversations.handoff import GOES_ON, asks_for_human, hand_over
from conversations.models import Conversation, Message
from conversations.principals import Visitor
from lingxi.errors import ConversationClosed, NotFound, TransitionNotAllowed
from lingxi.events.models import Event
from lingxi.events.relay import relay_batch
from routing.models import Strategy, StrategyVersion, WorkItem
from routing.strategy import versions
from routing.strategy.facts import all_facts
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    SkillGroupFactory,
    UserFactory,
    WorkItemFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "人工",
        "转人工！",
        "人工客服",
        "我要人工",
        "客服",
        "客服在吗",
        "在线客服",
        "请帮我转人工客服，谢谢",
        "机器人没用，转人工",
        "能不能给我转个人工",
        "你好，我要转人工",
        "怎么转人工",
        "叫人工客服来",
        "我想找人工客服处理退款",
        "找真人",
        "human",
        "Human!",
        "agent",
        "human agent",
        "a real person please",
        "I want to talk to a human",
        "speak to an agent please",
        "can I talk to someone",
        "transfer me to customer service representative",
    ],
)
def test_asks_for_a_human(text):
    assert asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "我的订单还没有到",
        "人工智能怎么用",
        "人工费怎么算",
        "不要转人工",
        "不用人工了",
        "我不想找人工",
        "没必要找人工",
        "你们的客服电话是多少",
        "客服态度太差",
        "你们客服昨天说给我退款",
        "user agent",
        "human resources",
        "is this agent software free",
        "don't transfer me to an agent",
        "转人工" + "很长的故事" * 50,
    ],
)
def test_does_not_ask_for_a_human(text):
    assert not asks_for_human(text)


def with_bot(**kwargs):
    """A conversation the bot serves."""
    conversation = ConversationFactory(work=False, **kwargs)
    change = Change()
    leave_to_bot(conversation, change, "您好，我是小灵")
    change.commit()
    conversation.refresh_from_db()
    return conversation


def said(conversation, text, author="visitor"):
    """The visitor says it and the relay hands the event on."""
    at = timezone.now()
    message = MessageFactory(
        conversation=conversation, content={"type": "text", "text": text}, created_at=at
    )
    first = conversation.first_visitor_message_at or at
    Conversation.objects.filter(pk=conversation.pk).update(first_visitor_message_at=first)
    Event.objects.create(
        type="message.received",
        conversation_id=conversation.pk,
        occurred_at=at,
        payload={"text": text, "seq": message.seq},
    )
    relay_batch()
    conversation.refresh_from_db()


def words(conversation):
    """What was said, in order."""
    rows = Message.objects.filter(conversation=conversation, kind="message").order_by("seq")
    return [(row.author_type, row.text) for row in rows]


class TestLeavingToTheBot:
    def test_the_bot_serves_and_says_the_configured_words(self):
        conversation = with_bot()
        assert (conversation.state, conversation.with_bot, conversation.agent) == (
            "serving",
            True,
            None,
        )
        message = Message.objects.get(conversation=conversation, kind="message")
        assert message.author_type == "bot"
        assert message.content == {"type": "text", "text": "您好，我是小灵", "automatic": True}
        assert message.visitor_seq is not None
        state = Message.objects.get(conversation=conversation, kind="state")
        assert state.content == {"state": "serving", "reason": "bot", "bot": True}

    def test_without_words_it_says_how_to_get_a_human(self):
        conversation, change = ConversationFactory(work=False), Change()
        leave_to_bot(conversation, change)
        change.commit()
        assert words(conversation) == [("bot", INTRODUCTION)]
        assert "人工" in INTRODUCTION

    def test_what_an_agent_serves_is_not_left_to_the_bot(self):
        with pytest.raises(TransitionNotAllowed):
            leave_to_bot(ConversationFactory(state="serving"), Change())

    def test_its_words_are_an_event_like_all_messages(self):
        conversation = with_bot()
        event = Event.objects.get(type="message.sent")
        assert event.conversation_id == conversation.pk
        assert event.payload["author_type"] == "bot"
        assert event.payload["author_id"] is None
        assert event.payload["seq"] == Message.objects.get(kind="message").seq

    def test_blank_words_are_not_said(self):
        conversation, change = ConversationFactory(), Change()
        say(conversation, change, "  ")
        change.commit()
        assert words(conversation) == []

    def test_it_is_in_no_queue_and_supervisors_of_the_group_see_it(self):
        conversation = with_bot()
        group = conversation.group
        agent = AgentFactory(ready=True, groups=[group])
        mine = UserFactory(role="supervisor", scope="group")
        AgentFactory(user=mine, groups=[group])
        visible = Conversation.objects.visible_to
        assert conversation not in visible(agent.user)
        assert conversation in visible(mine)
        assert conversation not in visible(UserFactory(role="supervisor", scope="group"))
        assert not WorkItem.objects.pending().exists()
        assert conversation not in Conversation.objects.waiting()


class TestHandOver:
    def test_it_queues_and_the_clock_of_waiting_starts(self):
        conversation = with_bot()
        hand_over(conversation.pk, Actor.visitor(conversation.customer_id))
        conversation.refresh_from_db()
        assert (conversation.state, conversation.with_bot) == ("queued", False)
        assert timezone.now() - conversation.asked_at < dt.timedelta(seconds=9)
        item = WorkItem.objects.pending().get(item_id=conversation.pk)
        assert (item.state, item.group) == ("waiting", conversation.group)
        assert words(conversation)[-1] == ("bot", GOES_ON)
        state = Message.objects.filter(conversation=conversation, kind="state").latest("seq")
        assert state.content == {"state": "queued", "reason": "handoff"}
        assert Event.objects.filter(type="handoff.requested").count() == 1

    def test_twice_is_once(self):
        conversation = with_bot()
        for _ in range(2):
            hand_over(conversation.pk, SYSTEM)
        assert WorkItem.objects.pending().filter(item_id=conversation.pk).count() == 1
        assert Event.objects.filter(type="handoff.requested").count() == 1

    def test_what_an_agent_serves_stays_with_the_agent(self):
        conversation = ConversationFactory(state="serving")
        hand_over(conversation.pk, Actor.visitor(conversation.customer_id))
        conversation.refresh_from_db()
        assert (conversation.state, conversation.asked_at) == ("serving", None)
        assert conversation.agent is not None

    def test_after_the_end(self):
        conversation = ConversationFactory(state="closed", with_bot=True)
        with pytest.raises(ConversationClosed):
            hand_over(conversation.pk, SYSTEM)

    def test_by_somebody_else(self):
        conversation = with_bot()
        with pytest.raises(NotFound):
            hand_over(conversation.pk, Actor.visitor(CustomerFactory().pk))
        conversation.refresh_from_db()
        assert conversation.with_bot

    def test_it_does_not_come_back_to_the_bot(self, monkeypatch):
        conversation = with_bot()
        WorkItemFactory(
            item_id=conversation.pk,
            group=conversation.group,
            state="done",
            left_reason="left_to_bot",
        )
        asked = placing.decide
        monkeypatch.setattr(placing, "decide", lambda *a, **k: to_bot(asked(*a, **k)))
        hand_over(conversation.pk, SYSTEM)
        conversation.refresh_from_db()
        assert (conversation.state, conversation.with_bot) == ("queued", False)
        assert WorkItem.objects.pending().filter(item_id=conversation.pk).exists()


class TestSupervisors:
    """A supervisor need not wait until the visitor asks."""

    @pytest.fixture
    def supervisor(self):
        return AgentFactory(ready=True, user=UserFactory(role="supervisor", scope="all"))

    def test_take_it_over_from_the_bot(self, supervisor):
        conversation = with_bot()
        supervision.take_over(conversation.pk, supervisor.user, "老客户")
        conversation.refresh_from_db()
        assert (conversation.state, conversation.with_bot) == ("serving", False)
        assert conversation.agent == supervisor
        state = Message.objects.filter(conversation=conversation, kind="state").latest("seq")
        assert "bot" not in state.content

    def test_end_it(self, supervisor):
        conversation = with_bot()
        supervision.force_end(conversation.pk, supervisor.user, "骚扰")
        conversation.refresh_from_db()
        assert conversation.state == "closed"


def to_bot(decision):
    """The same decision with another outcome."""
    return type(decision)(group_id=decision.group_id, outcome="bot", text="还是我")


class TestListening:
    def test_asking_in_words_hands_over(self):
        conversation = with_bot()
        said(conversation, "转人工")
        assert (conversation.state, conversation.with_bot) == ("queued", False)

    def test_other_words_do_not(self):
        conversation = with_bot()
        said(conversation, "人工智能是什么")
        assert conversation.with_bot

    def test_asking_twice_in_one_batch_is_once(self):
        conversation = with_bot()
        for text in ("人工", "转人工"):
            Event.objects.create(
                type="message.received", conversation_id=conversation.pk, payload={"text": text}
            )
        relay_batch()
        assert Event.objects.filter(type="handoff.requested").count() == 1

    def test_the_same_event_again_changes_nothing(self):
        conversation = with_bot()
        said(conversation, "人工")
        event = Event.objects.get(type="message.received")
        listening.take([event])
        assert Event.objects.filter(type="handoff.requested").count() == 1

    def test_an_agents_conversation_is_left_alone(self):
        conversation = ConversationFactory(state="serving")
        said(conversation, "转人工")
        assert conversation.agent is not None
        assert conversation.state == "serving"

    def test_files_and_ended_conversations_do_no_harm(self):
        ended = ConversationFactory(state="closed")
        said(ended, "人工")
        Event.objects.create(type="message.received", conversation_id=None, payload={})
        Event.objects.create(
            type="message.received", conversation_id=with_bot().pk, payload={"kind": "image"}
        )
        assert relay_batch() == 3


class TestDecidingAgain:
    """What still waits is decided again when the visitor has said something that matters."""

    @pytest.fixture
    def decided(self, monkeypatch):
        seen = []
        monkeypatch.setattr(placing, "replace", lambda pk, text="": seen.append((pk, text)))
        return seen

    def waiting(self, *facts):
        conversation = ConversationFactory(work=False)
        version = strategy_version([condition(fact) for fact in facts])
        WorkItemFactory(item_id=conversation.pk, group=conversation.group, version=version)
        return conversation

    def test_by_the_first_message(self, decided):
        conversation = self.waiting("channel", "message_text")
        said(conversation, "我要退款")
        said(conversation, "快一点")
        assert decided == [(conversation.pk, "我要退款")]

    def test_not_when_no_rule_looks_at_words(self, decided):
        said(self.waiting("channel"), "我要退款")
        assert decided == []

    def test_not_without_a_strategy(self, decided):
        said(ConversationFactory(), "我要退款")
        assert decided == []

    def test_not_while_it_is_served(self, decided):
        said(ConversationFactory(state="serving"), "我要退款")
        assert decided == []

    def test_who_was_left_offline_is_looked_at_with_every_message(self, decided):
        conversation = ConversationFactory(state="offline", work=False)
        said(conversation, "有人吗")
        said(conversation, "还没有人吗")
        assert [text for _, text in decided] == ["有人吗", "还没有人吗"]


def condition(fact):
    """A condition inside a nested set, where it must be found too."""
    return {"match": "any", "items": [{"fact": fact, "operator": "is", "value": "x"}]}


def strategy_version(items):
    """A published version with one rule."""
    rule = {"id": "r1", "name": "规则", "enabled": True}
    rule |= {"when": {"match": "all", "items": items}, "then": []}
    strategy, _ = Strategy.objects.get_or_create(kind="conversation")
    return StrategyVersion.objects.create(
        strategy=strategy, number=1, state="published", rules=[rule]
    )


class TestByStrategy:
    """From the rule that says so, to the human, with nothing replaced."""

    @pytest.fixture
    def visitor(self):
        channel, customer = ChannelFactory(), CustomerFactory()
        return Visitor(customer.pk, channel.pk)

    def publish(self, condition, *actions):
        """A version in force with one rule."""
        rule = {"id": "a1b2", "name": "规则", "enabled": True}
        items = [condition] if condition else []
        rule |= {"when": {"match": "all", "items": items}, "then": list(actions)}
        strategy = versions.strategy_of("conversation")
        by = UserFactory(role="admin", scope="all", is_superuser=True)
        draft = versions.draft_of(strategy, by)
        draft = versions.save_draft(strategy, [rule], by, draft.revision)
        versions.publish(strategy, by, draft.revision)

    def test_left_to_the_bot_and_on_to_the_queue(self, visitor):
        self.publish(None, {"action": "leave_to_bot", "params": {"text": "您好，我是小灵"}})
        conversation, _ = open_conversation(visitor, {}, {})
        conversation.refresh_from_db()
        assert conversation.with_bot
        assert words(conversation) == [("bot", "您好，我是小灵")]
        said(conversation, "我要人工")
        assert (conversation.state, conversation.with_bot) == ("queued", False)
        assert WorkItem.objects.pending().get(item_id=conversation.pk).group == conversation.group

    def test_the_first_message_moves_it_to_the_group_of_its_subject(self, visitor):
        group = SkillGroupFactory(name="售后")
        AgentFactory(groups=[group])
        about = {"fact": "message_text", "subject": "", "operator": "contains", "value": "退款"}
        self.publish(about, {"action": "enqueue", "params": {"group": str(group.pk)}})
        conversation, _ = open_conversation(visitor, {}, {})
        assert conversation.group != group
        said(conversation, "我要退款")
        assert conversation.group == group
        assert WorkItem.objects.pending().get(item_id=conversation.pk).group == group


def test_every_fact_that_rules_can_ask_for_is_supplied():
    supplied = facts_of(ConversationFactory())
    declared = {
        fact.name for fact in all_facts() if type(fact).__module__ == "conversations.strategy_facts"
    }
    assert declared - {"custom_field"} <= supplied.keys()
    assert supplied.keys() - declared == {"custom_fields", "last_agent", "last_agent_at"}
