"""One snapshot for all processes, at most one every `EVERY` seconds, shared through Redis.

Who finds none that is fresh takes a short lock, reads the database and puts it there; the others
wait a moment for it. How old it is tells Redis's own clock, so the clocks of machines may differ.
Without Redis each process keeps its own.
"""

import threading
import time
import zlib

import orjson
import redis
import structlog

from conversations.floor.snapshot import Snapshot, take
from lingxi.ids import new_id
from lingxi.limits import client

logger = structlog.get_logger("conversations.floor")
EVERY = 2.0  # seconds a snapshot is fresh
KEY, LOCK = "floor:snapshot", "floor:lock"
_KEPT = 60_000  # milliseconds that Redis keeps it
_LOCKED = 10_000  # milliseconds after which the lock of a killed process is gone
_PATIENCE = 3.0  # seconds to wait for another process that reads
_HEAD = 36  # characters of the version in front of the data
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"

_here = threading.Lock()  # one thread of a process at a time; the others take what it found
_last: tuple[Snapshot, float] | None = None  # decoded, and when it was taken (monotonic)


def current() -> tuple[Snapshot, float]:
    """A snapshot no older than `EVERY` seconds, and its age in seconds."""
    with _here:
        try:
            return _shared()
        except redis.RedisError as exc:
            logger.warning("floor without redis", error=str(exc)[:200])
            return _own()


def _shared() -> tuple[Snapshot, float]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = _look()
        if found is not None:
            return found
        token = str(new_id())
        if client().set(LOCK, token, nx=True, px=_LOCKED):
            try:
                return _look() or _put(take(_before()))
            finally:
                client().eval(_UNLOCK, 1, LOCK, token)
        if time.monotonic() > deadline:
            return _own()  # whoever reads takes long: everybody for themselves
        time.sleep(0.05)


def _look() -> tuple[Snapshot, float] | None:
    """What is in Redis, if it is fresh; decoded once per process."""
    global _last
    pipeline = client().pipeline(transaction=False)
    pipeline.getrange(KEY, 0, _HEAD - 1)
    pipeline.pttl(KEY)
    version, left = pipeline.execute()
    age = (_KEPT - left) / 1000
    if left <= 0 or age >= EVERY:
        return None
    if _last is None or _last[0].version != version.decode():
        data = client().get(KEY)
        if not isinstance(data, bytes):
            return None
        snapshot = Snapshot(**orjson.loads(zlib.decompress(data[_HEAD:])))
        _last = (snapshot, time.monotonic() - age)
    return _last[0], age


def _before() -> Snapshot | None:
    """The last one, whose counts may be taken over; none when nobody has looked for long."""
    return _last[0] if _last and client().exists(KEY) else None


def _put(snapshot: Snapshot) -> tuple[Snapshot, float]:
    global _last
    data = zlib.compress(orjson.dumps(vars(snapshot)), 1)
    client().set(KEY, snapshot.version.encode() + data, px=_KEPT)
    _last = (snapshot, time.monotonic())
    return snapshot, 0.0


def _own() -> tuple[Snapshot, float]:
    """Without the others: the last one of this process while it is fresh."""
    global _last
    if _last is not None and time.monotonic() - _last[1] < EVERY:
        return _last[0], time.monotonic() - _last[1]
    _last = (take(_last[0] if _last else None), time.monotonic())
    return _last[0], 0.0
