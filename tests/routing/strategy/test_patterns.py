"""Patterns of users run in RE2: linear, within limits, or refused."""

import time

import pytest

from routing.strategy import parse
from routing.strategy.operators import compile_pattern
from routing.strategy.refusal import Refused
from tests.routing.strategy.made import SALES, cond, decided, rule, to

CATASTROPHIC = ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){12}b"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_catastrophic_patterns_take_time_in_proportion_to_the_text(pattern):
    search = compile_pattern(pattern).search

    def seconds(length):
        text = b"a" * length + b"!"
        best = 9.9
        for _ in range(3):
            began = time.perf_counter()
            search(text)
            best = min(best, time.perf_counter() - began)
        return best

    seconds(10)
    assert seconds(100_000) < 1.0
    assert seconds(80_000) < 40 * max(seconds(8_000), 0.0001)


@pytest.mark.parametrize(
    "pattern", ["(", "(?=a)", r"(a)\1", "a{2000}", "(a{1000}){1000}", "((a{100}){100}){100}", "["]
)
def test_what_re2_refuses_is_refused_with_a_reason(pattern):
    with pytest.raises(Refused, match="正则表达式不被支持"):
        compile_pattern(pattern)
    problems = parse([rule(to(SALES), when=cond("t_page", "pattern", pattern))]).problems
    assert len(problems) == 1
    assert "页面 匹配正则" in problems[0].message
    assert problems[0].path == "0.when.items.0"


def test_a_long_pattern_is_refused():
    problems = parse([rule(to(SALES), when=cond("t_page", "pattern", "a" * 201))]).problems
    assert "200" in problems[0].message


def test_a_bad_pattern_in_a_published_version_never_holds():
    bad = rule(to(SALES), when=cond("t_page", "pattern", "("))
    assert decided(bad, facts={"t_page": "("}).group_id != SALES.id
