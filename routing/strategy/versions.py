"""The life of a strategy: drafts, publishing, gradual release (灰度), going back.

Whoever changes what is in force, or a draft, first locks the strategy's row; so two people who
publish at once are one after the other, and the second finds that the draft has moved on. Every
change is in the audit log.
"""

from typing import Any

from auditlog.models import LogEntry
from django.db import transaction
from django.utils import timezone

from lingxi.errors import Conflict, Invalid
from routing.models import Strategy, StrategyVersion, VersionState
from routing.strategy import deciding
from routing.strategy.checks import problems_of
from routing.strategy.comparing import Change, compare
from routing.strategy.problem import Problem, as_fields, errors_of
from routing.strategy.rules import parse

__all__ = [
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
MAX_NOTE = 200


def strategy_of(kind: str) -> Strategy:
    """The strategy of a kind of work, made when there is none yet."""
    defaults = {"name": NAMES.get(kind, f"{kind} 路由策略")}
    return Strategy.objects.get_or_create(kind=kind, defaults=defaults)[0]


@transaction.atomic
def draft_of(strategy: Strategy, by: Any) -> StrategyVersion:
    """The draft; a copy of the newest rules in force or being released when there is none."""
    locked = _lock(strategy)
    draft = _draft(locked)
    if draft is not None:
        return draft
    base = locked.candidate or locked.current
    return locked.versions.create(
        rules=base.rules if base else [],
        based_on=base,
        revision=_last_revision(locked) + 1,
        edited_by=by,
    )


@transaction.atomic
def save_draft(strategy: Strategy, rules: Any, by: Any, revision: int) -> StrategyVersion:
    """Replace the draft's rules. `revision` is the one that the editor has seen, 0 for none.

    Raises `Conflict` when the draft was saved, published or discarded since, `Invalid` with a
    message per rule when the rules have errors.
    """
    locked = _lock(strategy)
    if revision == 0 and _draft(locked) is None:
        revision = draft_of(locked, by).revision
    draft = _seen(locked, revision)
    _refuse_errors(rules)
    draft.rules = parse(rules).as_json()
    draft.revision += 1
    draft.edited_by, draft.edited_at = by, timezone.now()
    draft.save(update_fields=["rules", "revision", "edited_by", "edited_at"])
    _log(locked, by, "save_draft", {"draft": [revision, draft.revision]})
    return draft


@transaction.atomic
def discard_draft(strategy: Strategy, by: Any) -> None:
    """Delete the draft, if there is one."""
    locked = _lock(strategy)
    draft = _draft(locked)
    if draft is not None:
        _log(locked, by, "discard_draft", {"draft": [draft.revision, None]})
        draft.delete()


@transaction.atomic
def publish(
    strategy: Strategy, by: Any, revision: int, percent: int = 100, note: str = ""
) -> StrategyVersion:
    """Make the draft a version that decides on `percent` of a hundred new items.

    Raises `Conflict` when the draft is not of `revision` any more or another version is being
    released, `Invalid` for errors in the rules, a percentage out of 1 to 100 or a long note.
    """
    _refuse_odd(percent, note)
    locked = _lock(strategy)
    draft = _seen(locked, revision)
    _refuse_release(locked)
    _refuse_errors(draft.rules)
    draft.state, draft.number = VersionState.PUBLISHED, _last_number(locked) + 1
    draft.note, draft.published_by, draft.published_at = note, by, timezone.now()
    draft.save(update_fields=["state", "number", "note", "published_by", "published_at"])
    before = _shown(locked)
    if percent == 100:
        locked.current = draft
    else:
        locked.candidate, locked.percent = draft, percent
    _put_in_force(locked, by, "publish", before, number=draft.number, note=note)
    return draft


@transaction.atomic
def promote(strategy: Strategy, by: Any, percent: int = 100) -> Strategy:
    """Release the candidate further: to `percent`, or to all.

    Raises `Conflict` when nothing is being released, `Invalid` for a percentage out of 1 to 100.
    """
    _refuse_odd(percent, "")
    locked = _lock(strategy)
    _refuse_no_release(locked)
    before = _shown(locked)
    if percent == 100:
        locked.current, locked.candidate, locked.percent = locked.candidate, None, 0
    else:
        locked.percent = percent
    return _put_in_force(locked, by, "promote", before)


@transaction.atomic
def withdraw(strategy: Strategy, by: Any) -> Strategy:
    """End the release of the candidate. Raises `Conflict` when nothing is being released."""
    locked = _lock(strategy)
    _refuse_no_release(locked)
    before = _shown(locked)
    locked.candidate, locked.percent = None, 0
    return _put_in_force(locked, by, "withdraw", before)


@transaction.atomic
def roll_back(strategy: Strategy, version: StrategyVersion, by: Any) -> StrategyVersion:
    """Publish the rules of an earlier version again, as a new one, for all; a release ends.

    Raises `Conflict` for a draft or a version of another strategy, `Invalid` when its rules have
    errors by now (a group was deleted since, ...).
    """
    locked = _lock(strategy)
    if version.strategy_id != locked.pk or version.number is None:
        raise Conflict("只能回滚到本策略已发布的版本")
    _refuse_errors(version.rules)
    number, now = _last_number(locked) + 1, timezone.now()
    made = locked.versions.create(
        state=VersionState.PUBLISHED,
        number=number,
        rules=version.rules,
        revision=_last_revision(locked) + 1,
        note=f"回滚到 v{version.number}",
        based_on=version,
        edited_by=by,
        published_by=by,
        published_at=now,
    )
    before = _shown(locked)
    locked.current, locked.candidate, locked.percent = made, None, 0
    _put_in_force(locked, by, "roll_back", before, number=number, to=version.number)
    return made


def _lock(strategy: Strategy) -> Strategy:
    """The row as it is now, locked."""
    return Strategy.objects.select_for_update(no_key=True).get(pk=strategy.pk)


def _draft(strategy: Strategy) -> StrategyVersion | None:
    return strategy.versions.filter(state=VersionState.DRAFT).first()


def _seen(strategy: Strategy, revision: int) -> StrategyVersion:
    """The draft that the editor has seen. Raises `Conflict`."""
    draft = _draft(strategy)
    if draft is None:
        raise Conflict("草稿已被发布或放弃，请刷新后重试")
    if draft.revision != revision:
        raise Conflict("草稿已被他人修改，请刷新后重试", fields={"revision": draft.revision})
    return draft


def _last_revision(strategy: Strategy) -> int:
    """Revisions go on over drafts, so that no stale page fits a later draft."""
    latest = strategy.versions.order_by("-revision").values_list("revision", flat=True).first()
    return latest or 0


def _last_number(strategy: Strategy) -> int:
    numbers = strategy.versions.exclude(number=None).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def _refuse_errors(rules: Any) -> None:
    errors = errors_of(problems_of(rules))
    if errors:
        raise Invalid(errors[0].message, fields=as_fields(errors))


def _refuse_odd(percent: Any, note: Any) -> None:
    if isinstance(percent, bool) or not isinstance(percent, int) or not 1 <= percent <= 100:
        raise Invalid(fields={"percent": ["1 到 100 的整数"]})
    if not isinstance(note, str) or len(note) > MAX_NOTE or "\x00" in note:
        raise Invalid(fields={"note": [f"{MAX_NOTE} 个字以内的文本"]})


def _refuse_release(strategy: Strategy) -> None:
    if strategy.candidate_id is not None:
        raise Conflict("有版本正在灰度，请先全量发布或撤回")


def _refuse_no_release(strategy: Strategy) -> None:
    if strategy.candidate_id is None:
        raise Conflict("没有正在灰度的版本")


def _shown(strategy: Strategy) -> dict[str, Any]:
    """What is in force, for the audit log."""
    current, candidate = strategy.current, strategy.candidate
    return {
        "current": current.number if current else None,
        "candidate": candidate.number if candidate else None,
        "percent": strategy.percent,
    }


def _put_in_force(
    strategy: Strategy, by: Any, action: str, before: dict[str, Any], **more: Any
) -> Strategy:
    strategy.save(update_fields=["current", "candidate", "percent"])
    after = _shown(strategy)
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    _log(strategy, by, action, changes, **more)
    deciding.forget()
    transaction.on_commit(deciding.forget, robust=True)
    return strategy


def _log(strategy: Strategy, by: Any, action: str, changes: dict[str, Any], **more: Any) -> None:
    LogEntry.objects.log_create(
        strategy,
        action=LogEntry.Action.UPDATE,
        changes=changes,
        actor=by,
        additional_data={"strategy": action, **more},
    )
