"""How often somebody may do something, counted in Redis for all processes together.

Fixed windows: one atomic script counts and sets the expiry, so a killed process cannot leave a
counter without an end. When Redis is away, each process counts for itself: the limit is then
multiplied by the number of processes, but it neither vanishes nor locks everybody out.
"""

import threading
import time

import redis
import structlog

from lingxi.errors import RateLimited
from lingxi.redis import client

logger = structlog.get_logger("lingxi.limits")

_HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
_MAX_LOCAL = 10_000
_local: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


def hit(scope: str, subject: str, limit: int, window: int, detail: str | None = None) -> None:
    """Count one `scope` by `subject`. Raises `RateLimited` beyond `limit` in `window` seconds."""
    key = _key(scope, subject)
    try:
        count, left = client().eval(_HIT, 1, key, window * 1000)  # type: ignore[misc]
        seconds = max(0, left) / 1000
    except redis.RedisError as exc:
        logger.warning("rate limit without redis", scope=scope, error=str(exc)[:200])
        count, seconds = _count_here(key, window)
    if count > limit:
        raise RateLimited(detail, retry_after=max(1, seconds))


def forget(scope: str, subject: str) -> None:
    """Begin anew, as after a success."""
    key = _key(scope, subject)
    _local.pop(key, None)
    try:
        client().delete(key)
    except redis.RedisError as exc:
        logger.warning("rate limit without redis", scope=scope, error=str(exc)[:200])


def _key(scope: str, subject: str) -> str:
    return f"limit:{scope}:{subject[:200]}"


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
