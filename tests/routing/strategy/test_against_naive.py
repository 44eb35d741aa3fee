"""Compiling and deciding agrees with a naive evaluator, over random rules and facts."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.strategy import compile_rules, decide_with, parse, sentence
from routing.strategy.atoms import excludes, implies
from routing.strategy.live import Live
from routing.strategy.reach import alternatives, unreachable
from tests.routing.strategy.made import DEFAULT, NAMES, NOON
from tests.routing.strategy.random_rules import FACTS, FULL_FACTS, RULES, SAME, holds, naive

often = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def decide(rules, facts, *, explain=True):
    compiled = compile_rules(rules)
    return decide_with(compiled, facts, DEFAULT, live=Live(), at=NOON, names=NAMES, explain=explain)


@often
@given(RULES, FACTS)
def test_decisions_agree(rules, facts):
    found, wanted = decide(rules, facts), naive(rules, facts)
    got = {
        "group": str(found.group_id),
        "level": found.min_level,
        "priority": found.priority,
        "outcome": found.outcome,
        "tags": list(found.tags),
        "texts": list(found.texts),
        "matched": [rule["id"] for rule in found.explanation["matched"]],
    }
    assert got == wanted


@often
@given(RULES, FACTS)
def test_the_explanation_accounts_for_every_rule_looked_at_and_changes_nothing(rules, facts):
    found = decide(rules, facts)
    told = found.explanation
    seen = [rule["id"] for rule in told["matched"] + told["missed"]]
    enabled = [rule["id"] for rule in rules if rule["enabled"]]
    assert sorted(seen) == sorted(enabled[: len(seen)])
    assert all(rule["why"] for rule in told["missed"])
    assert len(seen) == len(enabled) or not told["default"]
    quick = decide(rules, facts, explain=False)
    assert quick.explanation == {}
    assert (quick.group_id, quick.tags, quick.texts) == (found.group_id, found.tags, found.texts)


@often
@given(RULES)
def test_rules_come_back_as_they_were_kept(rules):
    once = parse(rules).as_json()
    assert parse(once).as_json() == once


@often
@given(RULES)
def test_every_rule_has_a_sentence(rules):
    for rule in rules:
        said = sentence(rule, NAMES)
        assert "，" in said
        assert "\n" not in said


@often
@given(RULES, st.lists(FACTS, min_size=1, max_size=8))
def test_a_rule_that_is_called_unreachable_never_matches(rules, many_facts):
    parsed = parse(rules)
    lost = {problem.rule_id for problem in unreachable(parsed.rules)}
    for facts in many_facts:
        matched = {rule["id"] for rule in decide(rules, facts).explanation["matched"]}
        assert not matched & lost


@often
@given(SAME, st.lists(FULL_FACTS, min_size=10, max_size=10))
def test_what_follows_or_is_excluded_does_so_on_any_facts(two, many_facts):
    one, other = two

    def atom(condition):
        rule = {"when": {"items": [condition]}, "then": [{"action": "leave_to_bot"}]}
        found = alternatives(parse([rule]).rules[0].when)
        return found[0][0] if found else None

    a, b = atom(one), atom(other)
    if a is None or b is None:
        return
    for facts in many_facts:
        if implies(a, b) and holds(one, facts):
            assert holds(other, facts)
        if excludes(a, b):
            assert not (holds(one, facts) and holds(other, facts))
