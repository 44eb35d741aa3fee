"""After an outage of the database."""

import pytest
from django.db import OperationalError, connection
from psycopg_pool import PoolTimeout

from lingxi.database import again_if_lost


def _ask(kill: bool) -> int:
    with connection.cursor() as cursor:
        if kill:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        cursor.execute("SELECT 1")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_dead_connection_costs_nobody_a_failure() -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(1)
        return _ask(kill=len(tries) == 1)

    assert again_if_lost(work) == 1
    assert len(tries) == 2


@pytest.mark.django_db(transaction=True)
def test_what_fails_twice_is_passed_on() -> None:
    with pytest.raises(OperationalError):
        again_if_lost(_ask, kill=True)
    connection.close()
    assert _ask(kill=False) == 1


@pytest.mark.django_db(transaction=True)
def test_an_empty_pool_is_not_waited_for_twice() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise OperationalError from PoolTimeout()

    with pytest.raises(OperationalError):
        again_if_lost(work)
    assert len(tries) == 1
