"""What each type takes, stores and shows."""

import uuid

import pytest

from lingxi.errors import Invalid
from lingxi.fields import hooks
from lingxi.fields.hooks import Reference
from tests.lingxi.fields.made import definition, form, person

FILE = str(uuid.UUID(int=7))


def stored(kind, value, **more):
    return form(definition("x", kind, **more)).clean({"x": value}).get("x")


def refused(kind, value, **more):
    with pytest.raises(Invalid) as caught:
        stored(kind, value, **more)
    (message,) = caught.value.fields["fields.x"]
    return message


def said(kind, value, **more):
    (shown,) = form(definition("x", kind, **more)).shown({"x": value}, person("supervisor"))
    return shown.text


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "  你好\n世界 ", "你好 世界"),
        ("text", 20261121, "20261121"),
        ("long_text", "一\r\n二", "一\n二"),
        ("order_number", " so 2026 ab ", "SO2026AB"),
        ("number", "１２", 12),
        ("number", "1,200", 1200),
        ("number", 12.0, 12),
        ("money", "99.5", 99.5),
        ("money", "99.50", 99.5),
        ("money", 0, 0),
        ("date", "2026/11/21", "2026-11-21"),
        ("datetime", "2026-11-21T13:30", "2026-11-21T05:30:00Z"),
        ("datetime", "2026-11-21T13:30:00+00:00", "2026-11-21T13:30:00Z"),
        ("choice", "a", "a"),
        ("multi_choice", ["b", "a", "b"], ["a", "b"]),
        ("multi_choice", "b", ["b"]),
        ("cascade", ["浙江", "杭州", "西湖区"], ["浙江", "杭州", "西湖区"]),
        ("cascade", "北京/海淀区", ["北京", "海淀区"]),
        ("boolean", "是", True),
        ("boolean", False, False),
    ],
)
def test_what_is_meant_is_stored_in_one_form(kind, value, kept):
    found = stored(kind, value)
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("empty", [None, "", [], {}, "   "])
def test_what_is_empty_is_not_stored(empty):
    kind = "text" if empty == "   " else "choice"
    assert form(definition("x", kind)).clean({"x": empty}) == {}


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("text", ["a"], "文本"),
        ("text", "字" * 201, "200"),
        ("text", "a\x00b", "无法保存"),
        ("text", "\ud800", "无法保存"),
        ("order_number", "ß" * 40, "64"),
        ("number", "十二", "数字"),
        ("number", True, "数字"),
        ("number", 1.5, "整数"),
        ("number", float("nan"), "数字"),
        ("number", float("inf"), "数字"),
        ("number", 10**13, "过大"),
        ("number", "1e999999999999999999", "过大"),
        ("number", "9" * 4000, "数字"),
        ("money", "0.001", "2 位"),
        ("money", 10**13, "过大"),
        ("date", "2026-02-30", "日期"),
        ("date", "0001-01-01", "日期"),
        ("datetime", "昨天", "日期"),
        ("datetime", "9999-12-31T23:59:59-23:59", "日期"),
        ("choice", "c", "不在选项中"),
        ("choice", {"a": 1}, "不在选项中"),
        ("multi_choice", ["a", 1], "不在选项中"),
        ("multi_choice", {"a": 1}, "选择"),
        ("cascade", ["浙江"], "最后一级"),
        ("cascade", ["浙江", "海淀区"], "不在选项中"),
        ("cascade", ["北京", "海淀区", "西湖区"], "多级"),
        ("boolean", "也许", "是或否"),
        ("boolean", 1, "是或否"),
        ("file", "7", "不存在"),
        ("customer", "林静", "不存在"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(kind, value, why):
    assert why in refused(kind, value)


def test_numbers_without_end_are_refused_by_every_type():
    assert "过大" in refused("number", 10**5000)
    assert "不在选项中" in refused("choice", 10**5000)
    assert "文本" in refused("text", 10**5000)


def test_bounds_are_kept():
    assert "不能小于 1" in refused("number", 0, min=1)
    assert "不能大于 ¥500.00" in refused("money", "500.01", max=500)
    assert "不能早于" in refused("date", "2025-12-31", min="2026-01-01")
    assert "不能晚于" in refused("date", "2027-01-01", max="2026-12-31")
    assert stored("money", 500, max=500) == 500


def test_a_pattern_fits_the_whole_in_linear_time():
    assert stored("order_number", "so123456", pattern=r"SO\d{6}") == "SO123456"
    assert "格式" in refused("order_number", "SO1234567", pattern=r"SO\d{6}")
    told = refused("text", "x", pattern=r"\d+", pattern_hint="请填写数字单号")
    assert told == "请填写数字单号"
    assert "格式" in refused("text", "a" * 199 + "!", pattern="(a+)+")


def test_values_in_words():
    assert said("number", 1234567) == "1,234,567"
    assert said("money", -1234.5) == "-¥1,234.50"
    assert said("money", 1234.5, currency="USD") == "$1,234.50"
    assert said("datetime", "2026-11-21T05:30:00Z") == "2026-11-21 13:30"
    assert said("multi_choice", ["a", "b"]) == "甲、乙"
    assert said("cascade", ["浙江", "杭州", "西湖区"]) == "浙江 / 杭州 / 西湖区"
    assert said("boolean", False) == "否"


class TestReferences:
    @pytest.fixture(autouse=True)
    def one_file(self, monkeypatch):
        def check(found, user):
            return Reference("凭证.png", "/f/7", "image/png") if str(found) == FILE else None

        monkeypatch.setitem(hooks._checks, "file", check)

    def test_a_file_is_there_and_of_a_kind_that_is_allowed(self):
        assert stored("file", FILE.upper()) == FILE
        assert stored("file", FILE, types=["image", "pdf"]) == FILE
        assert refused("file", FILE, types=["pdf"]) == "只接受PDF"
        assert "不存在" in refused("file", str(uuid.UUID(int=8)))

    def test_it_is_shown_by_its_name(self):
        (shown,) = form(definition("x", "file")).shown({"x": FILE}, person())
        assert (shown.text, shown.url) == ("凭证.png", "/f/7")

    def test_one_that_is_gone_may_stay_and_is_said_to_be_gone(self):
        gone, one = str(uuid.UUID(int=8)), form(definition("x", "file"))
        assert one.clean({"x": gone}, before={"x": gone}) == {"x": gone}
        (shown,) = one.shown({"x": gone}, person())
        assert "已删除" in shown.text
