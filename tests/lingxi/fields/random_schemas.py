"""Schemas, sequences of their versions, and values, made up by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from lingxi.fields.types import TYPES
from tests.lingxi.fields.made import definition

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["a", "b", "2026-11-21", "2026-11-21T10:00", "是", "12.5", "13812345678"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = ["a", "b", "c", "d", "e"]
_FITTING: dict[str, Any] = {
    "text": st.text(max_size=40),
    "long_text": st.text(max_size=80),
    "order_number": st.from_regex(r"[A-Za-z0-9 -]{1,20}", fullmatch=True),
    "number": st.integers(-1000, 1000) | st.sampled_from(["1,000", "１２"]),
    "money": st.decimals(-999, 999, places=2).map(str) | st.integers(0, 99),
    "date": st.dates().map(str),
    "datetime": st.datetimes().map(lambda at: at.isoformat()),
    "choice": st.sampled_from(["a", "b", "c"]),
    "multi_choice": st.lists(st.sampled_from(["a", "b", "c"]), max_size=4),
    "cascade": st.sampled_from([["北京", "海淀区"], ["浙江"], "浙江/杭州/西湖区"]),
    "boolean": st.booleans() | st.sampled_from(["是", "no"]),
    "file": st.uuids().map(str),
    "customer": st.uuids().map(str),
}
OPTIONS = st.lists(
    st.builds(
        lambda value, retired: {"value": value, "retired": retired},
        st.sampled_from(["a", "b", "c"]),
        st.booleans(),
    ),
    min_size=1,
    unique_by=lambda option: option["value"],
)


@st.composite
def contents(draw: Any, types: dict[str, str]) -> list[dict[str, Any]]:
    """The content of a version in which each key has its type."""
    return [
        draw(definitions(key, types[key]))
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True))
    ]


@st.composite
def definitions(draw: Any, key: str, kind: str) -> dict[str, Any]:
    """One definition."""
    more: dict[str, Any] = {"required": draw(st.booleans()), "sensitive": draw(st.booleans())}
    if kind in ("choice", "multi_choice"):
        more["options"] = [*draw(OPTIONS), {"value": "z"}]
    if kind in ("number", "money"):
        more["min"], more["max"] = draw(st.sampled_from([(None, None), (0, 500), (-5, 5)]))
    if kind == "boolean":
        more["default"] = draw(st.sampled_from([None, True, False]))
    return definition(key, kind, **more)


@st.composite
def histories(draw: Any) -> list[list[dict[str, Any]]]:
    """The contents of one schema's versions, the oldest first."""
    types = {key: draw(st.sampled_from(sorted(TYPES))) for key in KEYS}
    return draw(st.lists(contents(types), min_size=1, max_size=5))


def values_for(content: list[dict[str, Any]]) -> Any:
    """Values of which most fit, some not."""
    each = {one["key"]: _FITTING[one["type"]] | JSON for one in content}
    return st.fixed_dictionaries({}, optional=each)
