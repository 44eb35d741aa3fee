"""A human on request, and invitations: what visitors can ask for besides the talk."""

import pytest
from django.db import transaction

from conversations import offline
from conversations.api import visitor_service
from conversations.bot import leave_to_bot
from conversations.changes import Change
from conversations.models import Block, Invitation, Message, OfflineMessage, SensitiveWord
from tests.conversations.api.conftest import refused
from tests.factories import ChannelFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN_ID = "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11"
ADDRESS = {"REMOTE_ADDR": "203.0.113.7"}
PAGE = "https://shop.example.com/item/17?from=weibo"


class TestHandoff:
    @pytest.fixture
    def with_bot(self, customer, channel):
        conversation = ConversationFactory(customer=customer, channel=channel, work=False)
        with transaction.atomic():
            change = Change()
            leave_to_bot(conversation, change)
            change.commit()
        return conversation

    def path(self, conversation):
        return f"visitor/conversations/{conversation.id}/handoff"

    def test_it_works(self, visitor, with_bot):
        answer = visitor.post_json(self.path(with_bot))
        assert answer.status_code == 200
        body = answer.json()
        assert (body["state"], body["with_bot"]) == ("queued", False)
        assert body["queue"] == {"position": 1, "ahead": 0, "estimated_wait": None}

    def test_again_changes_nothing(self, visitor, with_bot):
        first = visitor.post_json(self.path(with_bot)).json()
        assert visitor.post_json(self.path(with_bot)).json() == first

    def test_with_an_agent_already(self, visitor, served):
        body = visitor.post_json(self.path(served)).json()
        assert (body["state"], body["queue"]) == ("serving", None)

    def test_anothers(self, other_visitor, with_bot):
        refused(other_visitor.post_json(self.path(with_bot)), 404, "not_found")
        with_bot.refresh_from_db()
        assert with_bot.with_bot

    def test_after_the_end(self, visitor, with_bot):
        visitor.post_json(f"visitor/conversations/{with_bot.id}/close")
        refused(visitor.post_json(self.path(with_bot)), 409, "conversation_closed")

    def test_without_a_token(self, anyone, with_bot):
        refused(anyone.post_json(self.path(with_bot)), 401, "not_authenticated")

    def test_too_often(self, visitor, with_bot, monkeypatch):
        monkeypatch.setattr(visitor_service, "HANDOFFS_PER_MINUTE", 1)
        visitor.post_json(self.path(with_bot))
        refused(visitor.post_json(self.path(with_bot)), 429, "rate_limited")

    def test_conversations_say_whether_the_bot_serves(self, visitor, with_bot):
        body = visitor.post_json("visitor/conversations").json()
        assert (body["id"], body["with_bot"]) == (str(with_bot.id), True)


@pytest.fixture
def invitation(channel):
    return Invitation.objects.create(
        channel=channel, name="商品页", match="contains", value="/item/", text="需要帮忙挑选吗？"
    )


class TestInvited:
    """Which invitation a page gets."""

    @pytest.fixture
    def invited(self, anyone, channel):
        def ask(page=PAGE):
            query = {"channel": channel.key, "page": page}
            return anyone.get("/api/v1/visitor/config", query).json()["invitation"]

        return ask

    def test_it_works(self, invited, invitation):
        assert invited() == {
            "id": str(invitation.id),
            "text": "需要帮忙挑选吗？",
            "after": 15,
            "again_hours": 24,
        }

    def test_none_on_other_pages_and_without_a_page(self, invited, invitation):
        assert invited("https://shop.example.com/about") is None
        assert invited("") is None

    @pytest.mark.parametrize(
        ("match", "value", "fits"),
        [
            ("any", "", True),
            ("contains", "from=weibo", True),
            ("contains", "", False),
            ("prefix", "https://shop.example.com/item/", True),
            ("prefix", "/item/", True),
            ("prefix", "/items", False),
            ("prefix", "/shop.example.com", False),
            ("prefix", "shop.example.com", False),
            ("pattern", r"/item/\d+\b", True),
            ("pattern", r"/item/[a-z]+$", False),
            ("pattern", r"(unclosed", False),
            ("pattern", r"(a)\1", False),
            ("pattern", "", False),
        ],
    )
    def test_by_the_condition(self, invited, invitation, match, value, fits):
        Invitation.objects.update(match=match, value=value)
        assert (invited() is not None) == fits

    def test_the_first_by_order_that_fits(self, invited, invitation, channel):
        Invitation.objects.create(channel=channel, name="最先", text="甲", order=0, is_active=False)
        Invitation.objects.update(order=5)
        second = Invitation.objects.create(channel=channel, name="任意页", text="乙", order=2)
        assert invited()["id"] == str(second.id)

    def test_not_what_is_switched_off_or_of_another_channel(self, invited, invitation):
        Invitation.objects.update(is_active=False)
        assert invited() is None
        Invitation.objects.update(is_active=True, channel=ChannelFactory())
        assert invited() is None

    def test_a_strange_page_does_no_harm(self, invited, invitation):
        assert invited("\x00/item/" + "x" * 9000) is not None
        assert invited("<script>") is None


class TestOutcome:
    def path(self, pk):
        return f"visitor/invitations/{pk}"

    @pytest.mark.parametrize("outcome", ["shown", "accepted", "declined"])
    def test_it_counts(self, anyone, invitation, outcome):
        answer = anyone.post_json(self.path(invitation.id), {"outcome": outcome})
        assert (answer.status_code, answer.json()) == (200, {"outcome": outcome})
        invitation.refresh_from_db()
        counted = {one: getattr(invitation, one) for one in ("shown", "accepted", "declined")}
        assert counted == {"shown": 0, "accepted": 0, "declined": 0, outcome: 1}

    @pytest.mark.parametrize(
        "body", [{}, {"outcome": "bought"}, {"outcome": None}, {"outcome": "shown", "by": 9}, []]
    )
    def test_bad_input(self, anyone, invitation, body):
        refused(anyone.post_json(self.path(invitation.id), body), 400, "invalid")

    @pytest.mark.parametrize("pk", [UNKNOWN_ID, "x"])
    def test_nothing(self, anyone, pk):
        refused(anyone.post_json(self.path(pk), {"outcome": "shown"}), 404, "not_found")

    def test_of_a_channel_that_is_switched_off(self, anyone, invitation, channel):
        channel.is_active = False
        channel.save()
        refused(anyone.post_json(self.path(invitation.id), {"outcome": "shown"}), 404, "not_found")

    def test_from_a_page_the_channel_does_not_allow(self, anyone, invitation, channel):
        channel.allowed_origins = ["https://shop.example.com"]
        channel.save()
        body, origin = {"outcome": "shown"}, "https://evil.example.com"
        answer = anyone.post_json(self.path(invitation.id), body, HTTP_ORIGIN=origin)
        refused(answer, 403, "origin_not_allowed")
        invitation.refresh_from_db()
        assert invitation.shown == 0

    def test_too_often_from_one_address(self, anyone, invitation, monkeypatch):
        monkeypatch.setattr(visitor_service, "OUTCOMES_PER_MINUTE", 1)
        body = {"outcome": "shown"}
        anyone.post_json(self.path(invitation.id), body, **ADDRESS)
        answer = anyone.post_json(self.path(invitation.id), body, **ADDRESS)
        refused(answer, 429, "rate_limited")
        invitation.refresh_from_db()
        assert invitation.shown == 1


class TestLeaving:
    """留言."""

    PATH = "visitor/offline-messages"
    SAID = {"name": "李雷", "phone": "13800138000", "email": "l@example.com", "text": "请回电"}

    def test_it_works_without_a_conversation(self, visitor, customer, channel):
        answer = visitor.post_json(self.PATH, self.SAID)
        assert answer.status_code == 201
        row = OfflineMessage.objects.get()
        assert (row.customer, row.channel, row.group) == (customer, channel, channel.group)
        assert (row.name, row.phone, row.email) == ("李雷", "13800138000", "l@example.com")
        body = answer.json()
        assert (body["id"], body["text"], body["state"]) == (str(row.id), "请回电", "new")
        assert set(body) == {"id", "text", "created_at", "state"}

    def test_it_works_in_a_conversation(self, visitor, waiting):
        path = f"visitor/conversations/{waiting.id}/offline-message"
        assert visitor.post_json(path, self.SAID).status_code == 201
        assert OfflineMessage.objects.get().conversation == waiting
        assert Message.objects.get(kind="message").text == "请回电"

    def test_in_anothers_conversation(self, other_visitor, waiting):
        path = f"visitor/conversations/{waiting.id}/offline-message"
        refused(other_visitor.post_json(path, self.SAID), 404, "not_found")
        assert not OfflineMessage.objects.exists()

    def test_after_the_end(self, visitor, waiting):
        visitor.post_json(f"visitor/conversations/{waiting.id}/close")
        path = f"visitor/conversations/{waiting.id}/offline-message"
        refused(visitor.post_json(path, self.SAID), 409, "conversation_closed")

    def test_what_was_left_is_there_again_without_how_it_was_handled(self, visitor, other_visitor):
        visitor.post_json(self.PATH, self.SAID)
        OfflineMessage.objects.update(state="handled", remark="已电话联系")
        (left,) = visitor.get_json(self.PATH).json()["results"]
        assert (left["text"], left["state"]) == ("请回电", "handled")
        assert "已电话联系" not in visitor.get_json(self.PATH).content.decode()
        assert other_visitor.get_json(self.PATH).json() == {"results": []}

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"text": ""}, 400, "text"),
            ({"text": None}, 400, "text"),
            ({"text": "x" * 5001}, 413, "text"),
            ({"phone": "not a number"}, 400, "phone"),
            ({"email": "nowhere"}, 400, "email"),
            ({"phone": "", "email": ""}, 400, "phone"),
            ({"name": "a\x00"}, 400, "name"),
            ({"surprise": 1}, 400, "surprise"),
        ],
    )
    def test_bad_input(self, visitor, changes, code, field):
        answer = visitor.post_json(self.PATH, self.SAID | changes)
        body = refused(answer, code, "too_long" if code == 413 else "invalid")
        assert field in body["fields"]
        assert not OfflineMessage.objects.exists()

    def test_too_often(self, visitor, monkeypatch):
        monkeypatch.setattr(offline, "PER_HOUR", 1)
        visitor.post_json(self.PATH, self.SAID)
        refused(visitor.post_json(self.PATH, self.SAID), 429, "rate_limited")

    def test_a_blocked_visitor(self, visitor, customer):
        Block.objects.create(kind="customer", customer=customer, reason="骚扰")
        refused(visitor.post_json(self.PATH, self.SAID), 403, "blocked")

    def test_a_blocked_address(self, visitor):
        Block.objects.create(kind="address", address=ADDRESS["REMOTE_ADDR"], reason="骚扰")
        refused(visitor.post_json(self.PATH, self.SAID, **ADDRESS), 403, "blocked")

    def test_words_that_may_not_be_said(self, visitor):
        SensitiveWord.objects.create(word="违禁词", action="block")
        refused(
            visitor.post_json(self.PATH, self.SAID | {"text": "有违禁词"}), 400, "sensitive_word"
        )

    @pytest.mark.parametrize("method", ["get_json", "post_json"])
    def test_without_a_token(self, anyone, method):
        refused(getattr(anyone, method)(self.PATH), 401, "not_authenticated")

    def test_with_the_token_of_a_customer_that_became_another(self, visitor, customer):
        customer.merged_into = CustomerFactory()
        customer.save()
        refused(visitor.get_json(self.PATH), 401, "token_expired")
        refused(visitor.post_json(self.PATH, self.SAID), 401, "token_expired")
