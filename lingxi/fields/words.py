"""Definitions in words, and what differs between two versions."""

from collections.abc import Iterator, Sequence
from typing import Any

from lingxi.access.models import Role
from lingxi.fields.definitions import Field, Option, field_of
from lingxi.fields.types import TYPES, is_empty
from lingxi.fields.types.references import KINDS
from lingxi.versioned.admin import Difference
from lingxi.versioned.admin.marking import Kind

Definitions = Sequence[dict[str, Any]]
LISTED = 30  # options of one field


def sentence(definition: dict[str, Any]) -> str:
    """All that a definition says, but its place."""
    one = field_of(definition)
    return "；".join([f"“{one.label}”（{one.key}）", TYPES[one.type].label, *_parts(one)])


def _parts(one: Field) -> Iterator[str]:
    yield from (part for part in (_duty(one), _default(one)) if part)
    if one.options:
        yield f"选项：{_listed(one.options)}"
    if one.levels:
        yield f"选项：{_listed(one.levels)}，共 {_ends(one.levels)} 项"
    yield from _limits(one)
    if one.visible:
        yield f"仅{_roles(one.visible)}可见"
    if one.editable:
        yield f"仅{_roles(one.editable)}可编辑"
    for label, text in (("分组", one.section), ("说明", one.help), ("英文", one.label_en)):
        if text:
            yield f"{label}：{text}"


def _duty(one: Field) -> str:
    words = ["必填"] if one.required else []
    return "、".join(words + (["敏感"] if one.sensitive else []))


def _default(one: Field) -> str:
    return "" if is_empty(one.default) else f"默认{TYPES[one.type].text(one, one.default)}"


def _limits(one: Field) -> Iterator[str]:
    kind = TYPES[one.type]
    if one.min is not None:
        yield f"不小于 {kind.text(one, one.min)}"
    if one.max is not None:
        yield f"不大于 {kind.text(one, one.max)}"
    if one.decimals is not None:
        yield f"{one.decimals} 位小数"
    if one.currency:
        yield f"币种 {one.currency}"
    if one.max_length:
        yield f"最多 {one.max_length} 个字"
    if one.pattern:
        yield f"格式 {one.pattern}" + (f"（{one.pattern_hint}）" if one.pattern_hint else "")
    if one.types:
        yield "只接受" + "、".join(KINDS[name][0] for name in one.types)


def _listed(options: Sequence[Option]) -> str:
    labels = [f"{one.label}（已停用）" if one.retired else one.label for one in options]
    return "、".join(labels[:LISTED]) + (" 等" if len(labels) > LISTED else "")


def _ends(options: Sequence[Option]) -> int:
    return sum(_ends(one.children) if one.children else 1 for one in options)


def _roles(roles: frozenset[str]) -> str:
    return "、".join(Role(role).label for role in sorted(roles))


def differences(before: Definitions, after: Definitions) -> list[Difference]:
    """Fields removed first, then in the new order those that are new, other or elsewhere."""
    old, new = {one["key"]: one for one in before}, {one["key"]: one for one in after}
    found = [
        Difference("removed", one["label"], before=sentence(one))
        for key, one in old.items()
        if key not in new
    ]
    kept = [key for key in old if key in new]
    order = [key for key in new if key in old]
    moved = {key for key in order if kept.index(key) != order.index(key)}
    for key, one in new.items():
        kind = _kind(old.get(key), one, key in moved)
        if kind:
            said = sentence(old[key]) if key in old else ""
            found.append(Difference(kind, one["label"], said, sentence(one)))
    return found


def _kind(old: dict[str, Any] | None, new: dict[str, Any], moved: bool) -> Kind | None:
    if old is None:
        return "added"
    if old != new:
        return "changed"
    return "moved" if moved else None
