"""Rules that can never be done are found, and others are left alone."""

import pytest

from routing.strategy import parse
from routing.strategy.reach import unreachable
from tests.routing.strategy.made import SALES, SERVICE, act, cond, rule, to

VIP = cond("t_page", "contains", "/vip")
MANY = cond("t_pages", ">=", 5)
GOLD = cond("t_level", "is", "gold")


def lost(*rules):
    parsed = parse([{"id": f"r{n}", **one} for n, one in enumerate(rules, start=1)])
    assert parsed.problems == []
    return {problem.rule_id: problem.message for problem in unreachable(parsed.rules)}


def test_after_a_rule_that_always_places():
    found = lost(rule(act("tag", tag="a")), rule(to(SALES)), rule(to(SERVICE), when=VIP))
    assert found == {"r3": "第 3 条：永远轮不到：第 2 条先满足并已分配"}


COVERED = {
    "identical": (VIP, VIP),
    "stricter": ([VIP, MANY], VIP),
    "a longer text": (cond("t_page", "contains", "/vip/1"), VIP),
    "a prefix with the text in it": (cond("t_page", "prefix", "/VIP/"), VIP),
    "a value that has the text": (cond("t_page", "is", "a/vip"), VIP),
    "values that match the pattern's like": (
        cond("t_page", "in", ["xa", "ya"]), cond("t_page", "contains_any", ["a", "b"])
    ),
    "a larger number": (cond("t_pages", ">", 7), MANY),
    "a range within": (cond("t_pages", "between", [5, 6]), MANY),
    "hours within": (
        cond("time", "between", ["09:00", "12:00"]), cond("time", "between", ["08:00", "12:00"])
    ),
    "one of the choices": (GOLD, cond("t_level", "in", ["gold", "silver"])),
    "not the choice left out": (GOLD, cond("t_level", "not_in", ["silver"])),
    "more that is left out": (
        cond("t_level", "not_in", ["gold", "silver"]), cond("t_level", "is_not", "gold")
    ),
    "texts that all have one of the texts": (
        cond("t_page", "contains_any", ["xa", "yb"]), cond("t_page", "contains_any", ["a", "b"])
    ),
    "a shorter text that must be missing": (
        cond("t_page", "not_contains", "a"), cond("t_page", "not_contains", "ab")
    ),
    "more labels that must be missing": (
        cond("t_tags", "has_none", ["a", "b"]), cond("t_tags", "has_none", ["a"])
    ),
    "fewer labels of which one is needed": (
        cond("t_tags", "has_any", ["a"]), cond("t_tags", "has_any", ["a", "b"])
    ),
    "more labels": (
        cond("t_tags", "has_all", ["a", "b"]), cond("t_tags", "has_any", ["b", "c"])
    ),
    "something there": (cond("t_page", "contains", "a"), cond("t_page", "is_set")),
    "one branch of an any": (VIP, [{"match": "any", "items": [VIP, MANY]}]),
    "each branch of an any": (
        [{"match": "any", "items": [cond("t_pages", ">", 8), cond("t_page", "is", "/vip")]}],
        [{"match": "any", "items": [VIP, MANY]}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COVERED)
def test_stricter_than_an_earlier_rule_that_places(case):
    later, earlier = COVERED[case]
    found = lost(rule(to(SALES), when=earlier), rule(to(SERVICE), when=later))
    assert list(found) == ["r2"]


def test_covered_by_several_earlier_rules_together():
    either = [{"match": "any", "items": [VIP, MANY]}]
    found = lost(
        rule(to(SALES), when=VIP),
        rule(act("leave_to_bot"), when=MANY),
        rule(to(SERVICE), when=either),
    )
    assert found == {"r3": "第 3 条：永远轮不到：第 1 条、第 2 条先满足并已分配"}


REACHED = {
    "wider": (VIP, [VIP, MANY]),
    "another text": (cond("t_page", "contains", "a"), VIP),
    "another case of a pattern": (cond("t_page", "pattern", "VIP"), VIP),
    "less that is left out": (
        cond("t_level", "is_not", "gold"), cond("t_level", "not_in", ["gold", "silver"])
    ),
    "texts of which one does not have it": (
        cond("t_page", "contains_any", ["xa", "y"]), cond("t_page", "contains", "a")
    ),
    "a longer text that must be missing": (
        cond("t_page", "not_contains", "ab"), cond("t_page", "not_contains", "a")
    ),
    "fewer labels that must be missing": (
        cond("t_tags", "has_none", ["a"]), cond("t_tags", "has_none", ["a", "b"])
    ),
    "more labels of which one is needed": (
        cond("t_tags", "has_any", ["a", "b"]), cond("t_tags", "has_any", ["a"])
    ),
    "fewer labels that are all needed": (
        cond("t_tags", "has_all", ["a"]), cond("t_tags", "has_all", ["a", "b"])
    ),
    "a shorter beginning": (cond("t_page", "prefix", "a"), cond("t_page", "prefix", "ab")),
    "overlapping numbers": (cond("t_pages", "<", 7), MANY),
    "the end itself": (cond("t_pages", ">=", 5), cond("t_pages", ">", 5)),
    "another group's number": (
        cond("group_waiting", ">", 9, str(SALES.id)), cond("group_waiting", ">", 5)
    ),
    "another field": (
        cond("t_field", "is", "a", "area"), cond("t_field", "is", "a", "size")
    ),
    "a field as text and as number": (
        cond("t_field", "is", "7", "size"), cond("t_field", ">", 5, "size")
    ),
    "one of two branches": (
        [{"match": "any", "items": [VIP, GOLD]}], [{"match": "any", "items": [VIP, MANY]}]
    ),
    "hours past midnight": (
        cond("time", "between", ["23:00", "05:00"]), cond("time", "between", ["08:00", "22:00"])
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REACHED)
def test_what_may_still_be_reached_is_left_alone(case):
    later, earlier = REACHED[case]
    assert lost(rule(to(SALES), when=earlier), rule(to(SERVICE), when=later)) == {}


@pytest.mark.parametrize(
    "earlier",
    [
        rule(act("tag", tag="a"), when=VIP),
        rule(act("last_agent"), when=VIP),
        rule(to(SALES), when=VIP, enabled=False),
    ],
)
def test_an_earlier_rule_that_does_not_surely_place_covers_nothing(earlier):
    assert lost(earlier, rule(to(SERVICE), when=VIP)) == {}


CONTRADICTIONS = {
    "two choices": [GOLD, cond("t_level", "is", "silver")],
    "a choice and its exclusion": [GOLD, cond("t_level", "not_in", ["gold"])],
    "numbers apart": [cond("t_pages", ">", 5), cond("t_pages", "<=", 5)],
    "ranges apart": [cond("t_pages", "between", [1, 2]), cond("t_pages", "between", [3, 4])],
    "yes and no": [cond("t_back", "is_true"), cond("t_back", "is_false")],
    "with and without": [VIP, cond("t_page", "not_contains", "vip")],
    "empty and filled": [cond("t_page", "is_empty"), VIP],
    "two beginnings": [cond("t_page", "prefix", "a"), cond("t_page", "prefix", "b")],
    "labels": [cond("t_tags", "has_all", ["a"]), cond("t_tags", "has_none", ["a", "b"])],
    "no choice is left": [
        cond("t_level", "in", ["gold", "silver"]),
        cond("t_level", "is_not", "gold"),
        cond("t_level", "is_not", "silver"),
    ],
    "with each branch": [
        cond("t_pages", "<", 1),
        {"match": "any", "items": [MANY, cond("t_pages", "is", 2)]},
    ],
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_conditions_that_contradict_each_other(case):
    found = lost(rule(to(SALES), when=CONTRADICTIONS[case]))
    assert found == {"r1": "第 1 条：条件互相矛盾，永远不会满足"}


def test_as_alternatives_they_do_not():
    assert lost(rule(to(SALES), when=CONTRADICTIONS["two choices"], match="any")) == {}


def test_the_largest_lists_are_checked_in_a_moment():
    import time

    nested = [
        {"match": "any", "items": [cond("t_page", "is", f"{n} {m}") for m in range(2)]}
        for n in range(7)
    ]
    rules = [rule(to(SALES), when=[*nested, cond("t_pages", "is", n)]) for n in range(200)]
    began = time.perf_counter()
    lost(*rules)
    assert time.perf_counter() - began < 10
