"""The way from an item to its decision: which version applies, and what it says."""

import datetime as dt
import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing.models import SkillGroup, Strategy, StrategyVersion, VersionState
from routing.strategy import live
from routing.strategy.compiling import Compiled, compile_rules
from routing.strategy.decision import Decision
from routing.strategy.engine import decide_with
from routing.strategy.keeping import Kept

KEPT_VERSIONS = 20
_compiled: OrderedDict[uuid.UUID, Compiled] = OrderedDict()
_NO_RULES = Compiled(())


@dataclass(frozen=True)
class InForce:
    """What decides for one kind of work."""

    current: uuid.UUID | None = None
    candidate: uuid.UUID | None = None
    percent: int = 0

    def version_for(self, item_id: uuid.UUID) -> uuid.UUID | None:
        """The version that decides on this item, the same each time."""
        if self.candidate and in_share(item_id, self.candidate, self.percent):
            return self.candidate
        return self.current


def in_share(item_id: uuid.UUID, version_id: uuid.UUID, percent: int) -> bool:
    """Whether the item is among the `percent` of a hundred that `version_id` is released to.

    A larger share contains every smaller one; another version gets other items.
    """
    digest = hashlib.blake2b(item_id.bytes + version_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest) % 10_000 < percent * 100


def decide(
    kind: str,
    item_id: uuid.UUID,
    facts: Mapping[str, Any],
    group: SkillGroup,
    *,
    version: StrategyVersion | None = None,
    at: dt.datetime | None = None,
) -> Decision:
    """Where an item goes, by the strategy of its kind. `group` takes it when no rule places it.

    `version` is used instead of the one in force: what runs keeps the version it started with.
    """
    if version is not None:
        compiled = compiled_of(version)
    else:
        version_id = _in_force.get().get(kind, InForce()).version_for(item_id)
        compiled = _compiled_by_id(version_id) if version_id else _NO_RULES
    return decide_with(compiled, facts, group, live=live.database(kind), at=at)


def compiled_of(version: StrategyVersion) -> Compiled:
    """The version's rules, ready to run. Those of published versions are frozen, hence kept."""
    kept = _compiled.get(version.pk)
    if kept is not None:
        _compiled.move_to_end(version.pk)
        return kept
    shown = {"id": str(version.pk), "number": version.number, "strategy": version.strategy.name}
    compiled = compile_rules(version.rules, version_id=version.pk, version=shown)
    if version.state == VersionState.PUBLISHED:
        _compiled[version.pk] = compiled
        while len(_compiled) > KEPT_VERSIONS:
            _compiled.popitem(last=False)
    return compiled


def _compiled_by_id(version_id: uuid.UUID) -> Compiled:
    kept = _compiled.get(version_id)
    if kept is not None:
        return kept
    return compiled_of(StrategyVersion.objects.select_related("strategy").get(pk=version_id))


def _read_in_force() -> dict[str, InForce]:
    rows = Strategy.objects.values_list("kind", "current", "candidate", "percent")
    return {kind: InForce(current, candidate, share) for kind, current, candidate, share in rows}


_in_force = Kept(_read_in_force)


def forget() -> None:
    """What is in force was changed by this process: read it again next time."""
    _in_force.forget()
