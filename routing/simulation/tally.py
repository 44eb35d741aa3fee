"""Counting endings, and the figures that follow."""

import math
import uuid
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from routing.simulation.parts import Ending, Fate


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of them do not exceed; None of nothing.

    `values` are sorted.
    """
    if not values:
        return None
    return values[max(0, math.ceil(share * len(values)) - 1)]


class Tally:
    """The endings of one group, or of all. Waits take eight bytes each."""

    def __init__(self) -> None:
        self.fates: Counter[Fate] = Counter()
        self.waits = array("d")

    def add(self, fate: Fate, wait: float | None) -> None:
        """One more; `wait` of those served is kept."""
        self.fates[fate] += 1
        if fate is Fate.SERVED and wait is not None:
            self.waits.append(wait)

    def figures(self) -> dict[str, Any]:
        """As the result shows them: counts, waits in seconds, shares from 0 to 1."""
        fates, waits = self.fates, sorted(self.waits)
        count = sum(fates.values())
        queued = fates[Fate.SERVED] + fates[Fate.ABANDONED] + fates[Fate.WAITING]
        unserved = fates[Fate.ABANDONED] + fates[Fate.WAITING]
        return {
            "count": count,
            **{fate.value: fates[fate] for fate in Fate},
            "queue_p50": _rounded(quantile(waits, 0.5)),
            "queue_p90": _rounded(quantile(waits, 0.9)),
            "abandoned_share": round(fates[Fate.ABANDONED] / queued, 4) if queued else None,
            "unserved_share": round(unserved / queued, 4) if queued else None,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


class Tallies:
    """One tally for each group and one for all of them."""

    def __init__(self) -> None:
        self.all = Tally()
        self.groups: dict[uuid.UUID, Tally] = {}

    def add(self, group_id: uuid.UUID, fate: Fate, wait: float | None) -> None:
        """One more in a group."""
        tally = self.groups.get(group_id)
        if tally is None:
            tally = self.groups[group_id] = Tally()
        tally.add(fate, wait)
        self.all.add(fate, wait)

    def record(self, ending: Ending) -> None:
        """What a `Floor` reports."""
        self.add(ending.group_id, ending.fate, ending.wait)
