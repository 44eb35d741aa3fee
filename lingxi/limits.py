"""How often somebody may do something, counted in Redis for all processes together.

Fixed windows: one atomic script counts and sets the expiry, so a killed process cannot leave a
counter without an end. When Redis is away, each process counts for itself: the limit is then
multiplied by the number of processes, but it neither vanishes nor locks everybody out.
"""

import threading
import time
from functools import lru_cache

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from lingxi.errors import RateLimited

logger = structlog.get_logger("lingxi.limits")

_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
_MAX_LOCAL = 10_000
_LEAVE_ALONE = 5.0  # seconds after a failure in which Redis is not asked: nobody waits for it
_local: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()
_away_until = 0.0


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """A client that gives up at once: a limit is not worth waiting for."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
    )


def hit(scope: str, subject: str, limit: int, window: int, detail: str | None = None) -> None:
    """Count one `scope` by `subject`. Raises `RateLimited` beyond `limit` in `window` seconds."""
    key = _key(scope, subject)
    count, seconds = _count(key, window)
    if count > limit:
        raise RateLimited(detail, retry_after=max(1, seconds))


def forget(scope: str, subject: str) -> None:
    """Begin anew, as after a success."""
    key = _key(scope, subject)
    _local.pop(key, None)
    if time.monotonic() >= _away_until:
        try:
            client().delete(key)
        except redis.RedisError as exc:
            _is_away(exc)


def _key(scope: str, subject: str) -> str:
    return f"limit:{scope}:{subject[:200]}"


def _count(key: str, window: int) -> tuple[int, float]:
    """How many in this window, and the seconds left of it."""
    if time.monotonic() >= _away_until:
        try:
            count, left = client().eval(_HIT, 1, key, window * 1000)
            return int(count), max(0, left) / 1000
        except redis.RedisError as exc:
            _is_away(exc)
    return _count_here(key, window)


def _is_away(exc: Exception) -> None:
    global _away_until
    _away_until = time.monotonic() + _LEAVE_ALONE
    logger.warning("rate limits without redis", error=str(exc)[:200])


def _count_here(key: str, window: int) -> tuple[int, float]:
    now = time.monotonic()
    with _lock:
        if len(_local) > _MAX_LOCAL:
            _local.clear()
        count, ends = _local.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + window
        _local[key] = (count + 1, ends)
    return count + 1, ends - now
