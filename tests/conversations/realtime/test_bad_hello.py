"""Tokens, pages and first frames that sockets refuse with a clear `bye`."""

import asyncio
import time
import uuid

import jwt
import orjson
import pytest
from channels.db import database_sync_to_async as in_db
from django.conf import settings as django_settings
from django.test import Client

from conversations.models import Channel
from conversations.principals import agent_token
from lingxi import tokens
from lingxi.errors import NotAuthenticated
from tests import factories
from tests.access.fingerprint import changes, fingerprint
from tests.conversations.realtime.crowd import serves, world
from tests.sockets import Closed, Socket

pytestmark = pytest.mark.django_db(transaction=True)

DEEP = "[" * 10_000 + "]" * 10_000
NOT_UTF8 = b'{"t":"hello","v":1,"token":"\xff\xfe"}'
HOST = "http://testserver"
SHOP, FOREIGN = "https://shop.example.com", "https://evil.example.com"


def claims(**changed):
    now = int(time.time())
    return {"sub": str(uuid.uuid4()), "aud": "visitor", "iat": now, "exp": now + 60, **changed}


def signed(key=None, **changed):
    return jwt.encode(claims(**changed), key or django_settings.SECRET_KEY, "HS256")


def expired(one):
    token = jwt.decode(one.visitor_token, options={"verify_signature": False})
    return signed(**token | {"exp": int(time.time()) - 1})


def without_role(one):
    user = factories.UserFactory(role=None)
    factories.AgentFactory(user=user)
    return agent_token(user)


def deactivated(one):
    one.agent.user.is_active = False
    one.agent.user.save()
    return one.agent_token


def new_password(one):
    one.agent.user.set_password("another-one-1")
    one.agent.user.save()
    return one.agent_token


def channel_off(one):
    Channel.objects.update(is_active=False)
    return one.visitor_token


def person(role):
    return lambda one: agent_token(factories.UserFactory(role=role, scope="all"))


def partner(one):
    agent = factories.AgentFactory(user=factories.UserFactory(role="partner", scope="all"))
    return agent_token(agent.user)


BAD_TOKENS = {
    "visitor: none": ("visitor", lambda one: None, "not_authenticated"),
    "visitor: no text": ("visitor", lambda one: 5, "not_authenticated"),
    "visitor: no token at all": ("visitor", lambda one: "x" * 1000, "not_authenticated"),
    "visitor: Chinese": ("visitor", lambda one: "令牌.令牌.令牌", "not_authenticated"),
    "visitor: signed by another": ("visitor", lambda one: signed("k" * 40), "not_authenticated"),
    "visitor: not signed": (
        "visitor",
        lambda one: jwt.encode(claims(), None, "none"),
        "not_authenticated",
    ),
    "visitor: no channel": ("visitor", lambda one: signed(), "not_authenticated"),
    "visitor: no ids": ("visitor", lambda one: signed(sub="1", ch="2"), "not_authenticated"),
    "visitor: unknown channel": (
        "visitor",
        lambda one: signed(ch=str(uuid.uuid4())),
        "not_authenticated",
    ),
    "visitor: channel off": ("visitor", channel_off, "not_authenticated"),
    "visitor: expired": ("visitor", expired, "token_expired"),
    "visitor: an agent's": ("visitor", lambda one: one.agent_token, "not_authenticated"),
    "agent: a visitor's": ("agent", lambda one: one.visitor_token, "not_authenticated"),
    "agent: no text": ("agent", lambda one: 5, "not_authenticated"),
    "agent: forged": ("agent", lambda one: signed("k" * 40, aud="agent"), "not_authenticated"),
    "agent: unknown": ("agent", lambda one: signed(aud="agent", sub="99999"), "not_authenticated"),
    "agent: huge number": (
        "agent",
        lambda one: signed(aud="agent", sub="9" * 40),
        "not_authenticated",
    ),
    "agent: deactivated": ("agent", deactivated, "not_authenticated"),
    "agent: from before the new password": ("agent", new_password, "not_authenticated"),
    "agent: without a role": ("agent", without_role, "forbidden"),
    "agent: a partner": ("agent", partner, "forbidden"),
    "agent: an auditor": ("agent", person("auditor"), "forbidden"),
    "agent: an inspector": ("agent", person("inspector"), "forbidden"),
    "agent: a supervisor who does not serve": ("agent", person("supervisor"), "forbidden"),
}
CODES = {"not_authenticated": 4401, "token_expired": 4401, "forbidden": 4403}


async def refusal(socket, hello):
    """The `bye` that answers a first frame, and the code of the close after it."""
    await socket.connect()
    await socket.send(hello)
    bye = await socket.receive()
    with pytest.raises(Closed) as closed:
        await socket.receive()
    await asyncio.wait_for(socket._task, 5)
    assert bye["t"] == "bye"
    assert set(bye) == {"t", "reason", "reconnect_after", "detail"}
    return bye["reason"], closed.value.code


@pytest.mark.parametrize("case", BAD_TOKENS)
async def test_bad_tokens(case):
    side, make, reason = BAD_TOKENS[case]
    one = await world()
    token = await in_db(make)(one)
    before = await in_db(fingerprint)(())
    found = await refusal(Socket(f"/ws/{side}"), {"t": "hello", "v": 1, "token": token})
    assert found == (reason, CODES[reason])
    assert changes(before, await in_db(fingerprint)(())) == []


FIRST_FRAMES = {
    "not UTF-8": NOT_UTF8,
    "not JSON": "hello",
    "empty": "",
    "NaN": '{"t": "hello", "v": NaN}',
    "half a surrogate": '{"t": "hello", "token": "\\ud800"}',
    "10,000 deep": DEEP,
    "a list": [],
    "a number": "1",
    "another first frame": {"t": "ping"},
    "type is a list": {"t": ["hello"], "v": 1},
    "another version": {"t": "hello", "v": 2},
}


@pytest.mark.parametrize("side", ["visitor", "agent"])
async def test_bad_first_frames(side):
    one = await world()
    before = await in_db(fingerprint)(())
    for name, frame in FIRST_FRAMES.items():
        raw = orjson.dumps(frame).decode() if isinstance(frame, list | dict) else frame
        reason, code = await refusal(Socket(f"/ws/{side}"), raw)
        assert (name, code) == (name, 4400)
        assert (name, reason in {"malformed", "invalid"}) == (name, True)
    huge = {"t": "hello", "v": 1, "token": one.visitor_token, "x": "x" * 2**20}
    assert await refusal(Socket(f"/ws/{side}"), huge) == ("too_long", 4400)
    assert changes(before, await in_db(fingerprint)(())) == []


@pytest.mark.parametrize(
    "origin", [FOREIGN, "http://shop.example.com", f"{SHOP}:8443", "null", "http://[", "file://"]
)
async def test_a_page_the_channel_does_not_list(origin):
    one = await world()
    await in_db(Channel.objects.update)(allowed_origins=[SHOP])
    hello = {"t": "hello", "v": 1, "token": one.visitor_token}
    socket = Socket("/ws/visitor", headers={"Origin": origin})
    assert await refusal(socket, hello) == ("origin_not_allowed", 4403)


@pytest.mark.parametrize("origin", [SHOP, SHOP.upper(), HOST, None])
async def test_pages_the_channel_lists(origin):
    one = await world()
    await in_db(Channel.objects.update)(allowed_origins=[SHOP])
    headers = {"Origin": origin} if origin else {}
    async with one.visitor(headers=headers) as visitor:
        await serves(visitor, one.mine)


def cookie_of(user):
    client = Client()
    client.force_login(user)
    return "; ".join(f"{key}={value.value}" for key, value in client.cookies.items())


@pytest.mark.parametrize("origin", [FOREIGN, "http://testserver.example.com", "http://[", None])
async def test_an_agents_cookie_from_a_foreign_page(origin):
    one = await world()
    cookie = await in_db(cookie_of)(one.agent.user)
    headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
    before = await in_db(fingerprint)(())
    found = await refusal(Socket("/ws/agent", headers=headers), {"t": "hello", "v": 1})
    assert found == ("origin_not_allowed", 4403)
    assert changes(before, await in_db(fingerprint)(())) == []


async def test_an_agents_cookie_from_our_own_page():
    one = await world()
    cookie = await in_db(cookie_of)(one.agent.user)
    headers = {"Cookie": cookie, "Origin": HOST}
    async with Socket("/ws/agent", headers=headers) as socket:
        await serves(socket, one.mine)
    await in_db(new_password)(one)
    found = await refusal(Socket("/ws/agent", headers=headers), {"t": "hello", "v": 1})
    assert found == ("not_authenticated", 4401)


async def test_who_never_says_hello_is_let_go(monkeypatch):
    monkeypatch.setattr("conversations.realtime.sockets.HELLO_WITHIN", 0.1)
    socket = Socket("/ws/visitor")
    await socket.connect()
    assert (await socket.receive())["reason"] == "not_authenticated"


def test_tokens_are_told_apart_by_audience():
    token = tokens.issue("visitor", "1", 60)
    with pytest.raises(NotAuthenticated, match="令牌无效"):
        tokens.read("agent", token)
