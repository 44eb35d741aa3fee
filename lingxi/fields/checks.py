"""What is wrong with the content of a schema's version.

`path` of a problem is `<place>.<setting>`, as `3.options`; the content as a whole has "".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lingxi.fields.definitions import KEY, ROLES, Field, field_of
from lingxi.fields.types import TYPES, Wrong, is_empty
from lingxi.fields.types.base import is_storable
from lingxi.versioned.problems import Problem

MOST_FIELDS = 100
LENGTHS = {"label": 40, "label_en": 60, "help": 200, "section": 40, "pattern": 200}
LENGTHS |= {"pattern_hint": 80, "currency": 3}
COMMON = ["key", "type", "label", "label_en", "help", "section", "required", "default"]
COMMON += ["visible", "editable", "sensitive"]


def problems_of(content: Any, types: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is wrong. `types` are those that keys have had in published versions."""
    if not isinstance(content, list):
        return [Problem("", "字段应为列表")]
    if len(content) > MOST_FIELDS:
        return [Problem("", f"不能超过 {MOST_FIELDS} 个字段")]
    found: list[Problem] = []
    seen: set[str] = set()
    for place, definition in enumerate(content):
        wrong = list(_of_one(definition, types or {}, seen))
        found += [Problem(f"{place}.{name}".rstrip("."), message) for name, message in wrong]
    return found


def clean(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A content without errors in the one form that is stored: only what says something."""
    return [_clean_one(definition) for definition in content]


def _clean_one(definition: Mapping[str, Any]) -> dict[str, Any]:
    known = (*COMMON, *TYPES[definition["type"]].settings)
    kept = {name: definition[name] for name in known if name in definition}
    stored = {key: value for key, value in kept.items() if value not in (None, "", [], False)}
    if "default" in stored:
        field = field_of(definition)
        stored["default"] = TYPES[field.type].clean(field, field.default)
    elif kept.get("default") is False:
        stored["default"] = False
    return stored


def _of_one(definition: Any, types: Mapping[str, str], seen: set[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(definition, Mapping):
        yield "", "字段应为对象"
        return
    shape = list(_shape(definition))
    yield from shape
    if shape:
        return
    key = definition["key"]
    if key in seen:
        yield "key", f"标识 {key} 重复"
    seen.add(key)
    if types.get(key, definition["type"]) != definition["type"]:
        yield "type", f"{key} 曾是“{TYPES[types[key]].label}”，类型不能改变；请换一个标识"
    yield from _of_field(field_of(definition))


def _of_field(field: Field) -> Iterator[tuple[str, str]]:
    kind = TYPES[field.type]
    wrong = list(kind.findings(field))
    yield from wrong
    if not wrong and not is_empty(field.default):
        try:
            kind.clean(field, field.default)
        except Wrong as reason:
            yield "default", str(reason)


def _shape(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What would keep `field_of` from reading it, and what it must have."""
    key, kind = definition.get("key"), definition.get("type")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        yield "key", "标识以小写字母开头，由小写字母、数字、下划线组成，最多 40 个字符"
    if not isinstance(kind, str) or kind not in TYPES:
        yield "type", "未知的字段类型"
    if is_empty(definition.get("label")):
        yield "label", "请填写名称"
    for name in ("label", *LENGTHS):
        yield from _text(definition, name)
    for name in ("visible", "editable"):
        roles = definition.get(name) or []
        if not isinstance(roles, list) or not all(_is_role(role) for role in roles):
            yield name, "未知的角色"
    for name in ("required", "sensitive"):
        if not isinstance(definition.get(name) or False, bool):
            yield name, "应为是或否"
    yield from _shape_of_settings(definition)


def _shape_of_settings(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("decimals", "max_length"):
        value = definition.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            yield name, "应为整数"
    for name in ("types", "level_names"):
        if not _is_texts(definition.get(name) or []):
            yield name, "应为文本列表"
    for name in ("min", "max"):
        if not isinstance(definition.get(name), str | int | float | None):
            yield name, "应为数字或日期"
    for name in ("options", "levels"):
        if not _is_options(definition.get(name) or [], 0):
            yield name, "选项应为列表，每项有 value 和 label"


def _text(definition: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    value = definition.get(name) or ""
    if not isinstance(value, str) or "\x00" in value or not is_storable(value):
        yield name, "应为文本"
    elif len(value) > LENGTHS[name]:
        yield name, f"不能超过 {LENGTHS[name]} 个字"


def _is_role(role: Any) -> bool:
    return isinstance(role, str) and role in ROLES


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 20 and all(_is_text(one) for one in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\x00" not in value and is_storable(value)


def _is_options(nodes: Any, depth: int) -> bool:
    if not isinstance(nodes, list) or depth > 10:
        return False
    return all(
        isinstance(node, Mapping)
        and _is_text(node.get("value"))
        and _is_text(node.get("label") or "")
        and _is_options(node.get("children") or [], depth + 1)
        for node in nodes
    )
