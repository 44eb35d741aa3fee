"""The feed: one per event loop. It looks while somebody watches, and sends what changed.

All who may see the same part are sent the same bytes. How far each is, is the version of the
snapshot they were sent last; who reads slowly is left out until they have read, and then gets the
difference to what they have, or everything when that is too long ago.
"""

import asyncio
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from conversations.floor import diffs, sharing
from conversations.floor.scope import Part, Viewer, part_of, viewer_of
from conversations.floor.snapshot import Snapshot
from conversations.realtime import reads
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from conversations.realtime.frames import dumps
from conversations.realtime.hints import Hint
from conversations.realtime.hub import Hub

logger = structlog.get_logger("conversations.floor")
REMEMBERED = 8  # snapshots from which a difference can still be told
AGAIN = 1.0  # seconds to wait after a failure
_feeds: dict[Hub, "Feed"] = {}


def feed_of(hub: Hub) -> "Feed":
    """The feed of a hub; those of dead loops are forgotten."""
    for old in [one for one in _feeds if one.loop.is_closed()]:
        del _feeds[old]
    if hub not in _feeds:
        _feeds[hub] = Feed(hub)
    return _feeds[hub]


@dataclass(eq=False)
class Watcher:
    """One socket: what it may see, and the version it was sent last."""

    connection: Connection
    viewer: Viewer
    version: str | None = None


class Feed:
    """Who watches the floor through this loop."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.watchers: dict[Connection, Watcher] = {}
        self._parts: OrderedDict[str, dict[Viewer, Part]] = OrderedDict()
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._frames: dict[tuple[str | None, str, Viewer], str | None] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # -- who watches ------------------------------------------------------------------------

    def join(self, connection: Connection, viewer: Viewer, version: str | None) -> None:
        """A socket watches from now on; `version` is what it has from the page."""
        self.watchers[connection] = Watcher(connection, viewer, version)
        if len(self.watchers) == 1:
            self.hub.listeners.add(self._hear)
            loops = (self._look(), self._beat())
            self._tasks = [self.hub.loop.create_task(loop) for loop in loops]
        elif self._snapshots:
            self._show(self.watchers[connection], next(reversed(self._snapshots.values())))

    def part(self, connection: Connection) -> None:
        """A socket is gone; with the last one the looking ends."""
        self.watchers.pop(connection, None)
        if self.watchers:
            return
        self.hub.listeners.discard(self._hear)
        for task in self._tasks:
            task.cancel()
        for kept in (self._tasks, self._parts, self._snapshots, self._frames):
            kept.clear()

    # -- looking and showing ----------------------------------------------------------------

    async def _look(self) -> None:
        while self.watchers:
            try:
                snapshot, age = await in_database(sharing.current)
                self._remember(snapshot)
                for watcher in list(self.watchers.values()):
                    self._show(watcher, snapshot)
                wait = max(0.05, sharing.EVERY - age)
            except Exception as exc:  # the database is away; the next look tells
                logger.warning("no floor", error=str(exc)[:200])
                wait = AGAIN
            await asyncio.sleep(wait)

    def _remember(self, snapshot: Snapshot) -> None:
        self._frames.clear()
        self._snapshots[snapshot.version] = snapshot
        self._parts.setdefault(snapshot.version, {})
        while len(self._snapshots) > REMEMBERED:
            version, _ = self._snapshots.popitem(last=False)
            self._parts.pop(version, None)

    def _show(self, watcher: Watcher, snapshot: Snapshot) -> None:
        if watcher.version == snapshot.version or watcher.connection.unsent:
            return
        key = (watcher.version, snapshot.version, watcher.viewer)
        if key not in self._frames:
            self._frames[key] = self._frame(*key)
        watcher.version = snapshot.version
        frame = self._frames[key]
        if frame is not None:
            watcher.connection.push(frame)

    def _frame(self, before: str | None, version: str, viewer: Viewer) -> str | None:
        """From one version to another; None when nothing is different."""
        after = self._part(version, viewer)
        is_whole = before not in self._snapshots
        said: dict[str, Any] = {"t": "floor", "version": version, "whole": is_whole}
        if is_whole or before is None:
            return dumps(said | {"tables": diffs.whole(after)})
        changed = diffs.difference(self._part(before, viewer), after)
        return dumps(said | {"tables": changed}) if changed else None

    def _part(self, version: str, viewer: Viewer) -> Part:
        parts = self._parts[version]
        if viewer not in parts:
            parts[viewer] = part_of(self._snapshots[version], viewer)
        return parts[viewer]

    # -- rights and notices -----------------------------------------------------------------

    async def _beat(self) -> None:
        """The heartbeat: browsers see that we are there, and rights are asked anew."""
        while self.watchers:
            await asyncio.sleep(settings.LINGXI["HEARTBEAT"])
            beat = dumps({"t": "beat", "server_time": timezone.now()})
            for watcher in list(self.watchers.values()):
                watcher.connection.push(beat)
                await self._check(watcher)

    def _hear(self, hint: Hint) -> None:
        for watcher in list(self.watchers.values()) if hint.rights or hint.notices else ():
            if watcher.connection.user.pk in hint.rights:
                watcher.connection.spawn(self._check(watcher))
            if watcher.connection.user.pk in hint.notices:
                watcher.connection.push_json(t="notice")

    async def _check(self, watcher: Watcher) -> None:
        """Go on, go on with another part, or end."""
        try:
            viewer = await in_database(_viewer_now, watcher.connection.user)
        except Exception as exc:  # asked again at the next beat
            logger.warning("rights not asked", error=str(exc)[:200])
            return
        if viewer is None:
            watcher.connection.push_json(t="bye", reason="forbidden", reconnect_after=None)
            await watcher.connection.close(4403, "forbidden")
        elif viewer != watcher.viewer:
            watcher.viewer, watcher.version = viewer, None


def _viewer_now(user: Any) -> Viewer | None:
    """What the person may see now; None without the right, or after a new password."""
    now = reads.fresh(user)
    if now.get_session_auth_hash() != user.get_session_auth_hash():
        return None
    return viewer_of(now)


def known_version(said: Any) -> str | None:
    """The version in a hello, if it can be one."""
    try:
        return str(uuid.UUID(said)) if isinstance(said, str) else None
    except ValueError:
        return None
