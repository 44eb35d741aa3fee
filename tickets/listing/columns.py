"""The columns of the list, and what stands in their cells for one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from lingxi.access.masking import for_viewer
from lingxi.fields.form import EMPTY
from tickets.forms import form_of_ticket
from tickets.listing.fields import SHOWN_AS_COLUMN
from tickets.listing.times import ago, span
from tickets.listing.viewer import Viewer
from tickets.models import Priority, Ticket
from tickets.workflows import workflow_of

MOST_COLUMNS = 20
SOON_HOURS = 24


_LOOKS = {"state": "chip state-", "priority": "prio prio-", "due": "due nums due-"}


class Readable:
    """Templates look for an item first; to find one is much faster than to miss it."""

    def __getitem__(self, name: str) -> Any:
        """The attribute."""
        return getattr(self, name)


@dataclass(frozen=True)
class Cell(Readable):
    """What stands in a cell. `kind` says how it looks; `title` is shown on pointing at it."""

    text: str = ""
    kind: str = ""
    title: str = ""
    tone: str = ""
    parts: Sequence[str] = ()

    @property
    def look(self) -> str:
        """Its class."""
        start = _LOOKS.get(self.kind)
        return f"{start}{self.tone}" if start else self.kind

    @property
    def hint(self) -> str:
        """What pointing at it shows: the whole text, which may be cut off."""
        return self.title or self.text


@dataclass(frozen=True)
class Column(Readable):
    """A column; `sort` is the key of the order it sorts by, if any."""

    name: str
    label: str
    label_en: str
    sort: str = ""
    cell: Callable[[Viewer, Ticket], Cell] = field(default=lambda viewer, row: Cell(), repr=False)


@dataclass(frozen=True)
class Row(Readable):
    """A ticket as a row. `cells` follow the columns."""

    ticket: Ticket
    id: str
    number: int
    title: str
    cells: list[tuple[Column, Cell]]


def _state(viewer: Viewer, row: Ticket) -> Cell:
    return Cell(workflow_of(row).status(row.status).name, "state", tone=row.category)


def _priority(viewer: Viewer, row: Ticket) -> Cell:
    return Cell(str(Priority(row.priority).label), "priority", tone=str(row.priority))


def _requester(viewer: Viewer, row: Ticket) -> Cell:
    if row.requester is None:
        return Cell("—", "faint")
    return Cell(for_viewer(viewer.user, row.requester.display_name), "name")


def _assignee(viewer: Viewer, row: Ticket) -> Cell:
    return Cell(row.assignee.name, "name") if row.assignee else Cell("未分配", "faint")


def _tags(viewer: Viewer, row: Ticket) -> Cell:
    return Cell(kind="tags", parts=for_viewer(viewer.user, row.tags))


def exact(at: Any) -> str:
    """To the second, for the title of a time."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _time(name: str) -> Callable[[Viewer, Ticket], Cell]:
    def cell(viewer: Viewer, row: Ticket) -> Cell:
        at = getattr(row, name)
        return Cell(ago(at, viewer.now), "time", exact(at)) if at else Cell("—", "faint")

    return cell


def due_cell(viewer: Viewer, row: Ticket) -> Cell:
    """When the nearest target of its SLA is due: how long there is, or how long it has been."""
    if row.due_at is None or not row.is_active:
        return (
            Cell("已超时", "due", tone="danger")
            if row.is_breached and row.is_active
            else Cell("—", "faint")
        )
    left = row.due_at - viewer.now
    is_late = left.total_seconds() < 0
    tone = "danger" if is_late else "warn" if left.total_seconds() < SOON_HOURS * 3600 else ""
    words = f"超时 {span(left)}" if is_late else f"剩 {span(left)}"
    return Cell(words, "due", f"到期 {exact(row.due_at)}", tone)


def _creator(viewer: Viewer, row: Ticket) -> Cell:
    by = row.created_by
    return Cell(by.first_name or by.username, "name") if by else Cell("—", "faint")


def _issue(viewer: Viewer, row: Ticket) -> Cell:
    return Cell(row.issue_type.name, "name") if row.issue_type else Cell("—", "faint")


def _text(read: Callable[[Ticket], Any]) -> Callable[[Viewer, Ticket], Cell]:
    return lambda viewer, row: Cell(str(read(row) or "—"), "name")


COLUMNS: tuple[Column, ...] = (
    Column("state", "状态", "Status", "", _state),
    Column("priority", "优先级", "Priority", "priority", _priority),
    Column("requester", "客户", "Requester", "", _requester),
    Column("type", "类型", "Type", "", _text(lambda row: row.type.name)),
    Column("issue", "问题分类", "Issue type", "", _issue),
    Column("group", "技能组", "Group", "", _text(lambda row: row.group.name)),
    Column("assignee", "受理人", "Assignee", "", _assignee),
    Column("tags", "标签", "Tags", "", _tags),
    Column("source", "来源", "Source", "", _text(lambda row: row.get_source_display())),
    Column("due", "时效", "SLA", "due", due_cell),
    Column("created", "创建", "Created", "created", _time("created_at")),
    Column("updated", "更新", "Updated", "updated", _time("updated_at")),
    Column("creator", "创建人", "Created by", "", _creator),
    Column("urges", "催办", "Urges", "", _text(lambda row: row.urges)),
)  # fmt: skip
USUAL = ("state", "priority", "requester", "type", "group", "assignee", "due", "updated")


def offered_columns(viewer: Viewer) -> list[Column]:
    """All columns a person may choose, custom fields last."""
    custom = [
        Column(name, one.field.label, one.field.label_en, "", _custom(one.field.key))
        for name, one in viewer.offered.items()
        if one.field.type in SHOWN_AS_COLUMN
    ]
    return [*COLUMNS, *custom]


def _custom(key: str) -> Callable[[Viewer, Ticket], Cell]:
    def cell(viewer: Viewer, row: Ticket) -> Cell:
        if key not in row.fields:
            return Cell("—", "faint")
        form = form_of_ticket(row) or EMPTY
        shown = form.shown({key: row.fields[key]}, viewer.user)
        text = next((one.text for one in shown if one.key == key), "")
        return Cell(text or "—", "name" if text else "faint")

    return cell


def chosen_columns(viewer: Viewer, names: Sequence[str]) -> list[Column]:
    """The columns of these names that there are; the usual ones without any."""
    known = {one.name: one for one in offered_columns(viewer)}
    found = [known[name] for name in dict.fromkeys(names) if name in known][:MOST_COLUMNS]
    return found or [known[name] for name in USUAL]


def rows_of(viewer: Viewer, tickets: Sequence[Ticket], columns: Sequence[Column]) -> list[Row]:
    """The rows of a page."""
    return [
        Row(
            ticket,
            str(ticket.pk),
            ticket.number,
            for_viewer(viewer.user, ticket.title),
            [(column, column.cell(viewer, ticket)) for column in columns],
        )
        for ticket in tickets
    ]
