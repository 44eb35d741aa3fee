"""Every action of both sockets as everybody, compared with the oracle."""

import uuid
from typing import Any

import orjson
import pytest
from channels.db import database_sync_to_async as in_db
from django.conf import settings

from conversations.realtime import sockets
from tests.access import actions
from tests.access.fingerprint import changes, fingerprint
from tests.access.oracle import PEOPLE, canaries, canary, may_find
from tests.access.world import Person, World
from tests.sockets import Closed, Socket

pytestmark = pytest.mark.django_db
WAYS = [(side, way) for side in actions.CONNECTS for way in ("token", "cookie")]


def test_every_frame_is_in_the_oracle():
    assert {*sockets._HANDLERS, "send"} == actions.FRAMES


def opened(world: World, person: Person, side: str, way: str) -> Socket:
    """A socket that asks for every conversation there is."""
    cursors = {str(world.id(name)): {"epoch": 1, "seq": 0} for name in actions.CONVERSATIONS}
    headers = {"Origin": "http://testserver"}
    if way == "cookie" and person.session:
        headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={person.session}"
    return Socket(f"/ws/{side}", person.token if way == "token" else None, cursors, headers)


def may_connect(person: Person, side: str, way: str) -> bool:
    carries = person.token if way == "token" else person.session
    return bool(carries) and person.name in actions.CONNECTS[side]


@pytest.mark.parametrize("who", PEOPLE)
async def test_hello(world: World, who: str):
    for side, way in WAYS:
        if side == "visitor" and way == "cookie":
            continue  # no cookie is looked at there
        person = world.people[who]
        socket = opened(world, person, side, way)
        if may_connect(person, side, way):
            async with socket:
                continue
        before = await in_db(fingerprint)(())
        with pytest.raises((AssertionError, Closed), match=r"bye|44"):
            async with socket:
                pytest.fail(f"{who} may not connect to {side} by {way}")
        assert changes(before, await in_db(fingerprint)(())) == []


async def everything(socket: Socket, seconds: float = 0.6) -> list[dict[str, Any]]:
    """All frames until nothing more comes."""
    frames = []
    try:
        while True:
            frames.append(await socket.receive(seconds))
    except TimeoutError:
        return frames


def connected() -> list[tuple[str, str]]:
    return [(who, side) for side, people in actions.CONNECTS.items() for who in sorted(people)]


@pytest.mark.parametrize(("who", "side"), connected())
async def test_what_is_streamed(world: World, who: str, side: str):
    names = {str(world.id(name)): name for name in actions.CONVERSATIONS}
    async with opened(world, world.people[who], side, "token") as socket:
        for pk in names:
            await socket.send({"t": "subscribe", "conversation": pk, "after": 0})
        frames = await everything(socket)
    streamed = {names[one["conversation"]] for one in frames if one["t"] == "events"}
    revoked = {names[one["conversation"]] for one in frames if one["t"] == "resync"}
    assert streamed == actions.watches(who)
    assert revoked == set(actions.CONVERSATIONS) - streamed
    assert sum(one["t"] == "nack" for one in frames) == len(revoked)
    words = orjson.dumps(frames).decode()
    for kind, name, text in canaries():
        assert text not in words or may_find(who, kind, name), f"{who} is shown {kind} of {name}"
    for name in streamed:
        for kind in ("message", "note", "whisper", "transfer", "file"):
            assert (canary(kind, name) in words) == may_find(who, kind, name), (kind, name)
    if side == "visitor":
        assert_dense(frames)


def assert_dense(frames: list[dict[str, Any]]) -> None:
    """Visitors' numbers have no gaps, which would tell of notes."""
    seqs: dict[str, set[int]] = {}
    for frame in frames:
        if frame["t"] == "events":
            found = seqs.setdefault(frame["conversation"], set())
            found.update(event["seq"] for event in frame["events"])
    assert all(found == set(range(1, len(found) + 1)) for found in seqs.values())


async def answer(socket: Socket, conversation: Any, kind: str) -> str:
    """`ack`, or the code of the `nack`."""
    client_msg_id = uuid.uuid4().hex
    await socket.say(conversation, "说一句", client_msg_id, kind=kind)
    while True:
        frame = await socket.receive()
        if frame.get("client_msg_id") == client_msg_id:
            return "ack" if frame["t"] == "ack" else frame["code"]


@pytest.mark.parametrize(("who", "side"), connected())
@pytest.mark.parametrize("asked", [True, False], ids=["subscribed", "not subscribed"])
async def test_sending(world: World, who: str, side: str, asked: bool):
    """Whether one has subscribed before makes no difference to what one may."""
    socket = opened(world, world.people[who], side, "token")
    socket.cursors = socket.cursors if asked else {}
    async with socket:
        for name in actions.CONVERSATIONS:
            for kind in ("text", "note", "whisper"):
                before = await in_db(fingerprint)()
                found = await answer(socket, world.id(name), kind)
                assert (name, kind, found) == (name, kind, actions.send(who, kind, name))
                if found != "ack":
                    assert changes(before, await in_db(fingerprint)()) == []


@pytest.mark.parametrize(("who", "side"), connected())
async def test_typing_and_receipts(world: World, who: str, side: str):
    pk = str(world.id("served"))
    async with (
        opened(world, world.people["visitor"], "visitor", "token") as visitor,
        opened(world, world.people["agent"], "agent", "token") as agent,
        opened(world, world.people[who], side, "token") as socket,
    ):
        watching = {"visitor": visitor, "agent": agent}
        for one in (visitor, agent, socket):
            await everything(one, 0.3)
        before = await in_db(fingerprint)()
        for name in actions.CONVERSATIONS:
            for t in ("typing", "received", "read"):
                frame = {"t": t, "conversation": str(world.id(name)), "seq": 2, "preview": "在"}
                await socket.send(frame)
        heard = {key: await everything(one) for key, one in watching.items()}
        reached = actions.reaches(who, "served")
        for key, frames in heard.items():
            soft = {one["t"] for one in frames if one.get("conversation") == pk}
            soft &= {"typing", "received", "read"}
            assert (key, bool(soft)) == (key, key == reached), frames
        if who not in actions.TAKES_PART:
            assert changes(before, await in_db(fingerprint)()) == []


@pytest.mark.parametrize("who", PEOPLE)
async def test_the_floor_is_watched_by_leaders_and_shows_each_what_is_theirs(
    world: World, who: str
):
    person = world.people[who]
    by_token = opened(world, person, "floor", "token")
    with pytest.raises((AssertionError, Closed), match=r"bye|44"):
        async with by_token:
            pytest.fail("no token opens it")
    socket = opened(world, person, "floor", "cookie")
    if who not in actions.WATCHES_FLOOR:
        with pytest.raises((AssertionError, Closed), match=r"bye|44"):
            async with socket:
                pytest.fail(f"{who} may not watch the floor")
        return
    async with socket:
        words = orjson.dumps(await socket.expect("floor")).decode()
    for kind, name, text in canaries():
        assert text not in words or may_find(who, kind, name), f"{who} is shown {kind} of {name}"
    assert (canary("message", "waiting") in words) == may_find(who, "message", "waiting")
