"""How facts are compared. `base` has the base class and the registry."""

from routing.strategy.operators import numbers, sets, texts  # noqa: F401
from routing.strategy.operators.base import Operator, Test, all_operators, get, of, register
from routing.strategy.operators.texts import compile_pattern

__all__ = ["Operator", "Test", "all_operators", "compile_pattern", "get", "of", "register"]
