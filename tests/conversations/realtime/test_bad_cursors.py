"""Cursors no client could have: reload, or say nothing, and go on."""

import uuid

import pytest
from channels.db import database_sync_to_async as in_db

from conversations.principals import visitor_token
from tests import factories
from tests.access.fingerprint import changes, fingerprint
from tests.conversations.realtime.crowd import seqs, serves, world
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


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
