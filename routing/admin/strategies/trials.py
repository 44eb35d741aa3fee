"""Trials on past traffic in words: one sentence, figures per group, examples, definitions."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from lingxi.versioned.admin.show import name_of
from routing import kinds
from routing.admin.strategies.show import Shown
from routing.models import SimulationRun, SimulationState, SkillGroup, Strategy
from routing.strategy import facts

UNFINISHED = {SimulationState.WAITING, SimulationState.RUNNING}
MOST_MOVES = 40
PAGES = {"conversation": "admin:conversations_conversation_change"}  # where a thing is looked at
TITLES = {
    "before": "之前",
    "after": "之后",
    "actual": "实测",
    "queue": "排队 P50 / P90",
    "abandoned_share": "放弃率",
    "unserved_share": "未接待率",
    "patience": "耐心",
    "service": "接待时长",
    "agents": "坐席",
    "presence": "在线时段",
    "left_out": "未模拟",
    "traffic": "范围",
}
# Column, key of the figure, whether more is worse, how it is shown.
COLUMNS = (
    ("数量", "count", None, "number"),
    ("排队 P50", "queue_p50", True, "seconds"),
    ("排队 P90", "queue_p90", True, "seconds"),
    ("放弃率", "abandoned_share", True, "share"),
    ("未接待率", "unserved_share", True, "share"),
)


def row(run: SimulationRun) -> Shown:
    """A trial as a line of the list, and the head of its page."""
    return {
        "pk": str(run.pk),
        "state": run.state,
        "state_label": run.get_state_display(),
        "period": period(run),
        "rules": len(run.rules),
        "by": name_of(run.asked_by),
        "at": run.asked_at,
        "headline": headline(run),
        "outcome": outcome(run),
        "url": reverse("admin:routing_strategy_simulation", args=[run.strategy_id, run.pk]),
    }


def _work(run: SimulationRun) -> str:
    return kinds.label_of(run.strategy.kind)


def period(run: SimulationRun) -> str:
    """最近 7 天, or from which day to which."""
    days = (run.until - run.since) / dt.timedelta(days=1)
    if days == round(days) and abs(run.until - run.asked_at) < dt.timedelta(minutes=5):
        return f"最近 {round(days)} 天"
    last = timezone.localtime(run.until - dt.timedelta(microseconds=1))
    first = timezone.localtime(run.since)
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} 到 {last:%Y-%m-%d}"


def progress(run: SimulationRun) -> Shown:
    """How far it is; `percent` of 100."""
    percent = min(99, run.done * 100 // run.total) if run.total else 0
    if run.state == SimulationState.WAITING:
        label, words = "排队等待处理…", "已交给后台，通常几秒内开始"
    else:
        label, words = (
            "正在试算…",
            f"{run.done:,} / {run.total:,} 个{_work(run)}" if run.total else "",
        )
    finished = run.state not in UNFINISHED
    return {
        "state": run.state,
        "state_label": run.get_state_display(),
        "finished": finished,
        "percent": 100 if finished else percent,
        "label": label,
        "words": words,
    }


def headline(run: SimulationRun) -> str:
    """What came out of which period, in one sentence."""
    found = outcome(run)
    return f"{period(run)}：{found}" if run.state == SimulationState.DONE else found


def outcome(run: SimulationRun) -> str:
    """What came out."""
    if run.state == SimulationState.FAILED:
        return f"试算失败：{run.error or '原因未知'}"
    if run.state != SimulationState.DONE:
        return "试算已取消" if run.state == SimulationState.CANCELLED else ""
    result = run.result
    if not _figure(result.get("total"), "before", "count"):
        return f"没有可试算的{_work(run)}"
    moved = result.get("moved", 0)
    work = _work(run)
    where = f"{moved:,} 个{work}会去往别处" if moved else f"没有{work}会改变去向"
    return f"{where}{_most_changed(result)}"


def _most_changed(result: Mapping[str, Any]) -> str:
    """The group whose P90 of queueing changes most, in words."""
    found = []
    for group in result.get("groups", ()):
        before, after = (_figure(group, side, "queue_p90") for side in ("before", "after"))
        if before is not None and after is not None and round(before) != round(after):
            found.append((abs(after - before), group["group"]["name"], before, after))
    if not found:
        return "，各组排队时长没有明显变化"
    _, name, before, after = max(found)
    return f"；{name} 排队 P90 从 {seconds(before)}到 {seconds(after)}"


def _figure(figures: Any, side: str, key: str) -> float | None:
    return ((figures or {}).get(side) or {}).get(key)


def seconds(value: float) -> str:
    """A duration to be read."""
    if value < 120:
        return f"{round(value)} 秒"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} 分 {rest} 秒" if minutes < 60 else f"{minutes // 60} 时 {minutes % 60} 分"


def _words(value: float | None, how: str) -> str:
    if value is None:
        return "—"
    if how == "seconds":
        return seconds(value)
    return f"{value:.1%}" if how == "share" else f"{value:,.0f}"


def result(run: SimulationRun, user: Any) -> Shown:
    """The result as the page shows it to `user`: examples only of groups they may see."""
    found = run.result
    groups = [_group(one["group"]["name"], one) for one in found.get("groups", ())]
    if len(groups) > 1:
        groups.append({**_group("合计", found["total"]), "is_total": True})
    examples = found.get("examples", [])
    shown = [_example(run.strategy, one) for one in _visible(examples, user)]
    definitions = dict(found.get("definitions", {}))
    if found.get("presence", {}).get("note"):
        definitions["presence"] = found["presence"]["note"]
    return {
        "groups": groups if _figure(found.get("total"), "before", "count") else [],
        "moves": [_move(one) for one in found.get("moves", [])[:MOST_MOVES]],
        "examples": shown,
        "hidden": len(examples) - len(shown),
        "definitions": [
            {"label": TITLES.get(key, key), "text": definitions[key]}
            for key in sorted(definitions, key=_place)
        ],
    }


def _place(key: str) -> int:
    """Where a definition stands: in the order of `TITLES`, which JSON in the database lost."""
    return list(TITLES).index(key) if key in TITLES else len(TITLES)


def _group(name: str, figures: Mapping[str, Any]) -> Shown:
    cells = []
    for label, key, more_is_worse, how in COLUMNS:
        before, after, actual = (
            _figure(figures, side, key) for side in ("before", "after", "actual")
        )
        trend = _trend(_words(before, how), _words(after, how), before, after, more_is_worse)
        texts = {side: _words(value, how) for side, value in _sides(before, after, actual)}
        cells.append({"label": label, "trend": trend, **texts})
    return {"name": name, "cells": cells}


def _sides(*values: float | None) -> list[tuple[str, float | None]]:
    return list(zip(("before", "after", "actual"), values, strict=True))


def _trend(
    shown_before: str,
    shown_after: str,
    before: float | None,
    after: float | None,
    more_is_worse: bool | None,
) -> str:
    """`better`, `worse` or nothing; only what shows in the words counts."""
    if more_is_worse is None or before is None or after is None or shown_before == shown_after:
        return ""
    return "worse" if (after > before) == more_is_worse else "better"


def _move(one: Mapping[str, Any]) -> Shown:
    return {
        "count": one["count"],
        "source": one["from"]["name"],
        "target": one["to"]["name"],
        "rule": one["rule"]["name"] or "（无）",
    }


def _visible(examples: list[Shown], user: Any) -> list[Shown]:
    """Those that went to a group of which the person may see what happens."""
    seen = {str(pk) for pk in SkillGroup.objects.visible_to(user).values_list("pk", flat=True)}
    return [one for one in examples if one["from"]["id"] in seen]


def _example(strategy: Strategy, one: Mapping[str, Any]) -> Shown:
    return {
        "at": dt.datetime.fromtimestamp(one["at"], dt.UTC),
        "source": one["from"]["name"],
        "target": one["to"]["name"],
        "rule": one["rule"] or "（无）",
        "facts": _facts(one["facts"]),
        "url": _page_of(strategy.kind, one["item_id"]),
    }


def _facts(known: Mapping[str, Any]) -> list[Shown]:
    """Those that are still declared, in the order of declaration."""
    return [
        {"label": fact.label, "value": fact.show(known[fact.name])}
        for fact in facts.all_facts()
        if fact.name in known
    ]


def _page_of(kind: str, item_id: str) -> str:
    """Where the thing is looked at; nothing when there is no such page."""
    try:
        return reverse(PAGES[kind], args=[uuid.UUID(item_id)])
    except (KeyError, NoReverseMatch):
        return ""
