"""Strategies, drafts and trials in the words and figures that the pages show."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from lingxi.versioned.admin.show import name_of, when
from routing.admin.strategies.changes import summary
from routing.models import Strategy, StrategyVersion, VersionState
from routing.strategy import names, versions
from routing.strategy.sentences import sentence

Shown = dict[str, Any]


# -- drafts --------------------------------------------------------------------------------------


def draft_row(strategy: Strategy) -> StrategyVersion | None:
    """The draft, when there is one."""
    drafts = strategy.versions.filter(state=VersionState.DRAFT)
    return drafts.select_related("edited_by").first()


def rules_to_edit(strategy: Strategy) -> list[Any]:
    """The draft's rules, or those that a new draft begins with."""
    found = draft_row(strategy) or base_of(strategy)
    return list(found.rules) if found else []


def base_of(strategy: Strategy) -> StrategyVersion | None:
    """The version that a new draft begins as a copy of."""
    return strategy.candidate or strategy.current


def base_id(strategy: Strategy) -> str:
    """Its id; nothing when nothing was published yet."""
    return str(strategy.candidate_id or strategy.current_id or "")


def draft(strategy: Strategy) -> Shown:
    """What the editor starts with. `revision` 0: saving makes the draft, from `base`."""
    found, base = draft_row(strategy), base_of(strategy)
    if found is not None:
        return {"rules": found.rules, "base": base_id(strategy), **saved(found)}
    words = f"与 v{base.number} 相同，尚无草稿" if base else "还没有草稿"
    rules = base.rules if base else []
    return {"rules": rules, "base": base_id(strategy), "revision": 0, "saved": words}


def saved(found: StrategyVersion) -> Shown:
    """Who saved a draft when, and its revision."""
    words = f"草稿由 {name_of(found.edited_by)} 保存于 {when(found.edited_at)}"
    return {"revision": found.revision, "saved": words}


def who_was_faster(strategy: Strategy) -> str:
    """Why a draft could not be saved, with the name of whoever saved or published it."""
    found = draft_row(strategy)
    if found is not None:
        return f"{name_of(found.edited_by)} 在 {when(found.edited_at)} 保存了这份草稿。"
    latest = strategy.versions.exclude(number=None).select_related("published_by").first()
    if latest is None or latest.published_at is None:
        return "草稿已被丢弃。"
    who, at = name_of(latest.published_by), when(latest.published_at)
    return f"草稿已被发布或丢弃；最近的版本是 {who} 在 {at} 发布的 v{latest.number}。"


def judgement(strategy: Strategy, rules: list[Any]) -> Shown:
    """The sentence of each rule, problems, and in what the rules differ from those in force."""
    known = names.current()
    sentences = {rule["id"]: sentence(rule, known) for rule in rules if _has_id(rule)}
    problems = [problem.as_dict() for problem in versions.problems_of(rules, strategy.kind)]
    return {"sentences": sentences, "problems": problems, "summary": difference(strategy, rules)}


def _has_id(rule: Any) -> bool:
    return isinstance(rule, dict) and isinstance(rule.get("id"), str)


def difference(strategy: Strategy, rules: list[Any]) -> str:
    """In a few words, how the rules differ from those being released or in force."""
    base = base_of(strategy)
    if base is None:
        return f"首次发布：{len(rules)} 条规则" if rules else ""
    state = "生效" if base.pk == strategy.current_id else "灰度中"
    return f"与{state}的 v{base.number} 相比：{summary(versions.compare(base.rules, rules))}"


# -- versions ------------------------------------------------------------------------------------


def published(strategy: Strategy) -> QuerySet[StrategyVersion]:
    """Every version, the newest first."""
    found = strategy.versions.filter(state=VersionState.PUBLISHED)
    return found.select_related("published_by", "edited_by").order_by("-number")


def version(strategy: Strategy, found: StrategyVersion) -> Shown:
    """A version as a row of the list."""
    is_draft = found.state == VersionState.DRAFT
    state, label = "", ""
    if found.pk == strategy.current_id:
        state, label = "current", "生效中"
    elif found.pk == strategy.candidate_id:
        state, label = "candidate", f"灰度 {strategy.percent}%"
    return {
        "pk": str(found.pk),
        "title": "草稿" if is_draft else f"v{found.number}",
        "state": state,
        "state_label": label,
        "note": found.note,
        "by": name_of(found.edited_by if is_draft else found.published_by),
        "at": found.edited_at if is_draft else found.published_at,
        "rules": len(found.rules),
        "may_roll_back": not is_draft and not state,
        "url": reverse("admin:routing_strategy_version", args=[strategy.pk, found.pk]),
    }


def read(rules: list[Any]) -> list[Shown]:
    """Rules to be read."""
    known = names.current()
    return [
        {
            "name": rule.get("name", ""),
            "enabled": rule.get("enabled", True),
            "sentence": sentence(rule, known),
        }
        for rule in rules
        if isinstance(rule, dict)
    ]
