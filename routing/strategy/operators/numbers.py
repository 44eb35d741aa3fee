"""Operators of numbers and times of day."""

from typing import Any, ClassVar

from routing.strategy.facts import Fact
from routing.strategy.operators.base import Operator, Shape, Test, register, show
from routing.strategy.refusal import Refused


@register
class AtLeast(Operator):
    """At least."""

    name, label, help = ">=", "≥", "大于或等于；时刻则为不早于。"
    family = "number"

    def test(self, operand: float) -> Test:
        """Greater or equal."""
        return lambda value: value >= operand


@register
class MoreThan(Operator):
    """More."""

    name, label, help = ">", ">", "大于。"
    family = "number"

    def test(self, operand: float) -> Test:
        """Greater."""
        return lambda value: value > operand


@register
class AtMost(Operator):
    """At most."""

    name, label, help = "<=", "≤", "小于或等于。"
    family = "number"

    def test(self, operand: float) -> Test:
        """Less or equal."""
        return lambda value: value <= operand


@register
class LessThan(Operator):
    """Less."""

    name, label, help = "<", "<", "小于；时刻则为早于。"
    family = "number"

    def test(self, operand: float) -> Test:
        """Less."""
        return lambda value: value < operand


@register
class Between(Operator):
    """Within two limits. For times of day the end is not included, and may be the next day."""

    name, label = "between", "介于"
    help = "两端之间：数字含两端；时刻含开始、不含结束，结束早于开始表示到次日。"
    shape: ClassVar[Shape] = "pair"
    family = "number"

    def clean(self, value: Any, fact: Fact) -> list[Any]:
        """Two operands; those of numbers in order."""
        if not isinstance(value, list) or len(value) != 2:
            raise Refused("请填写开始和结束两个值")
        kind = self.type_for(fact)
        low, high = (kind.operand(one, fact) for one in value)
        if kind.name == "time" and low == high:
            raise Refused("开始和结束不能相同")
        if kind.name != "time" and low > high:
            raise Refused("第一个值不能大于第二个值")
        return [low, high]

    def fold(self, value: Any, fact: Fact) -> tuple[Any, Any, bool]:
        """Both ends, and whether they are times of day."""
        kind = self.type_for(fact)
        return kind.fold(value[0]), kind.fold(value[1]), kind.name == "time"

    def test(self, operand: tuple[Any, Any, bool]) -> Test:
        """Within."""
        low, high, is_time = operand
        if not is_time:
            return lambda value: low <= value <= high
        if low < high:
            return lambda value: low <= value < high
        return lambda value: value >= low or value < high

    def phrase(self, fact: Fact, value: Any) -> str:
        """From … to …."""
        return f"{self.label} {show(fact, value[0])} 到 {show(fact, value[1])}"
