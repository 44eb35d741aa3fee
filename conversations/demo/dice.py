"""The one source of chance. The same seed gives the same names, words and ids."""

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded random source that also makes UUIDv7s."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - demo data, not secrets
        self.random = self._random.random
        self.choice = self._random.choice
        self.randint = self._random.randint
        self.uniform = self._random.uniform
        self.sample = self._random.sample
        self.shuffle = self._random.shuffle

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return self.random() < probability

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """One of `options`."""
        return self._random.choices(options, weights)[0]

    def many(self, options: Sequence[T], weights: Sequence[float], count: int) -> list[T]:
        """`count` of `options`, with repetition."""
        return self._random.choices(options, weights, k=count)

    def around(self, median: float, spread: float = 0.6) -> float:
        """A time as people take it: mostly near `median`, now and then much longer."""
        return median * self._random.lognormvariate(0, spread)

    def id(self, at: dt.datetime) -> uuid.UUID:
        """A UUIDv7 made at `at`."""
        milliseconds = int(at.timestamp() * 1000)
        bits = self._random.getrandbits(74)
        value = milliseconds << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1
        return uuid.UUID(int=value)

    def token(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"
