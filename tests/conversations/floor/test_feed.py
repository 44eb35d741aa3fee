"""One snapshot for all: between processes, between viewers, and only while somebody watches."""

import asyncio
import threading
from contextlib import AsyncExitStack

import pytest
import redis
from channels.db import database_sync_to_async as in_db
from django.conf import settings
from django.test import Client

from conversations.floor import feed, sharing, snapshot
from lingxi.access.models import Role, Scope
from tests.conversations.floor.conftest import Floor
from tests.factories import AgentFactory, UserFactory
from tests.sockets import Closed, Socket

shared = pytest.mark.django_db
live = pytest.mark.django_db(transaction=True)


@pytest.fixture
def taken(monkeypatch):
    """How many snapshots were read from the database."""
    calls = []

    def take(*args, **kwargs):
        calls.append(args)
        return snapshot.take(*args, **kwargs)

    monkeypatch.setattr(sharing, "take", take)
    return calls


@pytest.fixture
def quick(monkeypatch):
    """A floor that looks ten times a second."""
    monkeypatch.setattr(sharing, "EVERY", 0.1)


# -- between processes ---------------------------------------------------------------------------


def as_another_process(monkeypatch):
    """This process forgets what it had decoded; Redis does not."""
    monkeypatch.setattr(sharing, "_last", None)


@shared
def test_what_one_process_read_the_others_take(taken, monkeypatch):
    agent = AgentFactory(ready=True)
    mine, _ = sharing.current()
    as_another_process(monkeypatch)
    theirs, age = sharing.current()
    assert len(taken) == 1
    assert theirs.version == mine.version
    assert theirs.agents == mine.agents
    assert str(agent.pk) in theirs.agents
    assert 0 <= age < sharing.EVERY


@shared
def test_after_two_seconds_it_is_read_again(taken, quick):
    first, _ = sharing.current()
    threading.Event().wait(0.15)
    second, _ = sharing.current()
    assert (len(taken), first.version == second.version) == (2, False)


@shared
def test_who_comes_while_another_process_reads_waits_for_it(taken, monkeypatch):
    from lingxi.limits import client

    done, _ = sharing.current()
    kept = client().get(sharing.KEY)
    client().delete(sharing.KEY)
    client().set(sharing.LOCK, "another process", px=5000)
    finish = threading.Timer(0.2, lambda: client().set(sharing.KEY, kept, px=sharing._KEPT))
    finish.start()
    found, _ = sharing.current()
    finish.join()
    assert (found.version, len(taken)) == (done.version, 1)


@shared
def test_a_process_killed_while_reading_holds_nobody_up_for_long(taken, monkeypatch):
    from lingxi.limits import client

    monkeypatch.setattr(sharing, "_PATIENCE", 0.1)
    client().set(sharing.LOCK, "killed", px=60_000)
    assert sharing.current()[0].agents == {}
    assert len(taken) == 1


@shared
def test_without_redis_each_process_reads_for_itself(taken, monkeypatch):
    def away():
        raise redis.ConnectionError

    monkeypatch.setattr(sharing, "client", away)
    first, _ = sharing.current()
    again, _ = sharing.current()
    assert (len(taken), first.version) == (1, again.version)


@shared
def test_the_lock_is_given_back_when_reading_fails(monkeypatch):
    def fails(before=None):
        raise RuntimeError("database away")

    monkeypatch.setattr(sharing, "take", fails)
    with pytest.raises(RuntimeError):
        sharing.current()
    monkeypatch.setattr(sharing, "take", snapshot.take)
    assert sharing.current()[0].groups == {}


# -- over the socket -----------------------------------------------------------------------------


class FloorSocket(Socket):
    """The floor's socket by log-in cookie; it keeps what it was told."""

    def __init__(self, session, origin="http://testserver", version=None):
        headers = {"Origin": origin} if origin else {}
        if session:
            headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session}"
        super().__init__("/ws/floor", headers=headers)
        self.version = version
        self.tables = {table: {} for table in snapshot.TABLES}

    async def hello(self):
        await self.send({"t": "hello", "v": 1, "version": self.version})
        return await self.expect("welcome")

    async def look(self, seconds=5):
        """The next frame, applied as the browser does."""
        frame = await self.expect("floor", seconds)
        for name, one in frame["tables"].items():
            rows = {} if frame["whole"] else self.tables[name]
            for pk in one["gone"]:
                rows.pop(pk, None)
            self.tables[name] = rows | {row["id"]: row for row in one["set"]}
        return frame


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def leader(**kwargs):
    user = UserFactory(**{"role": Role.SUPERVISOR, "scope": Scope.ALL, **kwargs})
    return user, session_of(user)


@live
async def test_first_everything_then_only_what_changed(quick):
    floor = await in_db(Floor)("售后")
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        first = await socket.look()
        assert first["whole"]
        waiting = await in_db(floor.waiting)(5)
        second = await socket.look()
    assert not second["whole"]
    assert [row["id"] for row in second["tables"]["conversations"]["set"]] == [str(waiting.pk)]
    assert "agents" not in second["tables"]
    assert socket.tables["groups"][str(floor.group.pk)]["waiting"] == 1


@live
async def test_what_is_gone_is_said(quick):
    floor = await in_db(Floor)("售后")
    waiting = await in_db(floor.waiting)(5)
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
        await in_db(lambda: type(waiting).objects.filter(pk=waiting.pk).update(state="closed"))()
        await in_db(_finish)(waiting)
        frame = await socket.look()
    assert frame["tables"]["conversations"] == {"set": [], "gone": [str(waiting.pk)]}
    assert socket.tables["conversations"] == {}


def _finish(conversation):
    from routing.models import WorkItem

    WorkItem.objects.filter(item_id=conversation.pk).update(state="done")


@live
async def test_who_comes_with_the_version_of_the_page_is_not_sent_it_again(monkeypatch):
    monkeypatch.setattr(sharing, "EVERY", 0.4)
    _, session = await in_db(leader)()
    page, _ = await in_db(sharing.current)()
    async with FloorSocket(session, version=page.version) as socket:
        await in_db(AgentFactory)(ready=True)
        frame = await socket.look()
    assert (frame["whole"], list(frame["tables"])) == (False, ["agents"])


@live
@pytest.mark.parametrize("version", ["nonsense", 7, None, "0" * 36])
async def test_a_version_nobody_knows_gets_everything(quick, version):
    _, session = await in_db(leader)()
    async with FloorSocket(session, version=version) as socket:
        assert (await socket.look())["whole"]


@live
async def test_many_viewers_cost_no_more_snapshots_than_one(taken, quick):
    """Ten viewers for a second: as many reads as a second has tenths, not ten times that."""
    people = [await in_db(leader)() for _ in range(10)]
    async with AsyncExitStack() as stack:
        for _, session in people:
            socket = await stack.enter_async_context(FloorSocket(session))
            await socket.look()
        before = len(taken)
        await asyncio.sleep(1)
        assert 1 <= len(taken) - before <= 11


@live
async def test_many_viewers_cost_no_more_queries_than_one(quick, monkeypatch):
    """Counted in the database calls of the feed: reading, besides asking for rights."""
    calls = []
    in_database = feed.in_database

    async def counted(function, *args, **kwargs):
        calls.append(function)
        return await in_database(function, *args, **kwargs)

    monkeypatch.setattr(feed, "in_database", counted)
    people = [await in_db(leader)() for _ in range(8)]
    async with AsyncExitStack() as stack:
        for _, session in people:
            await (await stack.enter_async_context(FloorSocket(session))).look()
        calls.clear()
        await asyncio.sleep(0.6)
    assert set(calls) == {sharing.current}
    assert len(calls) <= 7


@live
async def test_when_nobody_watches_nobody_looks(taken, quick):
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
    seen = len(taken)
    await asyncio.sleep(0.4)
    assert len(taken) == seen


@live
async def test_each_sees_their_own_groups_only(quick):
    mine, theirs = await in_db(Floor)("甲"), await in_db(Floor)("乙")
    user = await in_db(mine.supervisor)()
    async with FloorSocket(await in_db(session_of)(user)) as socket:
        await in_db(theirs.waiting)(5)
        waiting = await in_db(mine.waiting)(5)
        while not socket.tables["conversations"]:
            await socket.look()
    assert set(socket.tables["groups"]) == {str(mine.group.pk)}
    assert set(socket.tables["conversations"]) == {str(waiting.pk)}


@live
async def test_while_the_database_is_away_the_floor_waits_for_it(quick, monkeypatch):
    monkeypatch.setattr(feed, "AGAIN", 0.05)
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
        current = sharing.current

        def away():
            raise OSError("database away")

        monkeypatch.setattr(sharing, "current", away)
        await asyncio.sleep(0.3)
        monkeypatch.setattr(sharing, "current", current)
        await in_db(AgentFactory)(ready=True)
        assert not (await socket.look())["whole"]


@live
async def test_who_reads_slowly_gets_the_difference_to_what_they_have(quick, monkeypatch):
    """No backlog of frames is piled up for them."""
    monkeypatch.setitem(settings.LINGXI, "SLOW_READER", 60)
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
        (watcher,) = next(iter(feed._feeds.values())).watchers.values()
        monkeypatch.setattr(type(watcher.connection), "unsent", property(lambda self: 1))
        for _ in range(2):
            await in_db(AgentFactory)(ready=True)
            await asyncio.sleep(0.25)
        monkeypatch.undo()
        monkeypatch.setattr(sharing, "EVERY", 0.1)
        frame = await socket.look()
    assert (frame["whole"], len(frame["tables"]["agents"]["set"])) == (False, 2)


# -- who may -------------------------------------------------------------------------------------


async def refused(socket):
    with pytest.raises((AssertionError, Closed)) as error:
        async with socket:
            pytest.fail("nobody may watch like that")
    return str(error.value)


@live
async def test_a_page_of_another_site_is_refused():
    _, session = await in_db(leader)()
    assert "origin_not_allowed" in await refused(FloorSocket(session, "https://evil.example"))
    assert "origin_not_allowed" in await refused(FloorSocket(session, None))


@live
async def test_who_is_not_logged_in_is_refused():
    assert "not_authenticated" in await refused(FloorSocket(None))
    assert "not_authenticated" in await refused(FloorSocket("forged"))


@live
@pytest.mark.parametrize("role", [Role.AGENT, Role.INSPECTOR, Role.AUDITOR, Role.PARTNER, None])
async def test_who_may_not_view_the_floor_is_refused(role):
    _, session = await in_db(leader)(role=role)
    assert "forbidden" in await refused(FloorSocket(session))


def demote(user):
    user.role_assignment.role = Role.AGENT
    user.role_assignment.save()


@live
async def test_who_loses_the_role_is_sent_away_at_once(quick):
    user, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
        await in_db(demote)(user)
        with pytest.raises(AssertionError, match="forbidden"):
            await socket.expect("never")
        with pytest.raises(Closed, match="4403"):
            await socket.expect("never")


@live
async def test_rights_are_asked_again_at_every_heartbeat(quick, monkeypatch):
    """Rights on groups change without a word; the next beat finds it."""
    monkeypatch.setitem(settings.LINGXI, "HEARTBEAT", 0.2)
    floor = await in_db(Floor)("售后")
    user = await in_db(floor.supervisor)()
    async with FloorSocket(await in_db(session_of)(user)) as socket:
        assert (await socket.look())["tables"]["groups"]["set"]
        await in_db(_release)(user, floor.group)
        frame = await socket.look()
    assert (frame["whole"], frame["tables"]["groups"]["set"]) == (True, [])


def _release(user, group):
    from guardian.shortcuts import remove_perm

    remove_perm("supervise_skillgroup", user, group)


@live
@pytest.mark.parametrize(
    "frame",
    [
        {"t": "send", "conversation": "x", "kind": "text", "content": {"text": "x"}},
        {"t": "subscribe", "conversation": "01a1fdb9-a2b4-74c8-b1f1-b664f0c2ea64"},
        {"t": "floor"},
        {"t": None},
        "[]",
        "no json",
    ],
    ids=["send", "subscribe", "floor", "nothing", "a list", "no json"],
)
async def test_besides_ping_it_takes_nothing(frame):
    _, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.send(frame)
        assert (await socket.expect("nack"))["code"] == "invalid"
        await socket.send({"t": "ping"})
        await socket.expect("pong")


@live
async def test_a_notice_is_heard_on_the_floor_too(quick):
    from conversations.notices import notify

    user, session = await in_db(leader)()
    async with FloorSocket(session) as socket:
        await socket.look()
        await in_db(notify)([user], "申请小休")
        await socket.expect("notice")
