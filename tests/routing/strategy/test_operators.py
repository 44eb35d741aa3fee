"""What each comparison says, on each type of fact."""

import datetime as dt

import pytest

from routing.strategy import parse
from tests.routing.strategy.made import SALES, Floor, cond, decided, rule, to

SAYS = [
    # fact, operator, operand, value, holds
    ("t_page", "contains", "/VIP", "https://a.example/vip/1", True),
    ("t_page", "contains", "/vip", "https://a.example/", False),
    ("t_page", "contains_any", ["退款", "投诉"], "我要投诉", True),
    ("t_page", "contains_any", ["退款", "投诉"], "你好", False),
    ("t_page", "not_contains", "vip", "a", True),
    ("t_page", "not_contains", "vip", "VIP", False),
    ("t_page", "prefix", "https://A.", "https://a.example", True),
    ("t_page", "prefix", "a.example", "https://a.example", False),
    ("t_page", "is", "Baidu", "baidu", True),
    ("t_page", "is", "baidu", "baidu.com", False),
    ("t_page", "is_not", "baidu", "", True),
    ("t_page", "in", ["a", "b"], "B", True),
    ("t_page", "in", ["a", "b"], "c", False),
    ("t_page", "not_in", ["a", "b"], "c", True),
    ("t_page", "not_in", ["a", "b"], "A", False),
    ("t_page", "pattern", r"/item/\d+$", "/item/42", True),
    ("t_page", "pattern", "ITEM", "/item/42", False),
    ("t_page", "pattern", "(?i)ITEM", "/item/42", True),
    ("t_page", "pattern", "退.款", "我要退\u3000款", True),
    ("t_page", "is_empty", None, None, True),
    ("t_page", "is_empty", None, "a", False),
    ("t_page", "is_set", None, "a", True),
    ("t_page", "is_set", None, "", False),
    ("t_pages", ">=", 3, 3, True),
    ("t_pages", ">=", 3, 2.9, False),
    ("t_pages", ">", 3, 3, False),
    ("t_pages", ">", 3, 4, True),
    ("t_pages", "<=", 3, 3, True),
    ("t_pages", "<=", 3, 4, False),
    ("t_pages", "<", 3, 2, True),
    ("t_pages", "<", 3, 3, False),
    ("t_pages", "between", [2, 4], 4, True),
    ("t_pages", "between", [2, 4], 5, False),
    ("t_pages", "is", 3, "3", True),
    ("t_pages", "is", 3, 4, False),
    ("t_pages", "is_not", 3, 4, True),
    ("t_level", "is", "gold", "gold", True),
    ("t_level", "is", "1", 1, True),
    ("t_level", "is_not", "gold", "silver", True),
    ("t_level", "in", ["gold", "silver"], "silver", True),
    ("t_level", "not_in", ["gold"], "gold", False),
    ("t_tags", "has_any", ["大客户", "VIP"], ["vip", "x"], True),
    ("t_tags", "has_any", ["大客户"], ["x"], False),
    ("t_tags", "has_all", ["a", "b"], ["A", "B", "c"], True),
    ("t_tags", "has_all", ["a", "b"], ["a"], False),
    ("t_tags", "has_none", ["a"], ["b"], True),
    ("t_tags", "has_none", ["a"], ["A"], False),
    ("t_tags", "is_empty", None, [], True),
    ("t_tags", "is_set", None, ["a"], True),
    ("t_back", "is_true", None, True, True),
    ("t_back", "is_true", None, "false", False),
    ("t_back", "is_false", None, False, True),
    ("t_back", "is_false", None, 1, False),
]
FIELDS = [
    ("is", "华东", "华东", True),
    (">=", 100, "120", True),
    (">=", 100, "很多", False),
    ("between", [1, 5], 3, True),
    ("is_true", None, "yes", True),
    ("is_true", None, "0", False),
    ("is_empty", None, None, True),
    ("contains", "b", "ABC", True),
]


def holds(condition, facts):
    found = decided(rule(to(SALES), when=condition), facts=facts)
    return found.group_id == SALES.id


@pytest.mark.parametrize(("fact", "operator", "operand", "value", "says"), SAYS)
def test_comparison(fact, operator, operand, value, says):
    condition = cond(fact, operator, operand)
    assert parse([rule(to(SALES), when=condition)]).problems == []
    assert holds(condition, {fact: value}) is says


@pytest.mark.parametrize(("operator", "operand", "value", "says"), FIELDS)
def test_comparison_of_a_custom_field_goes_by_the_operator(operator, operand, value, says):
    condition = cond("t_field", operator, operand, subject="area")
    assert parse([rule(to(SALES), when=condition)]).problems == []
    assert holds(condition, {"t_fields": {"area": value}}) is says


@pytest.mark.parametrize(("fact", "operator", "operand", "value", "says"), SAYS)
def test_nothing_holds_on_a_fact_that_was_not_supplied(fact, operator, operand, value, says):
    assert holds(cond(fact, operator, operand), {}) is False


@pytest.mark.parametrize("value", [None, True, "viele", float("nan"), [], {}, "1" * 400, 10**400])
def test_no_comparison_holds_on_what_is_no_number(value):
    for operator, operand in ((">=", 0), ("<", 5), ("is_not", 3), ("between", [-9, 9])):
        assert not holds(cond("t_pages", operator, operand), {"t_pages": value})


@pytest.mark.parametrize(
    "value", [None, 0, "x", "\ud800", b"\xff", [], [None], {"a": 1}, object(), float("inf")]
)
def test_facts_of_any_kind_raise_nothing(value):
    for fact, operator, operand, _, _ in SAYS:
        holds(cond(fact, operator, operand), {fact: value})


class TestTimeOfDay:
    def at(self, text):
        hour, minute = map(int, text.split(":"))
        local = dt.timezone(dt.timedelta(hours=8))
        return dt.datetime(2026, 11, 18, hour, minute, tzinfo=local)

    def within(self, start, end, at):
        night = rule(to(SALES), when=cond("time", "between", [start, end]))
        return decided(night, at=self.at(at)).group_id == SALES.id

    def test_within_the_day(self):
        assert self.within("09:00", "18:00", "09:00")
        assert not self.within("09:00", "18:00", "18:00")

    def test_past_midnight(self):
        assert self.within("22:00", "06:00", "23:30")
        assert self.within("22:00", "06:00", "05:59")
        assert not self.within("22:00", "06:00", "12:00")

    def test_before_and_after(self):
        early = rule(to(SALES), when=cond("time", "<", "09:00"))
        late = rule(to(SALES), when=cond("time", ">=", "09:00"))
        assert decided(early, at=self.at("08:59")).group_id == SALES.id
        assert decided(late, at=self.at("08:59")).group_id != SALES.id

    def test_the_weekday_is_the_local_one(self):
        sunday_morning = dt.datetime(2026, 11, 21, 17, 0, tzinfo=dt.UTC)  # still Saturday there
        sunday = rule(to(SALES), when=cond("weekday", "is", "6"))
        assert decided(sunday, at=sunday_morning).group_id == SALES.id

    def test_holidays_and_make_up_days(self):
        holiday = rule(to(SALES), when=cond("holiday", "is_true"))
        make_up = rule(to(SALES), when=cond("make_up_day", "is_true"))
        national_day = dt.datetime(2026, 10, 1, 4, 0, tzinfo=dt.UTC)
        worked_saturday = dt.datetime(2026, 10, 10, 4, 0, tzinfo=dt.UTC)
        assert decided(holiday, at=national_day).group_id == SALES.id
        assert decided(make_up, at=worked_saturday).group_id == SALES.id
        assert decided(make_up, at=national_day).group_id != SALES.id

    def test_business_hours_are_those_of_the_group_named_or_of_the_channel(self):
        floor = Floor(open_groups=[str(SALES.id)])
        named = rule(to(SALES), when=cond("business_hours", "is_true", subject=str(SALES.id)))
        own = rule(to(SALES), when=cond("business_hours", "is_true"))
        assert decided(named, live=floor).group_id == SALES.id
        assert decided(own, live=floor).group_id != SALES.id
