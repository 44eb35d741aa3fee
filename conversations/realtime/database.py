"""The database from async code: a few threads, and no connection kept while nothing is asked."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connections

from lingxi.database import again_if_lost

T = TypeVar("T")
_pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="realtime-db")


def _call(function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    try:
        return again_if_lost(function, *args, **kwargs)
    finally:
        connections.close_all()


async def in_database(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run `function` in a thread; its connection goes back to the pool when it returns.

    It is called twice when its connection had died, so it must be one that may be.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, _call, function, args, kwargs)
