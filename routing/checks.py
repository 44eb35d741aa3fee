"""Bad configuration, refused when it is saved, with the reason.

What a group says of itself alone is in its `clean`; here is what concerns several rows. The checks
of overflow take one lock for all groups, so that two saves at once cannot make between them what
neither could alone. They must run in the transaction that saves.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import PROTECT, Count, ForeignObjectRel, Model

from routing.models import Agent, Membership, OverflowStep, SkillGroup, Strategy, StrategyVersion
from routing.models.schedule import OpenInterval

NAMED = 5  # rows that a refusal names of each kind
Graph = Mapping[uuid.UUID, Collection[uuid.UUID]]


def check_level(group: SkillGroup, levels: Collection[int]) -> None:
    """Raises `ValidationError` when no member's level suffices; a group may have no members yet."""
    if levels and max(levels) < group.min_level:
        raise ValidationError(
            f"“{group.name}”的最低技能值 {group.min_level} 高于所有成员"
            f"（最高 {max(levels)}），将无人可接待。"
        )


def check_overflow(group: SkillGroup, targets: Collection[SkillGroup]) -> None:
    """Raises `ValidationError` when the group's new targets have no members or lead back to it."""
    if not targets:
        return
    _lock_overflow()
    staffed = set(
        Membership.objects.filter(skillgroup__in=targets).values_list("skillgroup_id", flat=True)
    )
    for target in targets:
        if target.pk not in staffed:
            raise ValidationError(f"目标技能组“{target.name}”还没有成员，不能作为溢出目标。")
    graph = {**_graph(), group.pk: {target.pk for target in targets}}
    circle = circle_through(group.pk, graph)
    if circle:
        known = {pk: one.name for pk, one in SkillGroup.objects.in_bulk(circle).items()}
        names = " → ".join(known.get(pk, group.name) for pk in circle)
        raise ValidationError(f"溢出成环：{names}。会话会在这些组之间来回转。")


def check_staffed(group: SkillGroup, members: int) -> None:
    """Raises `ValidationError` when a group that others flow over to is to have no members."""
    if members:
        return
    _lock_overflow()
    names = OverflowStep.objects.filter(target=group).values_list("group__name", flat=True)
    if names:
        listed = "、".join(sorted(set(names)))
        raise ValidationError(f"“{group.name}”是“{listed}”的溢出目标，至少要有一位成员。")


def circle_through(start: uuid.UUID, graph: Graph) -> list[uuid.UUID]:
    """A way from `start` back to itself, both ends named; empty when there is none."""
    todo, seen = [[start]], set()
    while todo:
        way = todo.pop()
        for following in graph.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                todo.append([*way, following])
    return []


def _lock_overflow() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('routing.overflow', 2))")


def _graph() -> dict[uuid.UUID, set[uuid.UUID]]:
    graph: dict[uuid.UUID, set[uuid.UUID]] = {}
    steps = OverflowStep.objects.filter(target__isnull=False)
    for source, target in steps.values_list("group_id", "target_id"):
        graph.setdefault(source, set()).add(target)
    return graph


def check_intervals(intervals: Iterable[OpenInterval]) -> None:
    """Raises `ValidationError` for a week that never opens, or opens twice at a time."""
    by_day: dict[int, list[OpenInterval]] = {}
    for one in intervals:
        by_day.setdefault(one.weekday, []).append(one)
    if not by_day:
        raise ValidationError("请至少添加一个营业时段，否则永远不会营业。")
    for day in by_day.values():
        for other, one in pairwise(sorted(day, key=lambda one: one.opens)):
            if other.closes.hour == other.closes.minute == 0 or one.opens < other.closes:
                raise ValidationError(f"时段重叠：{other} 与 {one}。")


# -- where a group is used ---------------------------------------------------------------------


def uses_of(group: SkillGroup) -> list[str]:
    """Where a group is used such that it cannot be deleted, one line for each kind of place."""
    lines = [line for relation in _guarded() if (line := _rows_using(relation, group))]
    return [*lines, *_strategies_naming(group)]


def uses_of_agent(agent: Agent) -> list[str]:
    """Where an agent is needed such that they cannot be deleted."""
    alone = (
        Membership.objects.values("skillgroup")
        .annotate(members=Count("id"))
        .filter(members=1, skillgroup__in=agent.groups.values("pk"))
    )
    steps = OverflowStep.objects.filter(target__in=alone.values("skillgroup"))
    lines = [
        f"“{step.group.name}”的溢出目标“{step.target.name}”的唯一成员"
        for step in steps.select_related("group", "target")
        if step.target is not None
    ]
    return [*lines, *_strategies_naming(agent)]


def _guarded() -> list[ForeignObjectRel]:
    fields = SkillGroup._meta.get_fields(include_hidden=True)
    return [
        field
        for field in fields
        if isinstance(field, ForeignObjectRel) and getattr(field, "on_delete", None) is PROTECT
    ]


def _rows_using(relation: ForeignObjectRel, group: SkillGroup) -> str:
    model: type[Model] = relation.related_model
    rows = model._default_manager.filter(**{relation.field.name: group})
    total = rows.count()
    if not total:
        return ""
    label = str(model._meta.verbose_name)
    if total > NAMED or not (named := [_name_of(row) for row in rows]) or not all(named):
        return f"{label}：{total} 个"
    return f"{label}：" + "、".join(named)


def _name_of(row: Any) -> str:
    return (
        f"{row.group.name}（{row}）" if isinstance(row, OverflowStep) else getattr(row, "name", "")
    )


def _strategies_naming(row: SkillGroup | Agent) -> list[str]:
    versions = StrategyVersion.objects.filter(pk__in=_living_versions()).select_related("strategy")
    wanted = str(row.pk).encode()
    return [f"策略：{version}" for version in versions if wanted in orjson.dumps(version.rules)]


def _living_versions() -> set[uuid.UUID]:
    """Versions in force or being released, and drafts."""
    found = set(StrategyVersion.objects.filter(state="draft").values_list("pk", flat=True))
    for pair in Strategy.objects.values_list("current_id", "candidate_id"):
        found.update(pk for pk in pair if pk is not None)
    return found
