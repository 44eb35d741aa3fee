"""Fixtures of every test. The servers themselves are started by ``tests.bootstrap``."""

import hypothesis
import pytest

from lingxi.redis import client
from tests import flushing

hypothesis.settings.register_profile("lingxi", deadline=None)
hypothesis.settings.load_profile("lingxi")
flushing.hurry()


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Begin every test with an empty Redis: no rate limit or cache from the one before."""
    client().flushdb()
