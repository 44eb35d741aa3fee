"""Starting: config, sessions, page views."""

import orjson
import pytest

from conversations.api import visitor_sessions
from conversations.customers import sign
from conversations.models import Customer, PageView, ServiceSettings
from conversations.principals import read_visitor
from conversations.service import forget
from tests.conversations.api.conftest import COOKIE, refused
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db
IDENTITY = {"kind": "cookie", "value": COOKIE}
MANY = 3


def start(caller, channel, /, **changes):
    """The answer to a session of this channel, with changes to the body."""
    return caller.post_json("visitor/sessions", {"channel": channel.key} | changes)


class TestConfig:
    def test_it_works(self, anyone, channel):
        answer = anyone.get_json(f"visitor/config?channel={channel.key}")
        assert answer.status_code == 200
        assert orjson.loads(answer.content) == {
            "name": channel.name,
            "title": "在线客服",
            "greeting": "您好",
            "brand_color": "#3370ff",
            "max_upload": 20 * 1024 * 1024,
            "open": False,
            "offline_text": ServiceSettings(group=channel.group).offline_text,
            "invitation": None,
        }

    def test_the_groups_own_words_for_messages_left(self, anyone, channel):
        ServiceSettings.objects.create(group=channel.group, offline_text="明早九点回复您")
        forget()
        answer = anyone.get_json(f"visitor/config?channel={channel.key}").json()
        assert answer["offline_text"] == "明早九点回复您"

    def test_open_while_somebody_is_ready_and_there(self, anyone, channel, agent):
        assert anyone.get_json(f"visitor/config?channel={channel.key}").json()["open"] is True

    def test_closed_while_the_ready_have_no_connection(self, anyone, channel):
        AgentFactory(status="ready", groups=[channel.group])
        assert anyone.get_json(f"visitor/config?channel={channel.key}").json()["open"] is False

    @pytest.mark.parametrize("key", ["", "nobody", "%00", "shop%27--"])
    def test_an_unknown_channel(self, anyone, channel, key):
        refused(anyone.get_json(f"visitor/config?channel={key}"), 404, "not_found")

    def test_any_page_may_ask_across_origins(self, anyone, channel):
        answer = anyone.get_json(f"visitor/config?channel={channel.key}")
        assert answer["Access-Control-Allow-Origin"] == "*"


class TestSession:
    def test_it_works(self, anyone, channel):
        answer = start(anyone, channel, identity=IDENTITY)
        body = answer.json()
        assert answer.status_code == 201
        assert set(body) == {"token", "customer_id", "expires_at", "conversation", "ws_path"}
        assert (body["conversation"], body["ws_path"]) == (None, "/ws/visitor")
        visitor = read_visitor(body["token"])
        assert (str(visitor.customer_id), visitor.channel_id) == (body["customer_id"], channel.id)

    def test_the_same_identity_comes_back_to_the_open_conversation(self, anyone, channel):
        first = start(anyone, channel, identity=IDENTITY).json()
        conversation = ConversationFactory(
            customer=Customer.objects.get(pk=first["customer_id"]), channel=channel
        )
        again = start(anyone, channel, identity=IDENTITY).json()
        assert again["customer_id"] == first["customer_id"]
        expected = {"id": str(conversation.id), "state": "queued", "with_bot": False}
        assert again["conversation"] == {**expected, "epoch": 1, "seq": 0}

    def test_without_identity_everybody_is_new(self, anyone, channel):
        ids = {start(anyone, channel).json()["customer_id"] for _ in range(MANY)}
        assert len(ids) == MANY

    def test_the_context_is_kept_and_unknown_keys_are_dropped(self, anyone, channel):
        context = {
            "entry_page": "https://shop.example.com/?q=<script>alert(1)</script>",
            "utm": {"source": "weibo"},
            "os": "iOS 19",
            "screen": None,
            "shoe_size": 43,
        }
        body = start(anyone, channel, context=context).json()
        del context["shoe_size"], context["screen"]
        assert Customer.objects.get(pk=body["customer_id"]).device == context

    def test_a_signed_member(self, anyone, channel):
        channel.identity_secret = "s3cret"
        channel.save()
        identity = {"kind": "member", "value": "42", "signature": sign("s3cret", "member", "42")}
        body = start(anyone, channel, identity=identity, also=[IDENTITY], profile={"level": "vip"})
        assert body.status_code == 201
        assert Customer.objects.get(pk=body.json()["customer_id"]).level == "vip"

    def test_an_unsigned_member_where_signatures_are_due(self, anyone, channel):
        channel.identity_secret = "s3cret"
        channel.save()
        answer = start(anyone, channel, identity={"kind": "member", "value": "42"})
        assert "identity" in refused(answer, 403, "forbidden")["fields"]

    def test_an_unknown_and_a_closed_channel(self, anyone, channel):
        refused(anyone.post_json("visitor/sessions", {"channel": "nobody"}), 404, "not_found")
        channel.is_active = False
        channel.save()
        refused(start(anyone, channel), 404, "not_found")

    @pytest.mark.parametrize(
        "changes",
        [
            {"channel": 5},
            {"channel": None},
            {"channel": ["shop"]},
            {"surprise": 1},
            {"identity": {"kind": "cookie", "value": "short"}},
            {"identity": {"kind": "cookie", "value": 1234567890123456}},
            {"identity": {"kind": "passport", "value": COOKIE}},
            {"identity": {"kind": "cookie", "value": COOKIE + "\x00"}},
            {"identity": {**IDENTITY, "admin": True}},
            {"identity": "cookie"},
            {"also": [IDENTITY] * 4},
            {"profile": {"name": 5}},
            {"profile": {"name": "a\u202eb"}},
            {"profile": {"is_staff": True}},
            {"context": {"entry_page": "javascript:alert(1)"}},
            {"context": {"entry_page": " data:text/html,x"}},
            {"context": {"utm": {"a": {"b": 1}}}},
            {"context": {"utm": {f"k{i}": "v" for i in range(11)}}},
            {"context": {"os": "\x07"}},
            {"context": [1]},
        ],
        ids=str,
    )
    def test_bad_input(self, anyone, channel, changes):
        refused(start(anyone, channel, **changes), 400, "invalid")
        assert not Customer.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"context": {"entry_page": "https://x.example/" + "a" * 2000}},
            {"profile": {"name": "王" * 81}},
        ],
        ids=["entry_page", "name"],
    )
    def test_too_long(self, anyone, channel, changes):
        refused(start(anyone, channel, **changes), 413, "too_long")

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"{",
            b"[]",
            b'"shop"',
            b'{"channel": "\xff\xfe"}',
            b'{"channel": "\\ud800"}',
            b'{"channel": NaN}',
            b"[" * 10_000 + b"]" * 10_000,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b"\x00" * 100,
        ],
        ids=["empty", "cut", "list", "text", "utf-8", "surrogate", "nan", "deep", "deep2", "nul"],
    )
    def test_what_is_no_object(self, anyone, raw):
        answer = anyone.post_json("visitor/sessions", raw)
        assert refused(answer, 400, answer.json()["code"])["number"] in {4000, 4001}

    def test_a_huge_body(self, anyone):
        refused(anyone.post_json("visitor/sessions", b'"' + b"a" * 10**6 + b'"'), 413, "too_long")

    def test_another_content_type(self, anyone):
        answer = anyone.post("/api/v1/visitor/sessions", {"channel": "shop"})
        refused(answer, 415, "unsupported_media")

    def test_another_method(self, anyone):
        refused(anyone.get_json("visitor/sessions"), 405, "method_not_allowed")

    def test_too_many_from_one_address(self, anyone, channel, monkeypatch):
        monkeypatch.setattr(visitor_sessions, "SESSIONS_PER_MINUTE", MANY)
        codes = [
            anyone.post_json(
                "visitor/sessions", {"channel": channel.key}, REMOTE_ADDR="203.0.113.7"
            ).status_code
            for _ in range(MANY + 1)
        ]
        assert codes == [201] * MANY + [429]
        assert start(anyone, channel).status_code == 201  # others are served

    def test_the_limit_says_when_again(self, anyone, channel, monkeypatch):
        monkeypatch.setattr(visitor_sessions, "SESSIONS_PER_MINUTE", 0)
        answer = anyone.post_json("visitor/sessions", {}, REMOTE_ADDR="203.0.113.7")
        refused(answer, 429, "rate_limited")
        assert 1 <= int(answer["Retry-After"]) <= 60


class TestOrigin:
    @pytest.fixture
    def fenced(self, channel):
        channel.allowed_origins = ["https://shop.example.com"]
        channel.save()
        return channel

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("https://shop.example.com", 201),
            ("HTTPS://Shop.Example.com", 201),
            ("http://testserver", 201),
            ("http://shop.example.com", 403),
            ("https://shop.example.com:8443", 403),
            ("https://shop.example.com.evil.example", 403),
            ("https://evil.example", 403),
            ("null", 403),
        ],
    )
    def test_sessions(self, anyone, fenced, origin, status):
        answer = anyone.post_json("visitor/sessions", {"channel": fenced.key}, HTTP_ORIGIN=origin)
        assert answer.status_code == status
        if status == 403:
            refused(answer, 403, "origin_not_allowed")

    def test_programs_send_none(self, anyone, fenced):
        assert start(anyone, fenced).status_code == 201

    @pytest.mark.parametrize("path", ["conversations", "page-views", "messages", "attachments"])
    def test_a_token_does_not_open_other_pages(self, visitor, fenced, path):
        answer = visitor.post_json(f"visitor/{path}", {}, HTTP_ORIGIN="https://evil.example")
        refused(answer, 403, "origin_not_allowed")

    def test_config(self, anyone, fenced):
        url = f"visitor/config?channel={fenced.key}"
        answer = anyone.get_json(url, HTTP_ORIGIN="https://evil.example")
        refused(answer, 403, "origin_not_allowed")


class TestPageViews:
    def test_it_works(self, visitor, customer, channel):
        view = {"url": "https://shop.example.com/item/1", "title": "<b>靴子</b>", "referrer": ""}
        answer = visitor.post_json("visitor/page-views", view)
        assert (answer.status_code, answer.json()) == (201, view)
        row = PageView.objects.get()
        assert (row.customer, row.channel, row.url) == (customer, channel, view["url"])

    @pytest.mark.parametrize(
        "view",
        [{}, {"url": ""}, {"url": "javascript:alert(1)"}, {"url": "/a", "viewed_at": "1970-01-01"}],
        ids=str,
    )
    def test_bad_input(self, visitor, view):
        refused(visitor.post_json("visitor/page-views", view), 400, "invalid")

    def test_too_many(self, visitor, monkeypatch):
        monkeypatch.setattr(visitor_sessions, "PAGE_VIEWS_PER_MINUTE", 1)
        assert visitor.post_json("visitor/page-views", {"url": "/a"}).status_code == 201
        refused(visitor.post_json("visitor/page-views", {"url": "/b"}), 429, "rate_limited")
