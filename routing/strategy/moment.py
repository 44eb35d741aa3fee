"""What a decision can see: the facts supplied, the time, the live numbers, the names."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from routing.models import SkillGroup

if TYPE_CHECKING:
    from routing.strategy.live import Live
    from routing.strategy.names import Names


@dataclass
class Moment:
    """One item at one moment. `group` is where it goes when no rule places it."""

    facts: Mapping[str, Any]
    group: SkillGroup
    at: dt.datetime
    live: "Live"
    names: "Names"
    notes: list[str] = field(default_factory=list)

    @cached_property
    def local(self) -> dt.datetime:
        """`at` by the clock on the wall."""
        return timezone.localtime(self.at)

    @cached_property
    def group_key(self) -> str:
        """The id of the default group as text."""
        return str(self.group.id)
