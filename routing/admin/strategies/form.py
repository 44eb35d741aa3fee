"""What the editor needs to know of the declared facts and actions: which input for which value."""

from collections.abc import Iterable
from typing import Any

from routing.models import SkillGroup
from routing.strategy import actions, facts, operators
from routing.strategy.actions.params import Param
from routing.strategy.facts import Fact
from routing.strategy.operators import Operator
from routing.strategy.values import MAX_TEXT

Spec = dict[str, Any]
LONG = 100  # texts of more characters get a larger box
LAST = ("时间", "实时")  # after what is known of the visitor
PICKED_PARAMS = {"group", "agent", "choice"}


def form(kind: str = "") -> Spec:
    """Every fact and action for a kind of work, or at all, with the inputs of their values.

    A query for each list of rows.
    """
    groups = choices((str(pk), name) for pk, name in SkillGroup.objects.values_list("id", "name"))
    declared = sorted(facts.all_facts(kind), key=lambda fact: fact.category in LAST)
    return {
        "facts": [fact_spec(fact, groups) for fact in declared],
        "actions": [action_spec(action) for action in actions.all_actions(kind)],
    }


def choices(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """(value, label) as scripts take them."""
    return [{"value": value, "label": label} for value, label in pairs]


def fact_spec(fact: Fact, groups: list[dict[str, str]]) -> Spec:
    """A fact and its comparisons."""
    options = choices(fact.options())
    return {
        "name": fact.name,
        "label": fact.label,
        "title": fact.label_en,
        "help": fact.help,
        "section": fact.category,
        "subject": subject_spec(fact, groups),
        "operators": [
            {
                "name": operator.name,
                "label": operator.label,
                "help": operator.help,
                "value": operand_spec(fact, operator, options),
            }
            for operator in operators.of(fact)
        ],
    }


def subject_spec(fact: Fact, groups: list[dict[str, str]]) -> Spec | None:
    """What the condition must name beside the fact."""
    if fact.subject == "group":
        return {"label": "技能组", "choices": groups, "empty": "本组（未命中规则时所进的组）"}
    if fact.subject == "custom_field":
        return {"label": "字段名", "placeholder": "字段名，例如 order_no"}
    return None


def operand_spec(fact: Fact, operator: Operator, options: list[dict[str, str]]) -> Spec:
    """The input of what a fact is compared with."""
    shape, kind = operator.shape, operator.type_for(fact).name
    is_picked = kind == "choice" and bool(options)
    text: Spec = {"kind": "text", "max_length": MAX_TEXT}
    by_shape: dict[str, Spec] = {
        "none": {"kind": "none"},
        "pattern": {**text, "placeholder": r"例如 /item/\d+（RE2）"},
        "many": {"kind": "choices" if is_picked else "tags", "choices": options},
        "pair": {"kind": "time_range" if kind == "time" else "range", "unit": fact.unit},
    }
    by_kind: dict[str, Spec] = {
        "choice": {"kind": "choice", "choices": options} if is_picked else text,
        "number": {"kind": "number", "unit": fact.unit},
        "time": {"kind": "time"},
    }
    return by_shape.get(shape) or by_kind.get(kind, text)


def action_spec(action: actions.Action) -> Spec:
    """An action and its parameters. `slot`: a rule holds one action of each."""
    return {
        "name": action.name,
        "label": action.label,
        "title": action.label_en,
        "help": action.help,
        "section": "去向" if action.places else "附加",
        "placement": action.places,
        "slot": action.slot,
        "params": [param_spec(param) for param in action.params],
    }


def param_spec(param: Param) -> Spec:
    """The input of a parameter."""
    limits = param.limits()
    spec: Spec = {
        "name": param.name,
        "label": param.label,
        "help": param.help,
        "required": param.required,
        "default": param.default,
    }
    if param.type in PICKED_PARAMS:
        return {**spec, "kind": "choice", "choices": choices(param.options())}
    if param.type == "integer":
        bounds = {"min": limits["minimum"], "max": limits["maximum"], "step": 1}
        return {**spec, **bounds, "kind": "number", "unit": limits["unit"]}
    longest = limits.get("max_length", MAX_TEXT)
    return {**spec, "kind": "area" if longest > LONG else "text", "max_length": longest}
