"""Frames that sockets refuse: a clear `nack`, nothing changed, and others served meanwhile."""

import asyncio
import time
import uuid

import pytest
from channels.db import database_sync_to_async as in_db

from conversations.models import Conversation, Message, Participant
from tests.access.fingerprint import changes, fingerprint
from tests.conversations.realtime.crowd import answers_of, serves, world

pytestmark = pytest.mark.django_db(transaction=True)

DEEP = "[" * 10_000 + "]" * 10_000


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
