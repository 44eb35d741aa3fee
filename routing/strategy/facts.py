"""Facts: what rules may ask about. Each is one class, declared with `@register`.

    @register
    class EntryPage(Fact):
        name, label, label_en = "entry_page", "入口页面", "Entry page"
        help = "会话开始时所在的页面地址。"
        type = TEXT

By itself a fact reads the key of its own name from what the caller supplied; others (time, live
numbers) override `read`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from routing.strategy.values import (
    CHOICE,
    CUSTOM,
    FLAG,
    LABELS,
    MISSING,
    NUMBER,
    TEXT,
    TIME,
    ValueType,
)

if TYPE_CHECKING:
    from routing.strategy.moment import Moment

__all__ = [
    "CHOICE",
    "CUSTOM",
    "FLAG",
    "LABELS",
    "MISSING",
    "NUMBER",
    "TEXT",
    "TIME",
    "Fact",
    "all_facts",
    "get",
    "register",
    "share",
    "unregister",
]

SubjectKind = Literal["", "group", "custom_field"]


class Fact:
    """Something that is known of an item when it is routed.

    `category` heads the list it is picked from. `subject` says what a condition must name beside
    the fact: a skill group (empty: the group of the channel) or the key of a custom field.
    `kinds` are the kinds of work it is known of; none named: all.
    `choices` is a fixed list of (value, label); a list that lives in the database overrides
    `options` instead.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    label_en: ClassVar[str] = ""
    help: ClassVar[str] = ""
    type: ClassVar[ValueType]
    category: ClassVar[str] = "访客"
    unit: ClassVar[str] = ""
    subject: ClassVar[SubjectKind] = ""
    choices: ClassVar[Sequence[tuple[str, str]]] = ()
    kinds: frozenset[str] = frozenset()

    def suits(self, kind: str) -> bool:
        """Whether rules for this kind of work may ask for it; "": rules for whatever."""
        return not kind or not self.kinds or kind in self.kinds

    def read(self, moment: "Moment", subject: str) -> Any:
        """The raw value, or `MISSING`. Must not raise."""
        return moment.facts.get(self.name, MISSING)

    def options(self) -> list[tuple[str, str]]:
        """What may be picked: (value, label). Empty: anything may be typed."""
        return list(self.choices)

    def label_of(self, value: str) -> str:
        """The label of a choice, or the value itself."""
        return dict(self.choices).get(value, value)

    def show(self, value: Any) -> str:
        """A value in words."""
        return self.type.show(value, self)


_facts: dict[str, Fact] = {}
F = TypeVar("F", bound=type[Fact])


def register(cls: F) -> F:
    """Declare a fact. Raises `ValueError` for one that is incomplete or declared already."""
    if not (cls.name and cls.label and cls.label_en and cls.help and hasattr(cls, "type")):
        raise ValueError(f"{cls.__name__}: a fact needs name, label, label_en, help and type")
    if cls.name in _facts:
        raise ValueError(f"fact {cls.name} is declared already")
    _facts[cls.name] = cls()
    return cls


def unregister(name: str) -> None:
    """Take a fact away; rules that name it match no more."""
    _facts.pop(name, None)


def share(kind: str, *names: str) -> None:
    """Say that these facts are known of another kind of work too. Raises `KeyError`."""
    for name in names:
        fact = _facts[name]
        fact.kinds = fact.kinds and fact.kinds | {kind}


def get(name: Any) -> Fact | None:
    """The fact of that name, if there is one."""
    return _facts.get(name) if isinstance(name, str) else None


def all_facts(kind: str = "") -> list[Fact]:
    """Every fact for a kind of work, or at all, in the order of declaration."""
    return [fact for fact in _facts.values() if fact.suits(kind)]
