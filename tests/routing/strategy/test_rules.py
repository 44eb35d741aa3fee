"""Reading rules: what is refused, where and with which words; junk of any shape."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.strategy import compile_rules, decide_with, parse, sentence
from routing.strategy.live import Live
from tests.routing.strategy.made import DEFAULT, NAMES, NOON, SALES, WANG, act, cond, rule, to

GOOD = rule(to(SALES), when=cond("t_page", "contains", "a"), id="a", name="甲")


def problems(*rules):
    return parse(list(rules)).problems


def only(*rules):
    (problem,) = problems(*rules)
    return problem


def test_it_works():
    parsed = parse([GOOD])
    assert parsed.problems == []
    assert parsed.as_json() == [
        {
            "id": "a",
            "name": "甲",
            "enabled": True,
            "when": {
                "match": "all",
                "items": [{"fact": "t_page", "subject": "", "operator": "contains", "value": "a"}],
            },
            "then": [{"action": "enqueue", "params": {"group": str(SALES.id)}}],
        }
    ]


def test_no_rules_is_fine():
    assert problems() == []


def test_a_rule_without_an_id_gets_one_and_keeps_its_defaults():
    first = parse([rule(act("last_agent"))]).as_json()[0]
    assert first["id"]
    assert first["then"] == [{"action": "last_agent", "params": {"days": 30, "seconds": 60}}]


@pytest.mark.parametrize("rules", [None, {}, "x", 3, True])
def test_what_is_no_list_is_refused(rules):
    assert parse(rules).problems[0].message == "规则应为列表"


BAD = {
    "no object": ("rule", 3, "规则应为对象"),
    "id": ("id", {**GOOD, "id": "a b"}, "规则编号"),
    "unknown key": ("rule", {**GOOD, "sql": 1}, "没有“sql”这一项"),
    "enabled": ("enabled", {**GOOD, "enabled": 1}, "“启用”应为是或否"),
    "name": ("name", {**GOOD, "name": "长" * 61}, "不能超过 60 个字"),
    "name with a null": ("name", {**GOOD, "name": "a\x00b"}, "不能保存"),
    "no actions": ("then", {**GOOD, "then": []}, "至少需要一个动作"),
    "actions": ("then", {**GOOD, "then": {"a": 1}}, "至少需要一个动作"),
    "unknown action": ("then.0", rule(act("fly")), "动作“fly”已不存在"),
    "parameter missing": ("then.0.params", rule(act("enqueue")), "请填写“技能组”"),
    "parameter unknown": ("then.0.params", rule(to(SALES, x=1)), "没有参数“x”"),
    "group id": ("then.0.params", rule(act("enqueue", group="x")), "不是有效的编号"),
    "level": ("then.0.params", rule(to(SALES, min_level=101)), "0 到 100"),
    "priority 0": ("then.0.params", rule(act("priority", by=0)), "不能为 0"),
    "priority 11": ("then.0.params", rule(act("priority", by=11)), "-10 到 10"),
    "priority text": ("then.0.params", rule(act("priority", by="high")), "整数"),
    "tag too long": ("then.0.params", rule(act("tag", tag="长" * 31)), "30"),
    "text": ("then.0.params", rule(act("send_text", text=5)), "应为文本"),
    "notify nobody": ("then.0.params", rule(act("notify", to="agent", text="a")), "坐席"),
    "notify whom": ("then.0.params", rule(act("notify", to="all", text="a")), "没有这个选项"),
    "two places": ("then", rule(to(SALES), act("leave_to_bot")), "只能有一个"),
    "two persons": (
        "then",
        rule(act("last_agent"), act("designated_agent", agent=str(WANG))),
        "只能有一个",
    ),
    "a person and the bot": ("then", rule(act("last_agent"), act("leave_to_bot")), "不能同时"),
    "unknown fact": (
        "when.items.0", rule(to(SALES), when=cond("moon", "is", "a")), "“moon”已不存在"
    ),
    "operator of another type": (
        "when.items.0",
        rule(to(SALES), when=cond("t_pages", "contains", "a")),
        "“页数”不能用“contains”比较",
    ),
    "operand": (
        "when.items.0",
        rule(to(SALES), when=cond("t_pages", ">", "many")),
        "“页数 >”的值应为数字",
    ),
    "huge number": (
        "when.items.0", rule(to(SALES), when=cond("t_pages", ">", 1e300)), "数字过大"
    ),
    "not a number": (
        "when.items.0", rule(to(SALES), when=cond("t_pages", ">", float("nan"))), "数字"
    ),
    "empty text": ("when.items.0", rule(to(SALES), when=cond("t_page", "is", " ")), "不能为空"),
    "surrogate": ("when.items.0", rule(to(SALES), when=cond("t_page", "is", "\ud800")), "不能保存"),
    "choice": ("when.items.0", rule(to(SALES), when=cond("t_level", "is", "tin")), "没有“tin”"),
    "empty list": ("when.items.0", rule(to(SALES), when=cond("t_tags", "has_any", [])), "至少"),
    "long list": (
        "when.items.0",
        rule(to(SALES), when=cond("t_tags", "has_any", [str(n) for n in range(51)])),
        "50",
    ),
    "operand not wanted": (
        "when.items.0", rule(to(SALES), when=cond("t_back", "is_true", 1)), "不需要填写值"
    ),
    "pair": ("when.items.0", rule(to(SALES), when=cond("t_pages", "between", [3])), "两个值"),
    "pair turned round": (
        "when.items.0", rule(to(SALES), when=cond("t_pages", "between", [3, 2])), "不能大于"
    ),
    "time": ("when.items.0", rule(to(SALES), when=cond("time", "<", "25:00")), "09:00"),
    "same times": (
        "when.items.0", rule(to(SALES), when=cond("time", "between", ["09:00", "09:00"])), "相同"
    ),
    "subject not wanted": (
        "when.items.0", rule(to(SALES), when=cond("t_page", "is", "a", "b")), "不需要对象"
    ),
    "subject missing": ("when.items.0", rule(to(SALES), when=cond("t_field", "is", "a")), "字段名"),
    "subject is no group": (
        "when.items.0", rule(to(SALES), when=cond("group_waiting", ">", 1, "x")), "技能组"
    ),
    "match": ("when.match", {**GOOD, "when": {"match": "none", "items": []}}, "任一满足"),
    "when": ("when", {**GOOD, "when": []}, "条件应为对象"),
    "items": ("when.items", {**GOOD, "when": {"items": "a"}}, "列表"),
    "empty nested": ("when.items.0", {**GOOD, "when": {"items": [{"items": []}]}}, "没有条件"),
    "nested twice": (
        "when.items.0.items.0",
        {**GOOD, "when": {"items": [{"items": [{"items": [cond("t_back", "is_true")]}]}]}},
        "嵌套一层",
    ),
    "condition": ("when.items.0", {**GOOD, "when": {"items": [5]}}, "条件应为对象"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_refused_with_its_place_and_reason(case):
    path, bad, words = BAD[case]
    if isinstance(bad, dict) and bad.get("id", "a") == "a":
        bad = {**bad, "id": "b"}
    problem = only(GOOD, bad)
    assert words in problem.message
    assert problem.message.startswith("第 2 条：")
    assert problem.path == ("1" if path == "rule" else f"1.{path}")
    assert problem.level == "error"


def test_ids_are_given_once():
    assert "重复" in only(GOOD, GOOD).message


def test_limits():
    many = [cond("t_page", "is", str(n)) for n in range(21)]
    assert "20" in only(rule(to(SALES), when=many)).message
    nested = [{"match": "any", "items": many[:11]}, {"match": "any", "items": many[:10]}]
    assert "条件不能超过 20 个" in only(rule(to(SALES), when=nested)).message
    assert "动作不能超过 10 个" in only(rule(*[act("tag", tag=str(n)) for n in range(11)])).message
    rules = [{**GOOD, "id": str(n)} for n in range(201)]
    assert "规则不能超过 200 条" in only(*rules).message


def test_a_flood_of_faults_is_told_in_part():
    flood = {**GOOD, **{str(n): n for n in range(5000)}}
    assert len(problems(flood)) == 200


def test_every_fault_of_a_rule_is_told_at_once():
    bad = rule(act("fly"), when=[cond("moon", "is", 1), cond("t_pages", ">", "x")])
    assert [problem.path for problem in problems(bad)] == [
        "0.when.items.0", "0.when.items.1", "0.then.0"
    ]  # fmt: skip


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["id", "name", "enabled", "when", "then", "match", "items", "fact", "subject", "operator",
     "value", "action", "params", "group"]
)  # fmt: skip
NAMED = st.sampled_from(
    ["all", "any", "t_page", "t_pages", "t_tags", "t_field", "time", "contains", "in", "between",
     "pattern", ">", "enqueue", "notify", "priority", "last_agent", "(", "00:00"]
)  # fmt: skip
LIKE_RULES = st.recursive(
    st.one_of(NAMED, JSON),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)


def mutated(value, path, junk):
    """A copy of `value` with `junk` at some place, chosen by the numbers in `path`."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key = list(keys)[path[0] % len(list(keys))]
    copied = copy.copy(value)
    copied[key] = mutated(value[key], path[1:], junk)
    return copied


MUTATED = st.builds(
    mutated,
    st.just([GOOD, rule(act("notify", to="supervisors", text="a"), act("priority", by=1))]),
    st.lists(st.integers(0, 9), max_size=7),
    LIKE_RULES,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(JSON, LIKE_RULES, st.lists(LIKE_RULES, max_size=3), MUTATED))
def test_junk_of_any_shape_raises_nothing_and_what_is_left_can_be_decided(junk):
    parsed = parse(junk)
    assert parsed.rules or parsed.problems or junk == []
    compiled = compile_rules(junk)
    decide_with(compiled, {"t_page": "a", "t_pages": 1}, DEFAULT, live=Live(), at=NOON, names=NAMES)
    sentence(junk, NAMES)
    for one in junk if isinstance(junk, list) else []:
        assert sentence(one, NAMES)
