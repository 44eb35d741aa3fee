"""The types of fields, one small class each; a new one is added to the list here."""

from lingxi.fields.types.base import FieldType, Wrong, is_empty, plain
from lingxi.fields.types.choices import Boolean, Cascade, Choice, MultiChoice
from lingxi.fields.types.numbers import Money, Number
from lingxi.fields.types.references import Customer, File
from lingxi.fields.types.texts import LongText, OrderNumber, Text
from lingxi.fields.types.times import Date, DateTime

TYPES: dict[str, FieldType] = {
    cls.name: cls()
    for cls in (
        Text,
        LongText,
        Number,
        Money,
        Date,
        DateTime,
        Choice,
        MultiChoice,
        Cascade,
        Boolean,
        File,
        Customer,
        OrderNumber,
    )
}

__all__ = ["TYPES", "FieldType", "Wrong", "is_empty", "plain"]
