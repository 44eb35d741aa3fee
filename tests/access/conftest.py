"""One world for all tests of a module: committed, because sockets and writers see nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from tests.access.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """See `tests.access.world`."""
    with django_db_blocker.unblock():
        try:
            yield build()
        finally:
            call_command("flush", verbosity=0, interactive=False)
