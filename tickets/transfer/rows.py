"""A row of the file, read into what `tickets.service` takes.

Names become rows and labels become values here; whether the values fit is decided where it is for
pages and the API: by the service and by `lingxi.fields`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Customer
from lingxi.errors import Invalid, LingxiError
from lingxi.fields.definitions import Field, Option
from lingxi.spreadsheets.reading import Cell
from tickets.forms import form_in_force
from tickets.models import Priority, Source, TicketType
from tickets.service import By, NewTicket
from tickets.service.creating import check
from tickets.transfer.columns import FIELD, columns_of
from tickets.transfer.lookups import Lookups, Unknown, phone_of

_BETWEEN = re.compile(r"[,，、;；\n]")
MAX_NAME = 80
Problems = dict[str, str]
"""What is wrong with a row: the label of the column, and why."""


@dataclass
class Read:
    """A row as it was understood. `phone` is that of a customer who may have to be made."""

    new: NewTicket
    problems: Problems
    phone: str = ""
    customer_name: str = ""


class Reader:
    """Reads rows of one file for one person; `mapping` names a column for each of its cells."""

    def __init__(self, type: TicketType, user: Any, mapping: Sequence[str], digest: str) -> None:
        self.type, self.by, self.mapping, self.digest = type, By.staff(user), mapping, digest
        self.lookups = Lookups(user)
        form = form_in_force(type)
        self.fields: Mapping[str, Field] = form.by_key if form else {}
        self.labels = {one.key: one.label for one in columns_of(type, user)}

    def cause(self, number: int) -> str:
        """What makes the ticket of a row: a second import of the same file makes no second one."""
        return f"import:{self.type.key}:{self.digest}:{number}"

    def read(self, number: int, cells: Sequence[Cell]) -> Read:
        """The ticket of a row, and everything that is wrong with it. Writes nothing."""
        new = NewTicket(self.type, "", Source.IMPORT, cause=self.cause(number))
        row, said = Read(new, {}), self._said(cells)
        fields: dict[str, Any] = {}
        for key, value in said.items():
            try:
                if key.startswith(FIELD):
                    name = key.removeprefix(FIELD)
                    fields[name] = _custom(self.fields.get(name), value)
                else:
                    _PLAIN[key](self, row, value)
            except Unknown as reason:
                row.problems[self._label(key)] = str(reason)
        new.fields = fields
        self._check(row)
        return row

    def _said(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        pairs = zip(self.mapping, cells, strict=False)
        return {key: cell for key, cell in pairs if key and cell is not None}

    def _label(self, key: str) -> str:
        return self.labels.get(key, key)

    def _check(self, row: Read) -> None:
        if row.customer_name and not row.phone:
            row.problems.setdefault(self._label("phone"), "填写了客户姓名，请同时填写客户电话")
        try:
            check(row.new, self.by)
        except Invalid as error:
            for key, reasons in (error.fields or {"": [error.detail]}).items():
                words = "；".join(reasons) if isinstance(reasons, list) else str(reasons)
                row.problems.setdefault(self._label(key), words)
        except LingxiError as error:
            row.problems.setdefault("", error.detail)

    # -- columns -----------------------------------------------------------------------------------

    def _title(self, row: Read, value: Cell) -> None:
        row.new.title = _text(value)

    def _description(self, row: Read, value: Cell) -> None:
        row.new.description = _text(value)

    def _priority(self, row: Read, value: Cell) -> None:
        row.new.priority = _priority_of(_text(value))

    def _issue_type(self, row: Read, value: Cell) -> None:
        row.new.issue_type = self.lookups.issue_type(_text(value))

    def _tags(self, row: Read, value: Cell) -> None:
        row.new.tags = parts(_text(value))

    def _phone(self, row: Read, value: Cell) -> None:
        row.phone = phone_of(_text(value))
        row.new.requester = self.lookups.customer(row.phone)

    def _customer(self, row: Read, value: Cell) -> None:
        row.customer_name = _text(value)
        if len(row.customer_name) > MAX_NAME:
            raise Unknown(f"最多 {MAX_NAME} 字")

    def _group(self, row: Read, value: Cell) -> None:
        row.new.group = self.lookups.group(_text(value))

    def _assignee(self, row: Read, value: Cell) -> None:
        row.new.assignee = self.lookups.agent(_text(value))

    def customer_of(self, row: Read) -> Customer | None:
        """The customer of a row, made now when there is none with that number. Writes."""
        if not row.phone or row.new.requester is not None:
            return row.new.requester
        found = self.lookups.customer(row.phone)
        if found is None:
            found = Customer.objects.create(name=row.customer_name, phone=row.phone)
            self.lookups.made(row.phone, found)
        return found


_PLAIN: dict[str, Callable[[Reader, Read, Cell], None]] = {
    "title": Reader._title,
    "description": Reader._description,
    "priority": Reader._priority,
    "issue_type": Reader._issue_type,
    "tags": Reader._tags,
    "phone": Reader._phone,
    "customer": Reader._customer,
    "group": Reader._group,
    "assignee": Reader._assignee,
}


def parts(text: str) -> list[str]:
    """What stands between commas, of either width, semicolons or line ends."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _text(value: Cell) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _priority_of(text: str) -> Priority:
    for one in Priority:
        if text.casefold() in {str(one.label), one.wire, str(int(one))}:
            return one
    raise Unknown(f"应为 {'、'.join(str(one.label) for one in Priority)}")


def _custom(field: Field | None, value: Cell) -> Any:
    """A cell as `lingxi.fields` takes it: labels become values, numbers of texts become texts."""
    if field is None:
        raise Unknown("当前表单没有此字段")
    if field.type == "choice":
        return _value_of(field.options, _text(value))
    if field.type == "multi_choice":
        return _values_of(field.options, _text(value))
    if field.type == "cascade":
        return _way(field.levels, _text(value))
    is_number = field.type in {"number", "money"} and not isinstance(value, bool)
    return value if is_number else _text(value)


def _value_of(options: Sequence[Option], text: str) -> str:
    """The value whose label, or that itself, is written there; else the text, to be refused."""
    by_label = {one.label: one.value for one in reversed(options)}
    return text if any(one.value == text for one in options) else by_label.get(text, text)


def _values_of(options: Sequence[Option], text: str) -> list[str]:
    whole = _value_of(options, text)
    if any(one.value == whole for one in options):
        return [whole]  # a label may have a comma in it
    return [_value_of(options, part) for part in parts(text)]


def _way(options: Sequence[Option], text: str) -> list[str]:
    values: list[str] = []
    for part in text.split("/"):
        value = _value_of(options, part.strip())
        values.append(value)
        options = next((one.children for one in options if one.value == value), ())
    return values
