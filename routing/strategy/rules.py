"""Rules as data: read, checked against the declarations, and put in one form.

    {"id": "3f2a…", "name": "高意向客户", "enabled": true,
     "when": {"match": "all", "items": [COND, {"match": "any", "items": [COND, …]}]},
     "then": [{"action": "enqueue", "params": {"group": "…"}}]}
    COND = {"fact": "entry_page", "subject": "", "operator": "contains", "value": "/vip"}

Reading never raises: what is wrong becomes a `Problem`, and the condition or action concerned is
kept as *broken*. A broken condition never holds and a broken action does nothing, so a version
that was published before a fact went away goes on working.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lingxi.ids import new_id
from routing import kinds
from routing.strategy import actions, facts, operators
from routing.strategy.problem import Problem
from routing.strategy.refusal import Refused, text_of

MAX_RULES = 200
MAX_CONDITIONS = 20
MAX_ACTIONS = 10
MAX_NAME = 60
MAX_PROBLEMS = 200  # told at once
_ID = re.compile(r"[0-9A-Za-z_-]{1,36}")
_FIELD = re.compile(r"[\w][\w. -]{0,63}")

Match = Literal["all", "any"]


@dataclass(frozen=True)
class Condition:
    """A comparison. `broken` says why it can never hold; then only `raw` is to be trusted."""

    fact: str = ""
    subject: str = ""
    operator: str = ""
    value: Any = None
    broken: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        found = {"fact": self.fact, "operator": self.operator, "value": self.value}
        return {**found, "subject": self.subject}


@dataclass(frozen=True)
class Conditions:
    """Conditions of which all or any must hold; nested once. Without any they always hold."""

    match: Match = "all"
    items: tuple["Condition | Conditions", ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"match": self.match, "items": [item.as_json() for item in self.items]}

    def leaves(self) -> Iterator[Condition]:
        """Every comparison."""
        for item in self.items:
            if isinstance(item, Condition):
                yield item
            else:
                yield from item.leaves()


@dataclass(frozen=True)
class Act:
    """An action with its parameters. `broken` says why it does nothing."""

    action: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    broken: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"action": self.action, "params": dict(self.params)}


@dataclass(frozen=True)
class Rule:
    """When the conditions hold, the actions are done."""

    id: str
    name: str = ""
    enabled: bool = True
    when: Conditions = Conditions()
    then: tuple[Act, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "id": self.id,
            "name": self.name,
            "enabled": self.enabled,
            "when": self.when.as_json(),
            "then": [act.as_json() for act in self.then],
        }

    @property
    def acts(self) -> list[tuple[actions.Action, Act]]:
        """The actions that can be done, in the order they are."""
        known = [(actions.get(act.action), act) for act in self.then if not act.broken]
        return sorted(((a, act) for a, act in known if a is not None), key=lambda one: one[0].order)

    @property
    def always_places(self) -> bool:
        """Whether nothing after it is looked at once its conditions hold."""
        return any(action.certain for action, _ in self.acts)


@dataclass
class Parsed:
    """What was read, and what is wrong with it."""

    rules: list[Rule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> list[dict[str, Any]]:
        """The rules in the form they are kept in."""
        return [rule.as_json() for rule in self.rules]


def parse(raw: Any, kind: str = "") -> Parsed:
    """The rules that `raw` spells. Never raises.

    With a kind of work, what that kind does not know is a problem; without, everything goes.
    """
    if not isinstance(raw, list):
        return Parsed([], [Problem("", "规则应为列表")])
    parsed = Parsed()
    if len(raw) > MAX_RULES:
        parsed.problems.append(Problem("", f"规则不能超过 {MAX_RULES} 条"))
    seen: set[str] = set()
    for number, one in enumerate(raw[:MAX_RULES], start=1):
        rule = _Reader(number, parsed.problems, kind).rule(one)
        if rule is not None and rule.id in seen:
            parsed.problems.append(Problem(rule.id, f"第 {number} 条规则的编号与前面的重复"))
        elif rule is not None:
            seen.add(rule.id)
            parsed.rules.append(rule)
    return parsed


class _Reader:
    """Reads one rule and notes what is wrong with it."""

    def __init__(self, number: int, problems: list[Problem], kind: str = "") -> None:
        self.number, self.kind = number, kind
        self.problems = problems
        self.rule_id = ""
        self.conditions = 0

    def note(self, message: str, path: str = "") -> str:
        """Remember a problem of this rule."""
        where = f"{self.number - 1}.{path}" if path else str(self.number - 1)
        if len(self.problems) < MAX_PROBLEMS:
            said = f"第 {self.number} 条：{message}"
            self.problems.append(Problem(self.rule_id, said, path=where))
        return message

    def rule(self, raw: Any) -> Rule | None:
        """The rule, or None when it is none at all."""
        if not isinstance(raw, Mapping):
            self.note("规则应为对象")
            return None
        given_id = raw.get("id") or new_id().hex[-12:]
        if not isinstance(given_id, str) or not _ID.fullmatch(given_id):
            self.note("规则编号应为 36 个以内的字母、数字、- 或 _", "id")
            return None
        self.rule_id = given_id
        self._refuse_unknown(raw, {"id", "name", "enabled", "when", "then"}, "")
        enabled = raw.get("enabled", True)
        if not isinstance(enabled, bool):
            self.note("“启用”应为是或否", "enabled")
        when = self._conditions(raw.get("when", {}), "when", depth=0)
        if self.conditions > MAX_CONDITIONS:
            self.note(f"条件不能超过 {MAX_CONDITIONS} 个", "when")
        return Rule(
            self.rule_id, self._name(raw), enabled is True, when, self._acts(raw.get("then"))
        )

    def _refuse_unknown(self, raw: Mapping[Any, Any], known: set[str], path: str) -> None:
        for key in raw:
            if key not in known:
                self.note(f"没有“{str(key)[:40]}”这一项", path)

    def _name(self, raw: Mapping[str, Any]) -> str:
        try:
            return text_of(raw.get("name", ""), MAX_NAME, blank=True)
        except Refused as exc:
            self.note(f"名称{exc}", "name")
            return ""

    def _conditions(self, raw: Any, path: str, depth: int) -> Conditions:
        if not isinstance(raw, Mapping):
            return self._broken_group(f"{'条件组' if depth else '条件'}应为对象", path)
        self._refuse_unknown(raw, {"match", "items"}, path)
        match, items = raw.get("match", "all"), raw.get("items", [])
        if not isinstance(match, str) or match not in ("all", "any"):
            return self._broken_group("应为“全部满足”或“任一满足”", f"{path}.match")
        if not isinstance(items, list) or len(items) > MAX_CONDITIONS:
            return self._broken_group(
                f"条件应为列表，且不超过 {MAX_CONDITIONS} 个", f"{path}.items"
            )
        if depth and not items:
            return self._broken_group("条件组中没有条件", path)
        found = [self._item(one, f"{path}.items.{n}", depth) for n, one in enumerate(items)]
        return Conditions("any" if match == "any" and found else "all", tuple(found))

    def _broken_group(self, message: str, path: str) -> Conditions:
        self.note(message, path)
        return Conditions("all", (Condition(broken=message),))

    def _item(self, raw: Any, path: str, depth: int) -> Condition | Conditions:
        if isinstance(raw, Mapping) and "items" in raw:
            if depth:
                return self._broken_group("条件组只能嵌套一层", path)
            return self._conditions(raw, path, depth + 1)
        self.conditions += 1
        try:
            return self._condition(raw, path)
        except Refused as exc:
            message = self.note(str(exc), path)
            named = raw if isinstance(raw, Mapping) else {}
            texts = {
                key: named[key]
                for key in ("fact", "subject", "operator")
                if isinstance(named.get(key), str)
            }
            return Condition(**texts, value=named.get("value"), broken=message)

    def _condition(self, raw: Any, path: str) -> Condition:
        if not isinstance(raw, Mapping):
            raise Refused("条件应为对象")
        self._refuse_unknown(raw, {"fact", "subject", "operator", "value"}, path)
        fact = facts.get(raw.get("fact"))
        if fact is None:
            raise Refused(f"条件项“{str(raw.get('fact'))[:40]}”已不存在")
        if not fact.suits(self.kind):
            raise Refused(f"条件项“{fact.label}”不适用于{kinds.label_of(self.kind)}")
        subject = _subject(raw.get("subject"), fact)
        operator = operators.get(raw.get("operator"))
        if operator is None or operator.name not in fact.type.operators:
            raise Refused(f"“{fact.label}”不能用“{str(raw.get('operator'))[:40]}”比较")
        try:
            value = operator.clean(raw.get("value"), fact)
        except Refused as exc:
            raise Refused(f"“{fact.label} {operator.label}”的值{exc}") from exc
        return Condition(fact.name, subject, operator.name, value)

    def _acts(self, raw: Any) -> tuple[Act, ...]:
        if not isinstance(raw, list) or not raw:
            self.note("至少需要一个动作", "then")
            return ()
        if len(raw) > MAX_ACTIONS:
            self.note(f"动作不能超过 {MAX_ACTIONS} 个", "then")
        found = [self._act(one, f"then.{n}") for n, one in enumerate(raw[:MAX_ACTIONS])]
        self._refuse_crowded(found)
        return tuple(found)

    def _act(self, raw: Any, path: str) -> Act:
        if not isinstance(raw, Mapping):
            return Act(broken=self.note("动作应为对象", path))
        self._refuse_unknown(raw, {"action", "params"}, path)
        name = raw.get("action")
        action = actions.get(name)
        if action is None:
            text = name if isinstance(name, str) else ""
            return Act(text, broken=self.note(f"动作“{str(name)[:40]}”已不存在", path))
        if not action.suits(self.kind):
            said = f"动作“{action.label}”不适用于{kinds.label_of(self.kind)}"
            return Act(action.name, broken=self.note(said, path))
        try:
            return Act(action.name, action.clean(raw.get("params", {})))
        except Refused as exc:
            return Act(action.name, broken=self.note(f"“{action.label}”：{exc}", f"{path}.params"))

    def _refuse_crowded(self, acts: list[Act]) -> None:
        """One place, one person, one change of priority; and nobody to hand to without a queue."""
        known = [found for act in acts if (found := actions.get(act.action)) is not None]
        slots = [action.slot for action in known if action.slot]
        for slot in {slot for slot in slots if slots.count(slot) > 1}:
            labels = "、".join(dict.fromkeys(one.label for one in known if one.slot == slot))
            self.note(f"“{labels}”只能有一个", "then")
        names = {action.name for action in known}
        if "who" in slots and names & {"leave_to_bot", "offline_message"}:
            self.note("交给机器人或转为留言时，不能同时分给某人", "then")


def _subject(raw: Any, fact: facts.Fact) -> str:
    """The subject as it is kept. Raises `Refused`."""
    if raw in (None, ""):
        if fact.subject == "custom_field":
            raise Refused(f"请填写“{fact.label}”的字段名")
        return ""
    if not fact.subject:
        raise Refused(f"“{fact.label}”不需要对象")
    if fact.subject == "custom_field":
        if not isinstance(raw, str) or not _FIELD.fullmatch(raw):
            raise Refused(f"“{fact.label}”的字段名应为 64 个以内的文字、数字、-、. 或 _")
        return raw
    try:
        return actions.params.GroupParam("subject", "技能组").clean(raw)
    except Refused as exc:
        raise Refused(f"“{fact.label}”的技能组{exc}") from exc
