"""Redis clients. Redis is a wake-up, never the truth: callers must survive its absence."""

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """The process-wide synchronous client, with time-outs so that a dead Redis cannot hang us."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, health_check_interval=15
    )
