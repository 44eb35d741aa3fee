"""Calling the same thing several times at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(function: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
    """What each call returned, or the exception it raised. The test must be transactional."""
    arguments = list(arguments)
    barrier = threading.Barrier(len(arguments), timeout=20)

    def call(argument: Any) -> Any:
        try:
            barrier.wait()
            return function(argument)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(call, arguments))
