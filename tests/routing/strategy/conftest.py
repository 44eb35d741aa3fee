"""Facts of the tests' own are declared while a test runs."""

from collections.abc import Iterator

import pytest

from routing.strategy import facts
from tests.routing.strategy.made import ALL


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    for fact in ALL:
        facts.register(fact)
    yield
    for fact in ALL:
        facts.unregister(fact.name)
