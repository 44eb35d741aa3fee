"""What routing gets to know of a conversation, and what it must not."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.facts import Visit, facts_of, intent_of, language_of
from conversations.models import Conversation
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    PageViewFactory,
)

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example.com"


@pytest.fixture
def conversation():
    channel = ChannelFactory(key="shop", kind="h5")
    customer = CustomerFactory(level="gold", tags=["VIP", "投诉过"], fields={"city": "杭州"})
    return ConversationFactory(
        channel=channel,
        customer=customer,
        context={
            "entry_page": f"{SHOP}/item/1",
            "referrer": "https://search.example.com/?q=lamp",
            "utm": {"source": "weibo", "utm_medium": "cpc"},
            "language": "zh-CN",
        },
        fields={"order_number": "A-17"},
    )


def browsed(conversation, *minutes_ago, url=None):
    """A page of its own for each number of minutes, or always `url`."""
    for number, minutes in enumerate(minutes_ago):
        PageViewFactory(
            customer=conversation.customer,
            channel=conversation.channel,
            url=url or f"{SHOP}/page/{minutes}-{number}",
            viewed_at=timezone.now() - dt.timedelta(minutes=minutes),
        )


class TestContext:
    def test_where_the_visitor_comes_from(self, conversation):
        facts = facts_of(conversation)
        assert facts["channel"] == "shop"
        assert facts["channel_kind"] == "h5"
        assert facts["entry_page"] == f"{SHOP}/item/1"
        assert facts["referrer"] == "https://search.example.com/?q=lamp"
        assert facts["utm_source"] == "weibo"
        assert facts["utm_medium"] == "cpc"
        assert facts["utm_campaign"] == ""

    def test_who_the_customer_is(self, conversation):
        facts = facts_of(conversation)
        assert facts["customer_level"] == "gold"
        assert facts["customer_tags"] == ["VIP", "投诉过"]
        assert facts["custom_fields"] == {"city": "杭州", "order_number": "A-17"}

    def test_the_conversations_own_field_goes_before_the_customers(self, conversation):
        conversation.fields = {"city": "宁波"}
        assert facts_of(conversation)["custom_fields"]["city"] == "宁波"

    def test_unsigned_claims_are_no_custom_fields(self, conversation):
        conversation.customer.fields = {"claimed": {"member": "M1"}}
        conversation.customer.save()
        assert "claimed" not in facts_of(conversation)["custom_fields"]

    def test_a_conversation_without_any_context(self):
        facts = facts_of(ConversationFactory(context={}, customer__name=""))
        assert facts["entry_page"] == facts["language"] == facts["message_text"] == ""
        assert (facts["pages_seen"], facts["seconds_on_site"], facts["intent"]) == (0, 0, "none")
        assert facts["last_agent"] is None

    def test_strange_context_does_no_harm(self):
        odd = {"utm": ["x"], "entry_page": None, "referrer": 7, "language": {"a": 1}}
        facts = facts_of(ConversationFactory(context=odd))
        assert facts["utm_source"] == ""
        assert facts["referrer"] == "7"


class TestVisit:
    def test_pages_and_seconds_since_the_visit_began(self, conversation):
        browsed(conversation, 50, 29, 10, 1)
        facts = facts_of(conversation)
        assert facts["pages_seen"] == 4
        assert 3000 <= facts["seconds_on_site"] <= 3010

    def test_a_gap_of_more_than_half_an_hour_begins_a_new_visit(self, conversation):
        browsed(conversation, 70, 38, 5)
        facts = facts_of(conversation)
        assert facts["pages_seen"] == 1
        assert 300 <= facts["seconds_on_site"] <= 310

    def test_the_same_page_counts_once(self, conversation):
        browsed(conversation, 5, 4, 3, url=f"{SHOP}/same")
        assert facts_of(conversation)["pages_seen"] == 1

    def test_a_visit_that_is_over_does_not_count(self, conversation):
        browsed(conversation, 31)
        facts = facts_of(conversation)
        assert facts["seconds_on_site"] == 0
        assert facts["pages_seen"] == 1  # the page the conversation began on

    def test_pages_of_others_and_of_other_channels_do_not_count(self, conversation):
        PageViewFactory(channel=conversation.channel)
        PageViewFactory(customer=conversation.customer)
        assert facts_of(conversation)["seconds_on_site"] == 0

    def test_the_number_of_queries_does_not_grow(self, conversation, django_assert_num_queries):
        browsed(conversation, *range(1, 40))
        for _ in range(5):
            ConversationFactory(customer=conversation.customer, state="closed")
        found = Conversation.objects.select_related("channel").get(pk=conversation.pk)
        with django_assert_num_queries(3 + 2):  # two for the forms, which processes keep a second
            facts_of(found)


class TestReturning:
    def test_somebody_new(self, conversation):
        browsed(conversation, 1)
        assert facts_of(conversation)["returning"] is False

    def test_a_visit_before_today(self, conversation):
        browsed(conversation, 60 * 25)
        assert facts_of(conversation)["returning"] is True

    def test_an_earlier_conversation(self, conversation):
        earlier = timezone.now() - dt.timedelta(minutes=5)
        ConversationFactory(customer=conversation.customer, state="closed", created_at=earlier)
        assert facts_of(conversation)["returning"] is True

    def test_a_later_conversation_elsewhere_does_not_make_this_one_a_return(self, conversation):
        later = timezone.now() + dt.timedelta(minutes=5)
        ConversationFactory(customer=conversation.customer, created_at=later)
        assert facts_of(conversation)["returning"] is False


class TestLastAgent:
    def served(self, conversation, agent, days_ago):
        at = timezone.now() - dt.timedelta(days=days_ago)
        return ConversationFactory(
            customer=conversation.customer,
            channel=conversation.channel,
            state="closed",
            agent=agent,
            created_at=at,
            accepted_at=at,
            closed_at=at,
        )

    def test_is_the_agent_of_the_last_conversation_that_was_accepted(self, conversation):
        older, newer = AgentFactory(), AgentFactory()
        self.served(conversation, older, 9)
        last = self.served(conversation, newer, 2)
        facts = facts_of(conversation)
        assert facts["last_agent"] == str(newer.pk)
        assert facts["last_agent_at"] == last.closed_at.isoformat()

    def test_a_conversation_nobody_accepted_does_not_hide_it(self, conversation):
        agent = AgentFactory()
        self.served(conversation, agent, 9)
        ConversationFactory(customer=conversation.customer, state="closed")
        assert facts_of(conversation)["last_agent"] == str(agent.pk)

    def test_the_conversation_itself_does_not_count(self, conversation):
        Conversation.objects.filter(pk=conversation.pk).update(
            agent=AgentFactory(), accepted_at=timezone.now()
        )
        assert facts_of(conversation)["last_agent"] is None


class TestSensitiveNumbers:
    def test_phone_and_identity_card_are_masked_everywhere(self, conversation):
        conversation.fields = {"contact": "13812345678", "number": 13812345678}
        conversation.context["entry_page"] = f"{SHOP}/?tel=13812345678"
        facts = facts_of(conversation, text="我的身份证 11010519491231002X，电话 13812345678")
        assert "13812345678" not in str(facts)
        assert "19491231" not in str(facts)
        assert facts["message_text"].startswith("我的身份证 110105")

    def test_a_number_at_the_cut_does_not_slip_through(self, conversation):
        facts = facts_of(conversation, text="好" * 491 + "13812345678")
        assert facts["message_text"].endswith("138****56")


class TestIntent:
    def visit(self, pages, seconds=0):
        return Visit(tuple((url, "") for url in pages), seconds)

    def test_what_the_host_page_says_counts(self):
        busy = self.visit([f"{SHOP}/{n}" for n in range(9)], 999)
        assert intent_of({"intent": "none"}, busy) == "none"
        assert intent_of({"intent": "HIGH"}, Visit()) == "high"

    @pytest.mark.parametrize("said", ["urgent", "", None, 5, ["high"]])
    def test_what_is_no_level_is_ignored(self, said):
        assert intent_of({"intent": said}, Visit()) == "none"

    def test_a_minute_is_little(self):
        assert intent_of({}, self.visit([f"{SHOP}/a"], 60)) == "low"

    def test_a_page_about_buying_is_medium(self):
        assert intent_of({}, self.visit([f"{SHOP}/cart"])) == "medium"
        assert intent_of({}, Visit(((f"{SHOP}/x", "年度套餐报价"),))) == "medium"
        assert intent_of({}, Visit(), f"{SHOP}/checkout") == "medium"

    def test_many_pages_for_long_with_one_about_buying_are_high(self):
        pages = [f"{SHOP}/{n}" for n in range(5)] + [f"{SHOP}/pricing"]
        assert intent_of({}, self.visit(pages, 400)) == "high"

    def test_coming_back_to_a_page_counts_but_a_reload_does_not(self):
        assert intent_of({}, self.visit([f"{SHOP}/a", f"{SHOP}/b", f"{SHOP}/a"])) == "low"
        assert intent_of({}, self.visit([f"{SHOP}/a", f"{SHOP}/a"])) == "none"

    def test_a_shop_with_such_a_name_is_not_about_buying(self):
        assert intent_of({}, self.visit(["https://pricing.example.com/about"])) == "none"

    def test_an_address_that_is_none_does_no_harm(self):
        assert intent_of({}, self.visit(["http://[broken", "pages/购物车/index"])) == "medium"


class TestLanguage:
    @pytest.mark.parametrize(
        ("told", "text", "language"),
        [
            ("zh-CN", "", "zh"),
            ("en-US", "", "en"),
            ("en-US", "发票怎么开", "zh"),
            ("", "これはいくらですか", "ja"),
            ("", "Привет", "ru"),
            ("", "where is my order", "en"),
            ("zh-CN", "ok", "zh"),
            ("", "123", ""),
            (None, "", ""),
            ("<script>", "", ""),
        ],
    )
    def test_by_the_script_then_by_the_browser(self, told, text, language):
        assert language_of(told, text) == language
