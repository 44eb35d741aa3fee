"""The database after an outage."""

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

T = TypeVar("T")


def again_if_lost(function: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Call `function`, and once more when the first call met a connection that had died.

    For what may run twice, since nobody knows whether a lost transaction was committed. When the
    pool has no connection to give, the database itself is away, and the error is passed on.
    """
    try:
        return function(*args, **kwargs)
    except (InterfaceError, OperationalError) as exc:
        connection.close()
        if isinstance(exc.__cause__, PoolTimeout):
            raise
        _replace_dead_connections()
        return function(*args, **kwargs)


def _replace_dead_connections() -> None:
    """Where one connection is dead the others are: look before somebody is given one."""
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()
