"""Everything a rule may be made of, as data and as documentation, read off the declarations."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from routing import kinds
from routing.strategy import actions, facts, operators
from routing.strategy.actions.params import Param
from routing.strategy.facts import Fact
from routing.strategy.rules import MAX_ACTIONS, MAX_CONDITIONS, MAX_RULES
from routing.strategy.values import TYPES, ValueType

Declared = TypeVar("Declared", Fact, actions.Action)
START, END = "<!-- routing catalogue -->", "<!-- end of routing catalogue -->"
SUBJECTS = {
    "": None,
    "group": "skill group (`subject`; empty: the channel's)",
    "custom_field": "field (`subject`)",
}


def describe(kind: str = "") -> dict[str, Any]:
    """Facts, operators, actions and limits as JSON, for a kind of work or at all.

    Queries for the lists that live in tables.
    """
    return {
        "facts": [_fact(fact) for fact in facts.all_facts(kind)],
        "operators": [
            {"name": one.name, "label": one.label, "help": one.help, "operand": one.shape}
            for one in operators.all_operators()
        ],
        "actions": [_action(action) for action in actions.all_actions(kind)],
        "limits": {"rules": MAX_RULES, "conditions": MAX_CONDITIONS, "actions": MAX_ACTIONS},
    }


def _choices(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "label": fact.label,
        "label_en": fact.label_en,
        "help": fact.help,
        "category": fact.category,
        "type": fact.type.name,
        "unit": fact.unit,
        "subject": fact.subject,
        "operators": list(fact.type.operators),
        "choices": _choices(fact.options()),
    }


def _action(action: actions.Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "label": action.label,
        "label_en": action.label_en,
        "help": action.help,
        "places": action.places,
        "slot": action.slot,
        "params": [_param(param) for param in action.params],
    }


def _param(param: Param) -> dict[str, Any]:
    return {
        "name": param.name,
        "label": param.label,
        "help": param.help,
        "type": param.type,
        "required": param.required and param.default is None,
        "default": param.default,
        "limits": param.limits(),
        "choices": _choices(param.options()),
    }


def markdown() -> str:
    """The tables of docs/routing.md, between its two markers. No queries."""
    parts = [
        START,
        *_by_kinds(
            "Facts (条件项)", ("name", "label", "type", "meaning"), _sorted_facts(), _fact_row
        ),
        "### Types (类型)",
        _table(("type", "label", "operators"), map(_type_row, TYPES.values())),
        "### Operators (比较)",
        _table(
            ("name", "label", "takes", "meaning"), map(_operator_row, operators.all_operators())
        ),
        *_by_kinds(
            "Actions (动作)",
            ("name", "label", "parameters", "meaning"),
            actions.all_actions(),
            _action_row,
        ),
        END,
    ]
    return "\n\n".join(parts) + "\n"


def _by_kinds(
    title: str,
    heads: tuple[str, ...],
    declared: Iterable[Declared],
    row: Callable[[Declared], tuple[str, ...]],
) -> Iterator[str]:
    """A table for what all work knows, and one for each set of kinds of work."""
    tables: dict[tuple[str, ...], list[Declared]] = {(): []}
    for one in declared:
        tables.setdefault(tuple(sorted(one.kinds)), []).append(one)
    for names, found in tables.items():
        of = f", only for {'、'.join(map(kinds.label_of, names))}" if names else ""
        yield f"### {title}{of}"
        yield _table(heads, map(row, found))


def _sorted_facts() -> list[Fact]:
    """Those of routing after those of what is routed, each in the order of declaration."""
    own = __name__.partition(".")[0]
    return sorted(facts.all_facts(), key=lambda fact: type(fact).__module__.startswith(own))


def _fact_row(fact: Fact) -> tuple[str, ...]:
    subject = SUBJECTS[fact.subject]
    kind = f"{fact.type.name}{f' ({fact.unit})' if fact.unit else ''}"
    choices = " / ".join(f"`{value}` {label}" for value, label in fact.choices)
    return (
        f"`{fact.name}`",
        fact.label,
        f"{kind}, of a {subject}" if subject else kind,
        f"{fact.help}{f'（{choices}）' if choices else ''}",
    )


def _type_row(kind: ValueType) -> tuple[str, ...]:
    return kind.name, kind.label, " ".join(f"`{name}`" for name in kind.operators)


def _operator_row(one: operators.Operator) -> tuple[str, ...]:
    return f"`{one.name}`", one.label, one.shape, one.help


def _action_row(action: actions.Action) -> tuple[str, ...]:
    names = [f"`{p.name}`{'' if p.required and p.default is None else '?'}" for p in action.params]
    return f"`{action.name}`", action.label, " ".join(names), action.help


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
