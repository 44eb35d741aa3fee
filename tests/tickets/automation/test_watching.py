"""Tickets made of what visitors say and of how conversations end."""

import pytest
from django.db import transaction

from conversations import actions, bot, wrap_up
from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.models import Conversation, Message, MessageKind
from conversations.principals import Visitor
from lingxi.events.models import Event
from tests.factories import ChannelFactory, ConversationFactory, SkillGroupFactory
from tests.tickets.automation.conftest import rule
from tests.tickets.chat.told import relay
from tests.tickets.factories import IssueTypeFactory, TicketTypeFactory, ticket
from tickets import service
from tickets.automation import watching
from tickets.models import Comment, RuleFiring, Ticket
from tickets.service import SYSTEM as BY_SYSTEM

pytestmark = pytest.mark.django_db


def say(conversation, text):
    """The visitor says it, and everybody who listens hears it."""
    with transaction.atomic():
        change = Change()
        content = {"type": "text", "text": text}
        change.log(
            conversation, MessageKind.MESSAGE, Actor.visitor(conversation.customer_id), content
        )
        change.commit()
    relay()


def left_to_bot(conversation):
    with transaction.atomic():
        change = Change()
        bot.leave_to_bot(conversation, change)
        change.commit()


def automatic(conversation):
    """What was said to the visitor by itself, cards aside."""
    rows = Message.objects.filter(conversation=conversation, content__automatic=True)
    return [row.text for row in rows.order_by("seq") if row.content["type"] == "text"]


class TestKeywords:
    def test_it_works(self, conversation):
        broken, group = IssueTypeFactory(), SkillGroupFactory()
        made_by = rule(
            "keyword",
            words=["退款", "投诉"],
            tags=["自动"],
            priority=4,
            issue_type=broken,
            group=group,
            answer="已登记，编号 {number}",
        )
        say(conversation, "我要退款，杯子碎了")
        one = Ticket.objects.get()
        assert (one.title, one.source, one.type) == ("我要退款，杯子碎了", "keyword", made_by.type)
        assert (one.priority, one.tags, one.issue_type) == (4, ["自动"], broken)
        assert (one.requester, one.group) == (conversation.customer, group)
        assert one.links.get().conversation == conversation
        assert automatic(conversation) == [f"已登记，编号 {one.reference}"]
        assert one.entries.first().actor_name == "规则 keyword"

    @pytest.mark.parametrize("text", ["REFUND please", "申请 Refund"])
    def test_case_does_not_matter(self, conversation, text):
        rule("keyword", words=["refund"])
        say(conversation, text)
        assert Ticket.objects.count() == 1

    def test_by_pattern(self, conversation):
        rule("keyword", pattern=r"错误码\s*\d{3}")
        say(conversation, "提示错误码 50")
        assert not Ticket.objects.exists()
        say(conversation, "提示错误码 502")
        assert Ticket.objects.count() == 1

    def test_other_words_make_none(self, conversation):
        rule("keyword", words=["退款"])
        say(conversation, "什么时候发货")
        assert not Ticket.objects.exists()

    def test_only_where_the_rule_holds(self, conversation):
        rule("keyword", words=["退款"], channels=[ChannelFactory()])
        rule("keyword", words=["退款"], groups=[SkillGroupFactory()], name="另一条")
        rule("keyword", words=["退款"], is_active=False, name="停用")
        say(conversation, "退款")
        assert not Ticket.objects.exists()

    def test_here_it_holds(self, conversation):
        rule(
            "keyword", words=["退款"], channels=[conversation.channel], groups=[conversation.group]
        )
        say(conversation, "退款")
        assert Ticket.objects.count() == 1

    def test_said_again_it_is_the_same_cause(self, conversation):
        rule("keyword", words=["退款"], answer="收到")
        for _ in range(3):
            say(conversation, "退款")
        assert Ticket.objects.count() == 1
        assert automatic(conversation) == ["收到"]

    def test_told_again_and_again_it_makes_one(self, conversation):
        rule("keyword", words=["退款"], answer="收到")
        say(conversation, "退款")
        heard = list(Event.objects.filter(type="message.received"))
        for _ in range(3):
            watching.hear(heard)
        assert (Ticket.objects.count(), RuleFiring.objects.count()) == (1, 1)
        assert automatic(conversation) == ["收到"]

    def test_in_another_conversation_it_is_another_cause(self, conversation):
        rule("keyword", words=["退款"])
        say(conversation, "退款")
        say(ConversationFactory(state="serving"), "退款")
        assert Ticket.objects.count() == 2

    def test_an_active_ticket_of_the_type_is_told_instead(self, conversation):
        type = TicketTypeFactory()
        known = ticket(type, requester=conversation.customer, conversation=conversation)
        rule("keyword", words=["投诉"], type=type, tags=["投诉"])
        say(conversation, "我要投诉")
        known.refresh_from_db()
        assert (Ticket.objects.count(), known.tags) == (1, ["投诉"])
        [told] = Comment.objects.filter(ticket=known)
        assert not told.is_public
        assert "规则 keyword" in told.text
        assert not RuleFiring.objects.get().is_new

    def test_one_that_is_done_is_not(self, conversation):
        type = TicketTypeFactory()
        known = ticket(type, requester=conversation.customer, conversation=conversation)
        service.move(known.pk, "resolve", BY_SYSTEM)
        rule("keyword", words=["投诉"], type=type)
        say(conversation, "我要投诉")
        assert Ticket.objects.count() == 2

    def test_a_rule_that_cannot_fire_hinders_no_other(self, conversation):
        rule("keyword", words=["退款"], type=TicketTypeFactory(is_active=False), name="坏的")
        rule("keyword", words=["退款"], order=1)
        say(conversation, "退款")
        assert Ticket.objects.count() == 1

    def test_without_rules_it_costs_one_query(self, conversation, django_assert_num_queries):
        say(conversation, "退款")
        heard = list(Event.objects.filter(type="message.received"))
        with django_assert_num_queries(1):
            watching.hear(heard)


class TestChoices:
    @pytest.fixture
    def waiting(self, group):
        return ConversationFactory(channel__group=group, work=False)

    @pytest.mark.parametrize("text", ["1", "报修", " 报修。 "])
    def test_it_works(self, waiting, text):
        rule("bot", words=["1", "报修"], answer="已为您报修：{number}")
        left_to_bot(waiting)
        say(waiting, text)
        one = Ticket.objects.get()
        assert one.source == "bot"
        assert automatic(waiting)[-1] == f"已为您报修：{one.reference}"

    def test_only_exactly(self, waiting):
        rule("bot", words=["1"])
        left_to_bot(waiting)
        say(waiting, "我要 1 个")
        assert not Ticket.objects.exists()

    def test_only_while_the_bot_serves(self, conversation):
        rule("bot", words=["1"])
        say(conversation, "1")
        assert not Ticket.objects.exists()


class TestUnresolved:
    def closed(self, conversation):
        actions.close_conversation(conversation.pk, SYSTEM)
        relay()
        return Conversation.objects.get(pk=conversation.pk)

    def test_wrapped_up_so(self, conversation):
        rule("unresolved")
        self.closed(conversation)
        wrap_up.write(conversation.pk, conversation.agent.user, resolved=True)
        relay()
        assert not Ticket.objects.exists()
        wrap_up.write(conversation.pk, conversation.agent.user, resolved=False)
        relay()
        assert Ticket.objects.get().source == "unresolved"

    @pytest.mark.parametrize(
        ("score", "resolved", "fires"),
        [(5, False, True), (2, None, True), (3, None, False), (5, True, False), (1, True, True)],
    )
    def test_rated_so(self, conversation, score, resolved, fires):
        rule("unresolved", most_score=2)
        self.closed(conversation)
        visitor = Visitor(conversation.customer_id, conversation.channel_id)
        actions.rate_conversation(conversation.pk, visitor, score, resolved)
        relay()
        assert Ticket.objects.exists() == fires

    def test_left_before_anybody_came(self, group):
        rule("unresolved", on_abandoned=True)
        waiting = ConversationFactory(channel__group=group)
        say(waiting, "有人吗，订单没到")
        self.closed(waiting)
        assert Ticket.objects.get().title == "有人吗，订单没到"

    def test_who_was_served_did_not_leave_the_queue(self, conversation):
        rule("unresolved", on_abandoned=True)
        say(conversation, "订单没到")
        self.closed(conversation)
        assert not Ticket.objects.exists()

    def test_two_ends_make_one_ticket(self, conversation):
        rule("unresolved")
        self.closed(conversation)
        wrap_up.write(conversation.pk, conversation.agent.user, resolved=False)
        visitor = Visitor(conversation.customer_id, conversation.channel_id)
        actions.rate_conversation(conversation.pk, visitor, 1, False)
        relay()
        watching.see_end(list(Event.objects.filter(type__in=watching.ENDS)))
        assert Ticket.objects.count() == 1
