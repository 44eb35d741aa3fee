"""Actions: what a rule does. Each is one class, declared with `@register`.

    @register
    class Enqueue(Action):
        name, label, label_en = "enqueue", "进入技能组", "Enqueue to group"
        help = "…"
        params = (GroupParam("group", "技能组"),)
        places = certain = True

`apply` gets parameters that were cleaned when the rule was saved; it must not raise.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from routing.strategy.actions.params import Param
from routing.strategy.decision import Notify, Outcome, Preferred
from routing.strategy.moment import Moment
from routing.strategy.names import Names
from routing.strategy.refusal import Refused


@dataclass
class Effects:
    """What the actions so far have done. `group` is the id of the target as text."""

    group: str
    is_enqueued: bool = False
    is_placed: bool = False
    placed_by: str = ""
    priority: int = 0
    min_level: int = 0
    preferred: Preferred | None = None
    preferred_name: str = ""
    outcome: Outcome = "queue"
    text: str = ""
    tags: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    notices: list[Notify] = field(default_factory=list)

    @property
    def group_id(self) -> uuid.UUID:
        """The target."""
        return uuid.UUID(self.group)


class Action:
    """Something a rule does.

    `places` actions say where the item goes and end the search when they succeed; `certain` ones
    always succeed. A rule holds at most one action of each `slot`; a slot of "" is unlimited.
    Lower `order` is applied first. `kinds` are the kinds of work it is for; none named: all.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    label_en: ClassVar[str] = ""
    help: ClassVar[str] = ""
    params: ClassVar[Sequence[Param]] = ()
    places: ClassVar[bool] = False
    certain: ClassVar[bool] = False
    slot: ClassVar[str] = ""
    order: ClassVar[int] = 2
    kinds: ClassVar[frozenset[str]] = frozenset()

    def suits(self, kind: str) -> bool:
        """Whether rules for this kind of work may do it; "": rules for whatever."""
        return not kind or not self.kinds or kind in self.kinds

    def clean(self, given: Any) -> dict[str, Any]:
        """The parameters as they are kept in the rule. Raises `Refused`."""
        if not isinstance(given, Mapping):
            raise Refused("参数应为对象")
        known = {param.name for param in self.params}
        unknown = [str(key)[:40] for key in given if key not in known]
        if unknown:
            raise Refused(f"没有参数“{unknown[0]}”")
        cleaned = {}
        for param in self.params:
            value = param.read(given.get(param.name))
            if value is not None:
                cleaned[param.name] = value
        return cleaned

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """Do it; one that places sets `effects.is_placed`, or leaves a note why it could not."""
        raise NotImplementedError

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """What it does, in words."""
        raise NotImplementedError


ANSWERED = frozenset({"conversation"})  # work at whose other end somebody reads along
_actions: dict[str, Action] = {}
A = TypeVar("A", bound=type[Action])


def register(cls: A) -> A:
    """Declare an action. Raises `ValueError` for one that is incomplete or declared already."""
    if not (cls.name and cls.label and cls.label_en and cls.help):
        raise ValueError(f"{cls.__name__}: an action needs name, label, label_en and help")
    if cls.name in _actions:
        raise ValueError(f"action {cls.name} is declared already")
    _actions[cls.name] = cls()
    return cls


def unregister(name: str) -> None:
    """Take an action away; rules that name it do without it."""
    _actions.pop(name, None)


def get(name: Any) -> Action | None:
    """The action of that name, if there is one."""
    return _actions.get(name) if isinstance(name, str) else None


def all_actions(kind: str = "") -> list[Action]:
    """Every action for a kind of work, or at all, those that place first."""
    found = [action for action in _actions.values() if action.suits(kind)]
    return sorted(found, key=lambda action: not action.places)
