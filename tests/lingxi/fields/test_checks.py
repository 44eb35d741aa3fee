"""What supervisors may define."""

import pytest

from lingxi.fields.checks import MOST_FIELDS, clean, problems_of
from tests.lingxi.fields.made import definition


def wrong(*definitions, types=None):
    return {one.path: one.message for one in problems_of(list(definitions), types)}


def test_every_type_can_be_defined():
    from lingxi.fields.types import TYPES

    assert wrong(*(definition(kind, kind) for kind in TYPES)) == {}


@pytest.mark.parametrize("key", ["", "A", "1a", "a-b", "订单", "a" * 41, "a b", "a\n", None, 5])
def test_keys_are_short_and_plain(key):
    assert list(wrong(definition(key, label="名称"))) == ["0.key"]


def test_keys_are_unique():
    assert wrong(definition("a"), definition("a")) == {"1.key": "标识 a 重复"}


def test_a_key_keeps_its_type_for_ever():
    assert "不能改变" in wrong(definition("a", "number"), types={"a": "text"})["0.type"]
    assert wrong(definition("a", "text"), types={"a": "text"}) == {}


@pytest.mark.parametrize(
    ("setting", "more"),
    [
        ("label", {"label": ""}),
        ("label", {"label": "字" * 41}),
        ("help", {"help": 5}),
        ("type", {"type": "regex"}),
        ("type", {"type": ["text"]}),
        ("pattern", {"pattern": "("}),
        ("pattern", {"pattern": "(?=a)"}),
        ("pattern", {"pattern": "a" * 201}),
        ("max_length", {"max_length": 0}),
        ("max_length", {"max_length": 501}),
        ("max_length", {"max_length": True}),
        ("default", {"pattern": r"\d+", "default": "abc"}),
        ("visible", {"visible": ["chef"]}),
        ("editable", {"editable": "agent"}),
        ("required", {"required": "yes"}),
        ("options", {"type": "choice", "options": []}),
        ("options", {"type": "choice", "options": [{"value": "a", "retired": True}]}),
        ("options", {"type": "choice", "options": [{"value": "a"}, {"value": "a"}]}),
        ("options", {"type": "choice", "options": [{"value": ""}]}),
        ("options", {"type": "choice", "options": ["a"]}),
        ("default", {"type": "choice", "options": [{"value": "a"}], "default": "b"}),
        ("max", {"type": "number", "min": 5, "max": 4}),
        ("min", {"type": "number", "min": "5"}),
        ("decimals", {"type": "number", "decimals": 4}),
        ("currency", {"type": "money", "currency": "XYZ"}),
        ("max", {"type": "date", "min": "2026-02-01", "max": "2026-01-01"}),
        ("min", {"type": "date", "min": "soon"}),
        ("levels", {"type": "cascade", "levels": []}),
        ("levels", {"type": "cascade", "levels": [{"value": "a"}, {"value": "a"}]}),
        ("levels", {"type": "cascade", "levels": [{"value": "a/b"}]}),
        ("types", {"type": "file", "types": ["exe"]}),
    ],
)
def test_what_is_wrong_is_said_where_it_is(setting, more):
    assert set(wrong(definition("ok"), definition("x", **more))) == {f"1.{setting}"}


def test_there_is_an_end_to_fields():
    many = [definition(f"f{n}") for n in range(MOST_FIELDS + 1)]
    assert wrong(*many[:-1]) == {}
    assert "不能超过" in wrong(*many)[""]


def test_what_is_stored_says_nothing_in_vain():
    (kept,) = clean([definition("a", "money", min=None, help="", required=False, currency="CNY",
                                options=[], pattern="x", junk=1, default="5.50")])  # fmt: skip
    assert kept == {
        "key": "a", "type": "money", "label": "字段 a", "currency": "CNY", "default": 5.5
    }  # fmt: skip
    (no,) = clean([definition("a", "boolean", default=False)])
    assert no["default"] is False
