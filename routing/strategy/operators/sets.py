"""Operators of labels, of yes and no, and of there being anything."""

from routing.strategy.operators.base import Many, NoOperand, Test, register


@register
class HasAny(Many):
    """At least one label."""

    name, label, help = "has_any", "含", "有列出的任意一个标签。"

    def test(self, operand: frozenset[str]) -> Test:
        """Not disjoint."""
        return lambda value: not operand.isdisjoint(value)


@register
class HasAll(Many):
    """Every label."""

    name, label, help = "has_all", "同时含", "有列出的全部标签。"

    def test(self, operand: frozenset[str]) -> Test:
        """Superset."""
        return operand.issubset


@register
class HasNone(Many):
    """No label."""

    name, label, help = "has_none", "不含", "列出的标签一个也没有。"

    def test(self, operand: frozenset[str]) -> Test:
        """Disjoint."""
        return operand.isdisjoint


@register
class IsTrue(NoOperand):
    """Yes."""

    name, label, help = "is_true", "为是", "此项为“是”。"
    family = "flag"

    def test(self, operand: None) -> Test:
        """True."""
        return bool


@register
class IsFalse(NoOperand):
    """No."""

    name, label, help = "is_false", "为否", "此项为“否”。"
    family = "flag"

    def test(self, operand: None) -> Test:
        """False."""
        return lambda value: not value


@register
class IsEmpty(NoOperand):
    """Nothing there."""

    name, label, help = "is_empty", "为空", "没有填写任何内容。"

    def test(self, operand: None) -> Test:
        """Empty."""
        return lambda value: not value


@register
class IsSet(NoOperand):
    """Something there."""

    name, label, help = "is_set", "不为空", "填写了内容。"

    def test(self, operand: None) -> Test:
        """Not empty."""
        return bool
