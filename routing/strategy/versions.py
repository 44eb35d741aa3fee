"""The life of a strategy: drafts, publishing, gradual release (灰度), going back.

What strategies share with all that is published in versions is in `lingxi.versioned`; here is
what they have besides: a version can be released to a share of the new items first.
"""

from typing import Any

from django.db import transaction

from lingxi.errors import Conflict, Invalid
from lingxi.versioned import MAX_NOTE, Versions
from routing.models import Strategy, StrategyVersion
from routing.strategy import deciding
from routing.strategy.checks import problems_of
from routing.strategy.comparing import Change, compare
from routing.strategy.problem import Problem
from routing.strategy.rules import parse

__all__ = [
    "MAX_NOTE",
    "Change",
    "Problem",
    "compare",
    "discard_draft",
    "draft_of",
    "problems_of",
    "promote",
    "publish",
    "roll_back",
    "save_draft",
    "strategy_of",
    "withdraw",
]

NAMES = {"conversation": "会话路由策略", "ticket": "工单路由策略"}


class StrategyVersions(Versions[Strategy]):
    """Versions that can be released to `percent` of a hundred new items first."""

    in_force = ("current", "candidate", "percent")
    log_key = "strategy"

    def base_of(self, owner: Strategy) -> StrategyVersion | None:
        """The newest rules in force or being released."""
        return owner.candidate or owner.current

    def clean(self, content: Any) -> Any:
        """The rules in the one form."""
        return parse(content).as_json()

    def place(self, owner: Strategy, version: StrategyVersion, percent: int = 100) -> None:  # type: ignore[override]
        """To all, which ends a release, or to a share."""
        if percent == 100:
            owner.current, owner.candidate, owner.percent = version, None, 0
        else:
            owner.candidate, owner.percent = version, percent

    def refuse_publishing(self, owner: Strategy) -> None:
        """Raises `Conflict` while another version is being released."""
        if owner.candidate_id is not None:
            raise Conflict("有版本正在灰度，请先全量发布或撤回")

    def changed(self, owner: Strategy) -> None:
        """The next decision asks anew, here now and elsewhere once it is committed."""
        deciding.forget()
        transaction.on_commit(deciding.forget, robust=True)

    def shown(self, owner: Strategy) -> dict[str, Any]:
        """What is in force, for the audit log."""
        candidate = owner.candidate.number if owner.candidate else None
        return {**super().shown(owner), "candidate": candidate, "percent": owner.percent}


_versions = StrategyVersions(
    Strategy, "rules", lambda rules, strategy: problems_of(rules, strategy.kind)
)
draft_of = _versions.draft_of
save_draft = _versions.save_draft
discard_draft = _versions.discard_draft
roll_back = _versions.roll_back


def strategy_of(kind: str) -> Strategy:
    """The strategy of a kind of work, made when there is none yet."""
    defaults = {"name": NAMES.get(kind, f"{kind} 路由策略")}
    return Strategy.objects.get_or_create(kind=kind, defaults=defaults)[0]


def publish(
    strategy: Strategy, by: Any, revision: int, percent: int = 100, note: str = ""
) -> StrategyVersion:
    """Make the draft a version that decides on `percent` of a hundred new items.

    Raises `Conflict` when the draft is not of `revision` any more or another version is being
    released, `Invalid` for errors in the rules, a percentage out of 1 to 100 or a long note.
    """
    _refuse_odd(percent)
    return _versions.publish(strategy, by, revision, note, percent=percent)


@transaction.atomic
def promote(strategy: Strategy, by: Any, percent: int = 100) -> Strategy:
    """Release the candidate further: to `percent`, or to all.

    Raises `Conflict` when nothing is being released, `Invalid` for a percentage out of 1 to 100.
    """
    _refuse_odd(percent)
    locked = _released(strategy)
    before = _versions.shown(locked)
    _versions.place(locked, locked.candidate, percent)
    return _versions.put_in_force(locked, by, "promote", before)


@transaction.atomic
def withdraw(strategy: Strategy, by: Any) -> Strategy:
    """End the release of the candidate. Raises `Conflict` when nothing is being released."""
    locked = _released(strategy)
    before = _versions.shown(locked)
    locked.candidate, locked.percent = None, 0
    return _versions.put_in_force(locked, by, "withdraw", before)


def _refuse_odd(percent: Any) -> None:
    if isinstance(percent, bool) or not isinstance(percent, int) or not 1 <= percent <= 100:
        raise Invalid(fields={"percent": ["1 到 100 的整数"]})


def _released(strategy: Strategy) -> Any:
    """The locked row of a strategy that is being released. Raises `Conflict`."""
    locked = _versions.lock(strategy)
    if locked.candidate_id is None:
        raise Conflict("没有正在灰度的版本")
    return locked
