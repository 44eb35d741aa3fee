"""What sockets refuse: a clear `bye` or `nack`, nothing changed, and others served meanwhile."""

import asyncio
import time
import uuid

import jwt
import orjson
import pytest
from channels.db import database_sync_to_async as in_db
from django.conf import settings as django_settings
from django.test import Client

from conversations.models import Channel, Conversation, Message, Participant
from conversations.principals import agent_token, visitor_token
from lingxi import tokens
from tests import factories
from tests.access.fingerprint import changes, fingerprint
from tests.sockets import Closed, Socket

pytestmark = pytest.mark.django_db(transaction=True)

DEEP = "[" * 10_000 + "]" * 10_000
NOT_UTF8 = b'{"t":"hello","v":1,"token":"\xff\xfe"}'
HOST = "http://testserver"
SHOP, FOREIGN = "https://shop.example.com", "https://evil.example.com"


class World:
    """A visitor and a bystander, both served by one agent, and a stranger's conversation."""

    def __init__(self):
        self.channel = factories.ChannelFactory()
        self.agent = factories.AgentFactory(status="busy", groups=[self.channel.group])
        self.mine, self.beside = (self._served(self.agent) for _ in range(2))
        self.foreign = self._served(factories.AgentFactory(groups=[factories.SkillGroupFactory()]))
        self.closed = factories.ConversationFactory(
            customer=self.mine.customer, channel=self.channel, agent=self.agent, state="closed"
        )
        self.visitor_token = visitor_token(self.mine.customer, self.channel)
        self.agent_token = agent_token(self.agent.user)

    def _served(self, agent):
        conversation = factories.ConversationFactory(
            channel=self.channel, agent=agent, state="serving"
        )
        factories.MessageFactory(conversation=conversation)
        return conversation

    def visitor(self, cursors=None, **kwargs):
        return Socket("/ws/visitor", self.visitor_token, cursors, **kwargs)

    def bystander(self):
        return Socket("/ws/visitor", visitor_token(self.beside.customer, self.channel))

    def staff(self, cursors=None, **kwargs):
        return Socket("/ws/agent", self.agent_token, cursors, **kwargs)


async def world() -> World:
    return await in_db(World)()


async def serves(socket, conversation):
    """Whether a message goes through, and how long it took."""
    client_msg_id, began = uuid.uuid4().hex, time.monotonic()
    await socket.say(conversation.id, "我也在", client_msg_id)
    ack = await socket.expect("ack")
    while ack["client_msg_id"] != client_msg_id:
        ack = await socket.expect("ack")
    return time.monotonic() - began


async def seqs(socket, conversation, last):
    """The seqs of the entries of one conversation that come, until `last`."""
    found = [0]
    while found[-1] < last:
        frame = await socket.expect("events")
        if frame["conversation"] == str(conversation.id):
            found += [entry["seq"] for entry in frame["events"]]
    return found[1:]


async def answers_of(socket, count):
    """The next acks and nacks."""
    found = []
    while len(found) < count:
        frame = await socket.receive()
        found += [frame] if frame["t"] in {"ack", "nack"} else []
    return found


# -- before the welcome ---------------------------------------------------------------------------


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
    "visitor: not signed": ("visitor", lambda one: jwt.encode(claims(), None, "none"), "not_authenticated"),
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
        frame = orjson.dumps(frame).decode() if isinstance(frame, list | dict) else frame
        reason, code = await refusal(Socket(f"/ws/{side}"), frame)
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


# -- frames -----------------------------------------------------------------------------------------


def sending(**changed):
    return lambda one: {
        "t": "send",
        "conversation": str(one.mine.id),
        "client_msg_id": "m1",
        "kind": "text",
        "content": {"text": "你好"},
        **{key: value(one) if callable(value) else value for key, value in changed.items()},
    }


def about(t, **said):
    return lambda one: {"t": t, "conversation": str(one.mine.id), **said}


FRAMES = {
    "not UTF-8": (lambda one: b'{"t":"send","content":{"text":"\xff"}}', "invalid"),
    "not JSON": (lambda one: "{", "invalid"),
    "empty": (lambda one: "", "invalid"),
    "10,000 deep": (lambda one: DEEP, "invalid"),
    "10,000 deep content": (lambda one: f'{{"t":"send","content":{DEEP}}}', "invalid"),
    "a list": (lambda one: "[1]", "invalid"),
    "a text": (lambda one: '"send"', "invalid"),
    "unknown": (lambda one: {"t": "drop table"}, "invalid"),
    "no type": (lambda one: {}, "invalid"),
    "type is an object": (lambda one: {"t": {"t": "send"}}, "invalid"),
    "a second hello": (lambda one: {"t": "hello", "v": 1}, "invalid"),
    "1 MB text": (sending(content={"text": "x" * 2**20}), "too_long"),
    "1 MB of something": (about("typing", preview="x" * 2**20), "too_long"),
    "5,001 characters": (sending(content={"text": "字" * 5001}), "too_long"),
    "control characters": (sending(content={"text": "a\x00b"}), "invalid"),
    "escape": (sending(content={"text": "\x1b[31m"}), "invalid"),
    "nothing said": (sending(content={"text": " \n\t"}), "invalid"),
    "no text": (sending(content={}), "invalid"),
    "text is a list": (sending(content={"text": ["x"]}), "invalid"),
    "content is a text": (sending(content="x"), "invalid"),
    "more in the content": (sending(content={"text": "x", "html": "<b>"}), "invalid"),
    "another kind": (sending(kind="html"), "invalid"),
    "kind is a list": (sending(kind=["text"]), "invalid"),
    "a system entry": (sending(kind="state", content={"state": "closed"}), "invalid"),
    "no client_msg_id": (sending(client_msg_id=None), "invalid"),
    "client_msg_id is a number": (sending(client_msg_id=7), "invalid"),
    "client_msg_id too long": (sending(client_msg_id="m" * 65), "invalid"),
    "client_msg_id with markup": (sending(client_msg_id="<b>"), "invalid"),
    "no conversation": (sending(conversation=None), "invalid"),
    "conversation is no id": (sending(conversation="1 OR 1=1"), "invalid"),
    "unknown conversation": (sending(conversation=lambda one: str(uuid.uuid4())), "forbidden"),
    "another's conversation": (sending(conversation=lambda one: str(one.foreign.id)), "forbidden"),
    "closed conversation": (sending(conversation=lambda one: str(one.closed.id)), "closed"),
    "unknown file": (
        sending(kind="image", content={"attachment": str(uuid.uuid4())}),
        "forbidden",
    ),
    "file is a path": (sending(kind="file", content={"attachment": "../../etc/passwd"}), "invalid"),
    "read without seq": (about("read"), "invalid"),
    "read backwards": (about("read", seq=-1), "invalid"),
    "read beyond everything": (about("read", seq=2**63), "invalid"),
    "read up to a text": (about("read", seq="5"), "invalid"),
    "read up to true": (about("read", seq=True), "invalid"),
    "received backwards": (about("received", seq=-(2**40)), "invalid"),
    "subscribe to nothing": (lambda one: {"t": "subscribe"}, "invalid"),
    "subscribe to unknown": (
        lambda one: {"t": "subscribe", "conversation": str(uuid.uuid4())},
        "forbidden",
    ),
    "subscribe to another's": (
        lambda one: {"t": "subscribe", "conversation": str(one.foreign.id)},
        "forbidden",
    ),
}


@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_bad_frames(side):
    one = await world()
    async with getattr(one, side)() as socket, one.bystander() as beside:
        await socket.entries(1)
        for name, (make, code) in FRAMES.items():
            before = await in_db(fingerprint)()
            frame = make(one)
            await socket.send(frame)
            nack = await socket.expect("nack")
            assert (name, nack["code"]) == (name, code)
            assert set(nack) == {"t", "client_msg_id", "code", "retry_after", "detail"}
            assert "Traceback" not in nack["detail"]
            if isinstance(frame, dict) and isinstance(frame.get("client_msg_id"), str):
                assert nack["client_msg_id"] == frame["client_msg_id"]
            assert (name, changes(before, await in_db(fingerprint)())) == (name, [])
        await serves(beside, one.beside)
        await serves(socket, one.mine)


async def test_duplicates_and_conflicts():
    one = await world()
    async with one.visitor() as visitor:
        await visitor.say(one.mine.id, "在吗", "m1")
        first = await visitor.expect("ack")
        before = await in_db(fingerprint)()
        for _ in range(3):
            await visitor.say(one.mine.id, "在吗", "m1")
            again = await visitor.expect("ack")
            assert again == {**first, "dup": True}
        await visitor.say(one.mine.id, "不在", "m1")
        assert (await visitor.expect("nack"))["code"] == "conflict"
        assert changes(before, await in_db(fingerprint)()) == []


async def test_the_same_id_twice_in_one_breath_is_stored_once():
    one = await world()
    async with one.visitor() as visitor:
        for _ in range(20):
            await visitor.say(one.mine.id, "急", "m1")
        acks = [await visitor.expect("ack") for _ in range(20)]
    assert [ack["dup"] for ack in acks] == [False] + [True] * 19
    assert await in_db(Message.objects.filter(client_msg_id="m1").count)() == 1


async def test_visitors_write_no_notes_and_agents_none_out_of_sight():
    one = await world()
    async with one.visitor() as visitor, one.staff() as agent:
        before = await in_db(fingerprint)()
        await visitor.say(one.mine.id, "悄悄话", "n1", kind="note")
        assert (await visitor.expect("nack"))["code"] == "forbidden"
        await agent.say(one.foreign.id, "偷看", "n2", kind="note")
        assert (await agent.expect("nack"))["code"] == "forbidden"
        assert changes(before, await in_db(fingerprint)()) == []


async def test_notes_and_no_words_after_the_end():
    one = await world()
    async with one.staff({str(one.closed.id): {"epoch": 1, "seq": 0}}) as agent:
        await agent.say(one.closed.id, "补充", "m1")
        assert (await agent.expect("nack"))["code"] == "closed"
        await agent.say(one.closed.id, "补充", "n1", kind="note")
        assert (await agent.expect("ack"))["dup"] is False


@pytest.mark.parametrize("year", [1970, 2300])
async def test_the_clock_of_the_client_does_not_count(year):
    one = await world()
    async with one.visitor() as visitor:
        await visitor.entries(1)
        frame = sending(created_at=f"{year}-01-01T00:00:00Z", timestamp=2**40, seq=10**9)(one)
        await visitor.send(frame)
        [entry] = await visitor.entries(1)
    row = await in_db(Message.objects.get)(client_msg_id="m1")
    assert (entry["seq"], row.seq) == (2, 2)
    assert abs(row.created_at.timestamp() - time.time()) < 60


async def test_a_flood_from_one_visitor_leaves_the_others_alone(settings, monkeypatch):
    monkeypatch.setitem(settings.LINGXI, "VISITOR_MESSAGES_PER_SECOND", 5)
    monkeypatch.setitem(settings.LINGXI, "VISITOR_MESSAGES_BURST", 20)
    one = await world()
    async with one.visitor() as flood, one.bystander() as beside:
        for number in range(100):
            await flood.say(one.mine.id, f"刷屏 {number}", f"m{number}")
        waits = [await serves(beside, one.beside) for _ in range(5)]
        answers = await answers_of(flood, 100)
        refused = [answer for answer in answers if answer["t"] == "nack"]
        assert len(refused) >= 70
        assert {nack["code"] for nack in refused} == {"rate_limited"}
        assert all(0 < nack["retry_after"] < 5 for nack in refused)
        assert max(waits) < 2
        stored = await in_db(Message.objects.filter(conversation=one.mine).count)()
        assert stored == 1 + 100 - len(refused)
        await asyncio.sleep(0.5)
        await serves(flood, one.mine)


async def test_receipts_beyond_the_end_are_the_end():
    one = await world()
    async with one.visitor() as visitor, one.staff() as agent:
        for socket in (visitor, agent):
            await socket.send({"t": "read", "conversation": str(one.mine.id), "seq": 2**31 - 1})
        assert (await agent.expect("read"))["seq"] == 1
        assert (await visitor.expect("read"))["seq"] == 1
    places = Participant.objects.filter(conversation=one.mine).values_list("read_seq", flat=True)
    assert await in_db(list)(places) == [1, 1]


async def test_receipts_for_what_one_does_not_watch_change_nothing():
    one = await world()
    async with one.visitor() as visitor, one.staff() as agent:
        before = await in_db(fingerprint)()
        for socket in (visitor, agent):
            for t in ("read", "received", "typing"):
                await socket.send({"t": t, "conversation": str(one.foreign.id), "seq": 1})
        await asyncio.sleep(0.5)
        assert changes(before, await in_db(fingerprint)()) == []


# -- cursors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_cursors_of_more_conversations_than_anybody_has(side):
    one = await world()
    cursors = {str(uuid.uuid4()): {"epoch": 1, "seq": 1} for _ in range(1000)}
    async with getattr(one, side)(cursors) as socket:
        told = [(await socket.expect("resync"))["reason"] for _ in range(300)]
        assert set(told) == {"revoked"}
        await serves(socket, one.mine)


NO_CURSORS = {
    "a list": [],
    "a text": "x",
    "no ids": {"1 OR 1=1": {"seq": 1}, "": {"seq": 1}, "inbox": "x"},
    "no objects": {"inbox": {"seq": "x"}, "11111111-1111-1111-1111-111111111111": 5},
    "texts": {"11111111-1111-1111-1111-111111111111": {"epoch": 1, "seq": "1"}},
    "an inbox of the future": {"inbox": {"seq": 2**64 - 1}},
    "an inbox before the beginning": {"inbox": {"seq": -(2**63)}},
}


@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_cursors_that_are_none(side):
    one = await world()
    for cursors in NO_CURSORS.values():
        async with getattr(one, side)(cursors) as socket:
            await serves(socket, one.mine)


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        ({"epoch": 1, "seq": 2}, "epoch"),
        ({"epoch": 1, "seq": 2**63}, "epoch"),
        ({"epoch": 2, "seq": 1}, "epoch"),
        ({"epoch": 2**63, "seq": 0}, "epoch"),
    ],
    ids=str,
)
@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_a_cursor_that_cannot_be_reloads(side, cursor, reason):
    one = await world()
    async with getattr(one, side)({str(one.mine.id): cursor}) as socket:
        resync = await socket.expect("resync")
        assert (resync["conversation"], resync["reason"]) == (str(one.mine.id), reason)
        await socket.say(one.mine.id, "又好了", "m1")
        assert await seqs(socket, one.mine, 2) == [2]


@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_subscribing_follows_the_same_rules(side):
    one = await world()
    id = str(one.mine.id)
    async with getattr(one, side)() as socket:
        await socket.entries(1)
        for said in ({"after": 2}, {"after": 2**63}, {"after": 1, "epoch": 2}):
            await socket.send({"t": "subscribe", "conversation": id, **said})
            assert (await socket.expect("resync"))["reason"] == "epoch"
        for after in (-1, "1", None, [], True, 1.5):
            await socket.send({"t": "subscribe", "conversation": id, "after": after})
        await socket.say(one.mine.id, "又好了", "m1")
        assert (await seqs(socket, one.mine, 2))[-1] == 2


@pytest.mark.parametrize("side", ["visitor", "staff"])
async def test_more_missing_than_is_streamed(side, settings, monkeypatch):
    monkeypatch.setitem(settings.LINGXI, "MAX_BACKLOG", 3)
    one = await world()

    def behind():
        for _ in range(4):
            factories.MessageFactory(conversation=one.mine)

    await in_db(behind)()
    async with getattr(one, side)({str(one.mine.id): {"epoch": 1, "seq": 1}}) as socket:
        assert (await socket.expect("resync"))["reason"] == "too_old"
        await socket.say(one.mine.id, "又好了", "m1")
        assert await seqs(socket, one.mine, 6) == [6]
    async with getattr(one, side)({str(one.mine.id): {"epoch": 1, "seq": 3}}) as socket:
        assert await seqs(socket, one.mine, 6) == [4, 5, 6]


async def test_another_visitors_cursor_is_revoked_and_says_nothing():
    one = await world()
    cursors = {str(one.foreign.id): {"epoch": 1, "seq": 0}}
    async with one.visitor(cursors) as visitor:
        assert (await visitor.expect("resync"))["reason"] == "revoked"
        [entry] = await visitor.entries(1)
        assert entry["author"]["id"] == str(one.mine.customer_id)
        assert await visitor.is_silent()


async def test_a_token_of_the_same_customer_on_another_channel_opens_nothing_here():
    one = await world()
    other = await in_db(factories.ChannelFactory)()
    token = visitor_token(one.mine.customer, other)
    async with Socket("/ws/visitor", token, {str(one.mine.id): {"epoch": 1, "seq": 0}}) as socket:
        assert (await socket.expect("resync"))["reason"] == "revoked"
        before = await in_db(fingerprint)()
        await socket.say(one.mine.id, "从别处", "m1")
        assert (await socket.expect("nack"))["code"] == "forbidden"
        assert changes(before, await in_db(fingerprint)()) == []


async def test_a_peer_that_vanishes_in_the_middle_leaves_nothing_behind():
    one = await world()
    for frames in ([], [{"t": "ping"}], [sending()(one)]):
        socket = one.staff()
        await socket.connect()
        await socket.send({"t": "hello", "v": 1, "token": one.agent_token})
        for frame in frames:
            await socket.send(frame)
        await socket.close()
    conversation = await in_db(Conversation.objects.get)(pk=one.mine.pk)
    assert conversation.last_seq <= 2
    async with one.bystander() as beside:
        await serves(beside, one.beside)


def test_tokens_are_told_apart_by_audience():
    token = tokens.issue("visitor", "1", 60)
    with pytest.raises(Exception, match="令牌无效"):
        tokens.read("agent", token)
