"""Operators: how a fact's value is compared. Each is one class, declared with `@register`.

An operator never sees a value that is not known (None); such a condition does not hold.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, TypeVar

from routing.strategy.facts import Fact
from routing.strategy.refusal import Refused
from routing.strategy.values import TYPES, ValueType

Test = Callable[[Any], bool]
Shape = Literal["none", "one", "many", "pair", "pattern"]
MAX_MANY = 50
QUOTED = frozenset({"text", "custom"})


class Operator:
    """A comparison. `shape` says what it takes: no operand, one, many, two or a pattern."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    shape: ClassVar[Shape] = "one"
    family: ClassVar[str] = "text"

    def clean(self, value: Any, fact: Fact) -> Any:
        """The operand as it is kept in the rule. Raises `Refused`."""
        return self.type_for(fact).operand(value, fact)

    def fold(self, value: Any, fact: Fact) -> Any:
        """The operand as it is compared."""
        return self.type_for(fact).fold(value)

    def view(self, fact: Fact) -> Callable[[Any], Any]:
        """How the fact's raw value becomes comparable."""
        return self.type_for(fact).fold

    def type_for(self, fact: Fact) -> ValueType:
        """The type of the fact as this operator sees it."""
        return fact.type.under(self.family)

    def test(self, operand: Any) -> Test:
        """A fast function of the folded value."""
        raise NotImplementedError

    def phrase(self, fact: Fact, value: Any) -> str:
        """The comparison in words, without the fact."""
        return f"{self.label} {show(fact, value)}"


class NoOperand(Operator):
    """Base of those that take no operand."""

    shape: ClassVar[Shape] = "none"

    def clean(self, value: Any, fact: Fact) -> None:
        """Nothing is kept."""
        if value not in (None, "", []):
            raise Refused("不需要填写值")

    def fold(self, value: Any, fact: Fact) -> None:
        """Nothing to compare with."""

    def phrase(self, fact: Fact, value: Any) -> str:
        """Only the label."""
        return self.label


class Many(Operator):
    """Base of those that take a list."""

    shape: ClassVar[Shape] = "many"

    def clean(self, value: Any, fact: Fact) -> list[Any]:
        """A list without repetitions."""
        if not isinstance(value, list) or not value:
            raise Refused("请至少选择一项")
        if len(value) > MAX_MANY:
            raise Refused(f"不能超过 {MAX_MANY} 项")
        kind = self.type_for(fact)
        return list(dict.fromkeys(kind.operand(one, fact) for one in value))

    def fold(self, value: Any, fact: Fact) -> frozenset[Any]:
        """A set."""
        kind = self.type_for(fact)
        if fact.type.name == "labels":
            return kind.fold(value)
        return frozenset(kind.fold(one) for one in value)

    def phrase(self, fact: Fact, value: Any) -> str:
        """With all the operands."""
        return f"{self.label} " + "、".join(show(fact, one) for one in value)


def show(fact: Fact, value: Any) -> str:
    """An operand in words; free text stands in quotes."""
    if fact.type.name in QUOTED and isinstance(value, str):
        return f"“{value}”"
    return fact.show(value)


_operators: dict[str, Operator] = {}
O = TypeVar("O", bound=type[Operator])  # noqa: E741


def register(cls: O) -> O:
    """Declare an operator. Raises `ValueError` for one that is incomplete or declared already."""
    if not (cls.name and cls.label and cls.help) or cls.name in _operators:
        raise ValueError(f"{cls.__name__}: an operator needs its own name, label and help")
    _operators[cls.name] = cls()
    return cls


def get(name: Any) -> Operator | None:
    """The operator of that name, if there is one."""
    return _operators.get(name) if isinstance(name, str) else None


def of(fact: Fact) -> list[Operator]:
    """Those that apply to a fact, in the order they are offered."""
    return [_operators[name] for name in fact.type.operators]


def all_operators() -> Sequence[Operator]:
    """Every operator, in the order the types offer them."""
    order = dict.fromkeys(name for kind in TYPES.values() for name in kind.operators)
    return [_operators[name] for name in order]
