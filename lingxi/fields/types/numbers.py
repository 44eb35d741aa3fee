"""数字、金额."""

import decimal
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from lingxi.fields.definitions import Field
from lingxi.fields.types.base import FieldType, Finding, Wrong, plain

MOST = 10**12
MOST_DECIMALS = 3
"""With at most 15 digits in all, a JSON number says exactly what was written (IEEE 754)."""
_TO_ASCII = str.maketrans("０１２３４５６７８９．－＋，", "0123456789.-+,")
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥", "GBP": "£"}
CURRENCIES = tuple(_SIGNS)


class Number(FieldType):
    """A number with a fixed count of decimals; none unless said otherwise."""

    name, label, label_en = "number", "数字", "Number"
    settings: ClassVar[tuple[str, ...]] = ("decimals", "min", "max")
    control = "number"
    usual_decimals = 0

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> Any:
        """An int, or a float when there are decimals."""
        number = _decimal(value)
        decimals = self.decimals_of(field)
        if number.as_tuple().exponent < -decimals:  # type: ignore[operator]
            number = number.normalize()
        if number.as_tuple().exponent < -decimals:  # type: ignore[operator]
            raise Wrong(f"最多 {decimals} 位小数" if decimals else "请填写整数")
        if field.min is not None and number < Decimal(str(field.min)):
            raise Wrong(f"不能小于 {self.text(field, field.min)}")
        if field.max is not None and number > Decimal(str(field.max)):
            raise Wrong(f"不能大于 {self.text(field, field.max)}")
        return int(number) if number == number.to_integral_value() else float(number)

    def decimals_of(self, field: Field) -> int:
        """How many decimals."""
        return self.usual_decimals if field.decimals is None else field.decimals

    def text(self, field: Field, value: Any) -> str:
        """With thousands separated."""
        number = _number(value)
        return plain(value) if number is None else f"{number:,.{self.decimals_of(field)}f}"

    def input_value(self, field: Field, value: Any) -> Any:
        """Plain digits."""
        number = _number(value)
        return plain(value) if number is None else f"{number:.{self.decimals_of(field)}f}"

    def findings(self, field: Field) -> Iterator[Finding]:
        """Decimals and bounds."""
        if field.decimals is not None and not 0 <= field.decimals <= MOST_DECIMALS:
            yield "decimals", f"应为 0 到 {MOST_DECIMALS}"
        bounds = [(name, getattr(field, name)) for name in ("min", "max")]
        for name, bound in bounds:
            if bound is not None and not _is_bound(bound):
                yield name, "请填写数字"
        if all(_is_bound(bound) for _, bound in bounds) and field.min > field.max:
            yield "max", "不能小于最小值"


class Money(Number):
    """An amount of one currency."""

    name, label, label_en = "money", "金额", "Money"
    settings = (*Number.settings, "currency")
    usual_decimals = 2

    def text(self, field: Field, value: Any) -> str:
        """With the sign of the currency."""
        number = _number(value)
        if number is None:
            return plain(value)
        return f"{'-' if number < 0 else ''}{sign_of(field)}{super().text(field, abs(number))}"

    def findings(self, field: Field) -> Iterator[Finding]:
        """The currency too."""
        yield from super().findings(field)
        if field.currency and field.currency not in CURRENCIES:
            yield "currency", "不支持的币种"


def sign_of(field: Field) -> str:
    """The sign of the field's currency."""
    return _SIGNS.get(field.currency or "CNY", f"{field.currency} ")


def _decimal(value: Any) -> Decimal:
    """The number that was meant. Raises `Wrong`."""
    if isinstance(value, str) and len(value) <= 40:
        value = value.translate(_TO_ASCII).replace(",", "").strip()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("请填写数字")
    elif isinstance(value, int) and abs(value) > MOST:
        raise Wrong("数字过大")
    try:
        number = Decimal(str(value))
    except decimal.InvalidOperation:
        raise Wrong("请填写数字") from None
    if not number.is_finite():
        raise Wrong("请填写数字")
    if not -MOST <= number <= MOST:  # abs() would round, and overflow
        raise Wrong("数字过大")
    return number


def _number(value: Any) -> int | float | None:
    """What is stored, if it is a number that can be shown as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -MOST <= value <= MOST else None


def _is_bound(bound: Any) -> bool:
    return _number(bound) is not None
