"""The job that writes the tickets of a filtered list into a file.

It reads only, so who takes it over after a kill begins anew. Ids come from one query by a cursor on
the server, so the file is the list as it was at one moment; tickets are read some at a time.
"""

import itertools
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from typing import IO, Any

from auditlog.models import LogEntry
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from lingxi.errors import Invalid
from lingxi.jobs import register, start
from lingxi.jobs.models import Job
from lingxi.jobs.work import Work
from lingxi.spreadsheets.writing import MEDIA_TYPES, MOST_ROWS, writer_of
from tickets.listing.paging import narrowed
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer
from tickets.models import Ticket
from tickets.transfer.cells import RELATED, Cells, Column, columns_for

KIND = PERMISSION = "tickets.export"
EACH = 500


def begin(user: Any, query: str, columns: Sequence[str], kind: str) -> Job:
    """Ask for a file of the tickets that the list shows at `query`.

    `kind` is csv or xlsx. Who exports what goes to the audit log. Raises `Invalid` for a kind or
    columns that there are not, `Forbidden` and `Conflict`.
    """
    if kind not in MEDIA_TYPES:
        raise Invalid("只有 CSV 和 XLSX 格式", fields={"format": ["不支持"]})
    chosen = _chosen(Viewer(user), columns)
    params = {"query": query, "columns": [one.key for one in chosen], "format": kind}
    with transaction.atomic():
        job = start(KIND, user, params, f"导出工单（{kind.upper()}）")
        LogEntry.objects.log_create(
            job,
            force_log=True,
            action=LogEntry.Action.ACCESS,
            changes={},
            actor=user,
            additional_data={"export": "tickets", **params},
        )
    return job


def _chosen(viewer: Viewer, keys: Sequence[str]) -> list[Column]:
    """The columns of these keys, in the order of all. Raises `Invalid`."""
    found = [one for one in columns_for(viewer.types, viewer.user) if one.key in set(keys)]
    if not found:
        raise Invalid("请至少选择一列", fields={"columns": ["请至少选择一列"]})
    return found


def tickets_of(viewer: Viewer, query: str) -> Any:
    """The tickets that the list shows at this address, in its order."""
    state = parse(QueryDict(query), viewer)
    condition = state.condition(viewer)
    rows = Ticket.objects.visible_to(viewer.user).filter(condition.exact)
    return narrowed(rows, condition.indexed, viewer).order_by(*state.order.by())


@register(KIND, title="导出工单", permission=PERMISSION)
def run(work: Work) -> dict[str, Any]:
    """Write the file. Raises `Invalid`, `Cancelled`."""
    viewer, kind = Viewer(work.owner), work.params["format"]
    columns = _chosen(viewer, work.params["columns"])
    rows = tickets_of(viewer, work.params["query"])
    total = rows.count()
    if total >= MOST_ROWS:
        raise Invalid(f"一次最多导出 {MOST_ROWS:,} 个工单，请先缩小筛选范围")
    work.progress(0, total)
    with tempfile.TemporaryFile() as file:
        count = _write(work, rows, columns, kind, file)
        file.seek(0)
        work.save_file(f"工单-{timezone.localtime():%Y%m%d-%H%M%S}.{kind}", file)
    work.progress(count, count, work.checkpoint)
    return {"summary": [["工单", count], ["列", len(columns)]]}


def _write(work: Work, rows: Any, columns: Sequence[Column], kind: str, file: IO[bytes]) -> int:
    writer, cells = writer_of(kind, file, "工单"), Cells(columns, work.owner)
    writer.row([one.label for one in columns])
    count = 0
    for ids in _some_ids(rows):
        for row in _read(ids):
            writer.row(cells.of(row))
            count += 1
        work.progress(count)
    writer.finish()
    return count


def _some_ids(rows: Any) -> Iterator[list[uuid.UUID]]:
    ids = rows.values_list("pk", flat=True).iterator(chunk_size=5_000)
    while some := list(itertools.islice(ids, EACH)):
        yield some


def _read(ids: Sequence[uuid.UUID]) -> Iterator[Ticket]:
    """The tickets of these ids in their order; those gone since are left out."""
    found = Ticket.objects.select_related(*RELATED).defer("terms").in_bulk(ids)
    return (found[pk] for pk in ids if pk in found)
