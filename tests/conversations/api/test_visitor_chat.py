"""A visitor talks over HTTP: open, send, read, end, rate, and every refusal on the way."""

import threading
import uuid

import jwt
import pytest
from django.conf import settings
from django.db import connection

from conversations import actions
from conversations.actors import Actor
from conversations.merging import merge
from conversations.models import Conversation, Message, Participant
from conversations.principals import agent_token, visitor_token
from tests.conversations.api.conftest import Caller, message, refused
from tests.factories import ConversationFactory, CustomerFactory, MessageFactory

# Constant: xdist wants every worker to collect the same tests.
UNKNOWN_ID = "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11"

# Messages are committed by a thread of their own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


class TestTokens:
    @pytest.mark.parametrize("url", ["conversations", "messages", "page-views", "attachments"])
    def test_none(self, anyone, url):
        answer = anyone.post_json(f"visitor/{url}")
        refused(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_forged(self, customer, channel, waiting):
        claims = jwt.decode(
            visitor_token(customer, channel),
            options={"verify_signature": False},
            audience="visitor",
        )
        forgeries = [
            "x",
            "a.b.c",
            "é",
            jwt.encode(claims, "another key that is long enough for HS256", algorithm="HS256"),
            jwt.encode(claims, None, algorithm="none"),
            visitor_token(customer, channel)[:-2],
        ]
        for token in forgeries:
            answer = Caller(token).post_json("visitor/messages", message(waiting))
            refused(answer, 401, "not_authenticated")
        assert not Message.objects.exists()

    def test_expired(self, customer, channel, monkeypatch):
        monkeypatch.setitem(settings.LINGXI, "VISITOR_TOKEN_LIFETIME", -1)
        caller = Caller(visitor_token(customer, channel))
        refused(caller.post_json("visitor/conversations"), 401, "token_expired")

    def test_of_an_agent(self, as_agent):
        refused(as_agent.post_json("visitor/conversations"), 401, "not_authenticated")

    def test_of_a_closed_channel(self, visitor, channel):
        channel.is_active = False
        channel.save()
        refused(visitor.post_json("visitor/conversations"), 401, "not_authenticated")

    def test_of_a_customer_that_was_merged(self, visitor, customer, waiting):
        merge(customer, CustomerFactory())
        for answer in (
            visitor.post_json("visitor/conversations"),
            visitor.post_json("visitor/messages", message(waiting)),
            visitor.get_json(f"visitor/events?conversation={waiting.id}"),
        ):
            refused(answer, 401, "token_expired")

    def test_cookies_are_not_looked_at(self, agent, waiting):
        caller = Caller()
        caller.force_login(agent.user)
        refused(caller.post_json("visitor/messages", message(waiting)), 401, "not_authenticated")


class TestOpening:
    def test_it_works(self, visitor, channel):
        answer = visitor.post_json(
            "visitor/conversations",
            {"context": {"entry_page": "https://shop.example.com/"}, "fields": {"订单": "A1"}},
        )
        body = answer.json()
        assert answer.status_code == 201
        assert set(body) == {"id", "state", "with_bot", "epoch", "seq", "queue"}
        assert body["queue"] == {"position": 1, "ahead": 0, "estimated_wait": None}
        row = Conversation.objects.get(pk=body["id"])
        assert (row.channel, row.state, row.fields) == (channel, "queued", {"订单": "A1"})
        assert row.context == {"entry_page": "https://shop.example.com/"}

    def test_it_is_assigned_when_somebody_is_ready(self, visitor, agent):
        body = visitor.post_json("visitor/conversations").json()
        assert (body["state"], body["queue"]) == ("serving", None)
        assert Conversation.objects.get().agent == agent

    def test_the_open_one_is_found(self, visitor, waiting):
        answer = visitor.post_json("visitor/conversations", {})
        assert (answer.status_code, answer.json()["id"]) == (200, str(waiting.id))

    def test_parallel_calls_open_one(self, customer, channel):
        codes, barrier = [], threading.Barrier(4)

        def call():
            barrier.wait()
            try:
                caller = Caller(visitor_token(customer, channel))
                codes.append(caller.post_json("visitor/conversations").status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=call) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(codes) == [200, 200, 200, 201]

    def test_the_sessions_context_is_the_default(self, visitor, customer):
        customer.device = {"os": "iOS 19", "entry_page": "/a"}
        customer.save()
        visitor.post_json("visitor/conversations", {"context": {"entry_page": "/b"}})
        assert Conversation.objects.get().context == {"os": "iOS 19", "entry_page": "/b"}

    @pytest.mark.parametrize(
        "body",
        [
            {"state": "serving"},
            {"fields": []},
            {"fields": {"a": {"deep": 1}}},
            {"fields": {"a": [1]}},
            {"fields": {"": "x"}},
            {"fields": {"<img src=x>": "x"}},
            {"fields": {"a": "\x00"}},
            {"fields": {"a": 2**60}},
            {"fields": {f"k{i}": 1 for i in range(21)}},
            {"context": "x"},
        ],
        ids=lambda body: str(body)[:40],
    )
    def test_bad_input(self, visitor, body):
        refused(visitor.post_json("visitor/conversations", body), 400, "invalid")
        assert not Conversation.objects.exists()


class TestSending:
    def test_it_works(self, visitor, waiting):
        body = message(waiting, "你好\n我的订单")
        answer = visitor.post_json("visitor/messages", body)
        ack = answer.json()
        assert answer.status_code == 201
        assert set(ack) == {"t", "client_msg_id", "message_id", "seq", "created_at", "dup"}
        assert (ack["t"], ack["client_msg_id"], ack["dup"]) == ("ack", body["client_msg_id"], False)
        row = Message.objects.get(pk=ack["message_id"])
        assert (row.text, row.visitor_seq, row.author_type) == (
            "你好\n我的订单",
            ack["seq"],
            "visitor",
        )

    def test_seq_is_the_visitors_own(self, visitor, served):
        MessageFactory(conversation=served, kind="note", author_type="agent")
        assert visitor.post_json("visitor/messages", message(served)).json()["seq"] == 1

    def test_again_is_answered_as_before(self, visitor, waiting):
        body = message(waiting)
        first, again = (visitor.post_json("visitor/messages", body) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == {**first.json(), "dup": True}
        assert Message.objects.count() == 1

    def test_the_same_id_with_other_words(self, visitor, waiting):
        body = message(waiting)
        visitor.post_json("visitor/messages", body)
        other = {**body, "content": {"text": "别的"}}
        refused(visitor.post_json("visitor/messages", other), 409, "conflict")
        assert Message.objects.get().text == "你好"

    def test_html_is_kept_as_the_words_it_is(self, visitor, waiting):
        text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        visitor.post_json("visitor/messages", message(waiting, text))
        assert Message.objects.get().text == text

    def test_into_a_closed_conversation(self, visitor, waiting):
        actions.close_conversation(waiting.id, Actor.visitor(waiting.customer_id))
        count = Message.objects.count()
        answer = visitor.post_json("visitor/messages", message(waiting))
        assert refused(answer, 409, "conversation_closed")["number"] == 4203
        assert Message.objects.count() == count

    def test_into_anothers_conversation(self, other_visitor, waiting):
        refused(other_visitor.post_json("visitor/messages", message(waiting)), 404, "not_found")
        assert not Message.objects.exists()

    def test_into_ones_own_conversation_of_another_channel(self, visitor, customer):
        elsewhere = ConversationFactory(customer=customer)
        refused(visitor.post_json("visitor/messages", message(elsewhere)), 404, "not_found")

    @pytest.mark.parametrize("value", ["", "x", "1", UNKNOWN_ID, "../../etc/passwd", "\x00"])
    def test_into_nothing(self, visitor, waiting, value):
        answer = visitor.post_json("visitor/messages", message(waiting, conversation=value))
        refused(answer, 404, "not_found")

    @pytest.mark.parametrize(
        "changes",
        [
            {"conversation": 5},
            {"conversation": None},
            {"client_msg_id": None},
            {"client_msg_id": 5},
            {"client_msg_id": ""},
            {"client_msg_id": "x" * 65},
            {"client_msg_id": "a b"},
            {"client_msg_id": "a\x00"},
            {"kind": "note"},
            {"kind": "system"},
            {"kind": None},
            {"kind": ["text"]},
            {"kind": {}},
            {"content": None},
            {"content": "text"},
            {"content": []},
            {"content": {}},
            {"content": {"text": ""}},
            {"content": {"text": " \n\t "}},
            {"content": {"text": 5}},
            {"content": {"text": ["a"]}},
            {"content": {"text": "a\x00b"}},
            {"content": {"text": "a\x1bb"}},
            {"content": {"text": "a", "html": "<b>"}},
            {"kind": "image", "content": {"text": "a"}},
            {"kind": "file", "content": {"attachment": "x"}},
            {"author": "agent"},
        ],
        ids=lambda changes: str(changes)[:50],
    )
    def test_bad_input(self, visitor, waiting, changes):
        answer = visitor.post_json("visitor/messages", message(waiting, **changes))
        refused(answer, 400, "invalid")
        assert not Message.objects.exists()

    def test_too_long(self, visitor, waiting):
        for text in ("长" * 5001, "a" * 1024 * 1024):
            answer = visitor.post_json("visitor/messages", message(waiting, text))
            refused(answer, 413, "too_long")

    def test_as_long_as_may_be(self, visitor, waiting):
        answer = visitor.post_json("visitor/messages", message(waiting, "长" * 5000))
        assert answer.status_code == 201

    @pytest.mark.parametrize(
        "raw",
        [b"\xff\xfe{}", b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000, b"{'a': 1}"],
        ids=["utf-8", "deep", "deep list", "no json"],
    )
    def test_what_is_no_json(self, visitor, raw):
        refused(visitor.post_json("visitor/messages", raw), 400, "malformed")

    def test_a_hundred_at_once(self, visitor, other_visitor, waiting, monkeypatch):
        monkeypatch.setitem(settings.LINGXI, "VISITOR_MESSAGES_PER_SECOND", 0.1)
        monkeypatch.setitem(settings.LINGXI, "VISITOR_MESSAGES_BURST", 20)
        codes = [
            visitor.post_json("visitor/messages", message(waiting)).status_code for _ in range(100)
        ]
        assert set(codes) == {201, 429}
        assert codes[:20] == [201] * 20
        assert Message.objects.count() == codes.count(201) < 30
        answer = visitor.post_json("visitor/messages", message(waiting))
        refused(answer, 429, "rate_limited")
        assert int(answer["Retry-After"]) >= 1
        assert other_visitor.post_json("visitor/conversations").status_code == 201

    def test_an_attachment_of_somebody_else(self, visitor, waiting):
        content = {"attachment": str(uuid.uuid4())}
        body = message(waiting, kind="file", content=content)
        refused(visitor.post_json("visitor/messages", body), 404, "not_found")


class TestEvents:
    def events(self, caller, conversation, query=""):
        return caller.get_json(f"visitor/events?conversation={conversation.id}{query}")

    def test_it_works(self, visitor, served, agent):
        MessageFactory(conversation=served)
        MessageFactory(conversation=served, kind="note", author_type="agent")
        MessageFactory(
            conversation=served, author_type="agent", content={"type": "text", "text": "在"}
        )
        body = self.events(visitor, served).json()
        assert [event["seq"] for event in body["events"]] == [1, 2]
        assert (body["seq"], body["epoch"], body["state"]) == (2, 1, "serving")
        assert body["events"][1]["author"] == {
            "type": "agent",
            "id": str(agent.id),
            "name": agent.name,
        }
        assert "note" not in str(body)

    def test_after(self, visitor, waiting):
        for _ in range(3):
            MessageFactory(conversation=waiting)
        body = self.events(visitor, waiting, "&after=2").json()
        assert [event["seq"] for event in body["events"]] == [3]
        assert self.events(visitor, waiting, "&after=99").json()["events"] == []

    def test_after_is_a_receipt(self, visitor, waiting):
        MessageFactory(conversation=waiting)
        self.events(visitor, waiting, "&after=1")
        assert Participant.objects.get(agent=None).received_seq == 1

    def test_the_queue_and_the_other_sides_place(self, visitor, waiting):
        body = self.events(visitor, waiting).json()
        assert body["queue"] == {"position": 1, "ahead": 0, "estimated_wait": None}
        assert (body["delivered"], body["read"]) == (0, 0)

    def test_anothers(self, other_visitor, waiting):
        refused(self.events(other_visitor, waiting), 404, "not_found")

    def test_without_token(self, anyone, waiting):
        refused(self.events(anyone, waiting, "&wait=20"), 401, "not_authenticated")

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("", 400),
            ("?conversation=x", 404),
            ("?conversation=%00", 404),
            ("?conversation={id}&after=-1", 400),
            ("?conversation={id}&after=x", 400),
            ("?conversation={id}&after=99999999999", 400),
            ("?conversation={id}&after=%EF%BC%91", 400),
            ("?conversation={id}&wait=forever", 400),
        ],
    )
    def test_bad_input(self, visitor, waiting, query, status):
        answer = visitor.get_json("visitor/events" + query.format(id=waiting.id))
        assert answer.status_code == status, answer.content


def test_an_agents_token_is_no_visitors_and_the_other_way(agent, customer, channel):
    as_agent, as_visitor = Caller(agent_token(agent.user)), Caller(visitor_token(customer, channel))
    refused(as_agent.get_json("visitor/events"), 401, "not_authenticated")
    refused(as_visitor.get_json("agent/conversations"), 401, "not_authenticated")
