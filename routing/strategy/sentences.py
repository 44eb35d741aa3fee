"""Rules in readable Chinese."""

from typing import Any

from routing.strategy import actions, facts, names, operators
from routing.strategy.names import Names
from routing.strategy.rules import Act, Condition, Conditions, Rule, parse

_JOIN = {"all": " 且 ", "any": " 或 "}


def sentence(rule: Rule | Any, known: Names | None = None) -> str:
    """One sentence: when what holds, what is done. Takes a rule or its JSON; never raises.

    `known` are the names to show; without, the current ones.
    """
    known = names.current() if known is None else known
    if not isinstance(rule, Rule):
        found = parse([rule]).rules
        if not found:
            return "（无法识别的规则）"
        rule = found[0]
    off = "" if rule.enabled else "（已停用）"
    then = "，".join(_act(act, known) for act in rule.then) or "什么也不做"
    return f"{off}{when(rule.when, known)}，{then}"


def when(conditions: Conditions, known: Names) -> str:
    """The conditions as the first half of a sentence."""
    if not conditions.items:
        return "所有情况下"
    return f"当 {_group(conditions, known)} 时"


def _group(conditions: Conditions, known: Names) -> str:
    parts = []
    for item in conditions.items:
        if isinstance(item, Condition):
            parts.append(condition(item, known))
        elif len(item.items) == 1 or len(conditions.items) == 1:
            parts.append(_group(item, known))
        else:
            parts.append(f"（{_group(item, known)}）")
    return _JOIN[conditions.match].join(parts)


def condition(one: Condition, known: Names) -> str:
    """A comparison in words."""
    fact, operator = facts.get(one.fact), operators.get(one.operator)
    if one.broken or fact is None or operator is None:
        return f"【失效：{one.broken or one.fact}】"
    return f"{subject(one, known)} {operator.phrase(fact, one.value)}"


def subject(one: Condition, known: Names) -> str:
    """The fact, with the group or the field it is of."""
    fact = facts.get(one.fact)
    if fact is None:
        return one.fact
    if fact.subject == "group":
        return f"{known.group(one.subject) if one.subject else '本组'}的{fact.label}"
    return f"{fact.label}「{one.subject}」" if one.subject else fact.label


def _act(act: Act, known: Names) -> str:
    action = actions.get(act.action)
    if act.broken or action is None:
        return f"【失效：{act.broken or act.action}】"
    return action.phrase(act.params, known)
