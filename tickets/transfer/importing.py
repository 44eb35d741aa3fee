"""The job that reads a file of tickets.

First every row is checked; nothing is written. Only when all are good, or when the person chose
to have the good ones alone, are tickets made, some at a time, each time in one transaction with
the job's checkpoint. Who takes over after a kill goes on behind the last of these. A ticket's
cause names file and row, so that the same file makes no ticket twice, whoever imports it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from auditlog.models import LogEntry
from django.db import transaction

from lingxi.access.permissions import check
from lingxi.errors import Invalid, LingxiError, NotFound
from lingxi.jobs import register, start
from lingxi.jobs.models import Job, Upload
from lingxi.jobs.work import Work
from lingxi.spreadsheets.reading import Row
from tickets import service
from tickets.models import Ticket, TicketType
from tickets.transfer import report
from tickets.transfer.rows import Reader
from tickets.transfer.uploads import PURPOSE, rows_in

KIND = "tickets.import"
PERMISSION = "tickets.import"
EACH = 20  # tickets of one transaction: other people's work waits no longer than that takes
LOOKED = 500


def begin(upload: Upload, user: Any, *, dry: bool = False, only_good: bool = False) -> Job:
    """Ask for a check (`dry`), or for the tickets. Raises `Forbidden` and `Conflict`."""
    params = {"upload": str(upload.pk), "dry": dry, "only_good": only_good}
    title = f"{'检查' if dry else '导入'} {upload.name}"
    with transaction.atomic():
        job = start(KIND, user, params, title, total=upload.about["rows"])
        if not dry:
            LogEntry.objects.log_create(
                job,
                force_log=True,
                action=LogEntry.Action.CREATE,
                changes={"file": ["", upload.name], "rows": ["", upload.about["rows"]]},
                actor=user,
                additional_data={"digest": upload.digest, "only_good": only_good},
            )
    return job


@register(KIND, title="导入工单", permission=PERMISSION, template="tickets/transfer/_imported.html")
def run(work: Work) -> dict[str, Any]:
    """Check, and write when that is wanted. Raises `Invalid`, `NotFound`, `Cancelled`."""
    upload = _upload(work)
    type = _type(upload)
    rows = rows_in(upload)
    reader = Reader(type, work.owner, upload.about["mapping"], upload.digest)
    bad = _check(work, reader, rows)
    there = _there(reader, rows)
    good = len(rows) - len(bad)
    counts = {"upload": str(upload.pk), "total": len(rows), "good": good, "existing": len(there)}
    has_begun = "row" in work.checkpoint
    if work.params["dry"] or (bad and not work.params["only_good"] and not has_begun):
        counts |= {"dry": True, "created": 0}
    else:
        _write(work, reader, [row for row in rows if row[0] not in bad])
        bad |= {int(number): why for number, why in work.checkpoint.get("late", {}).items()}
        counts |= {"dry": False, "created": work.checkpoint.get("created", 0)}
        counts["existing"] = work.checkpoint.get("existing", 0)
    if bad:
        name = f"{upload.name.rpartition('.')[0]}-未导入的行.csv"
        report.save_report(work, upload.about["headers"], rows, bad, name)
    return report.result_of(bad, **counts)


def _upload(work: Work) -> Upload:
    rows = Upload.objects.visible_to(work.owner).filter(purpose=PURPOSE)
    found: Upload | None = rows.filter(pk=work.params["upload"]).first()
    if found is None:
        raise NotFound("文件已过期，请重新上传")
    return found


def _type(upload: Upload) -> TicketType:
    rows = TicketType.objects.select_related("schema", "group", "current")
    found = rows.filter(pk=upload.about["type"], is_active=True).first()
    if found is None:
        raise Invalid("该工单类型已停用")
    return found


def _check(work: Work, reader: Reader, rows: Sequence[Row]) -> dict[int, str]:
    """Every row that is wrong, and why."""
    check(work.owner, "tickets.create")
    bad: dict[int, str] = {}
    for place, (number, cells) in enumerate(rows):
        found = reader.read(number, cells).problems
        if found:
            bad[number] = report.words_of(found)
        # What is written afterwards counts, not this.
        work.progress(place + 1 if work.params["dry"] else work.done, len(rows))
    return bad


def _there(reader: Reader, rows: Sequence[Row]) -> set[str]:
    """Causes that have made their ticket already."""
    causes = [reader.cause(number) for number, _ in rows]
    found: set[str] = set()
    for place in range(0, len(causes), LOOKED):
        some = causes[place : place + LOOKED]
        rows_there = Ticket.objects.filter(cause__in=some).values_list("cause", flat=True)
        found.update(cause for cause in rows_there if cause)
    return found


def _write(work: Work, reader: Reader, rows: Sequence[Row]) -> None:
    for some in _left(rows, work.checkpoint.get("row", 0)):
        with work.step():
            for number, cells in some:
                _make(work, reader, number, cells)
            work.done += len(some)
            work.checkpoint["row"] = some[-1][0]


def _left(rows: Sequence[Row], last: int) -> Iterator[Sequence[Row]]:
    """What comes behind the row `last`, a step at a time."""
    rest = [row for row in rows if row[0] > last]
    for place in range(0, len(rest), EACH):
        yield rest[place : place + EACH]


def _make(work: Work, reader: Reader, number: int, cells: Any) -> None:
    """One ticket. What was changed since the check and does not fit any more is noted."""
    row = reader.read(number, cells)
    problems = dict(row.problems)
    try:
        with transaction.atomic():
            if not problems:
                row.new.requester = reader.customer_of(row)
                _, is_new = service.create(row.new, reader.by)
                kind = "created" if is_new else "existing"
                work.checkpoint[kind] = work.checkpoint.get(kind, 0) + 1
    except LingxiError as error:
        reader.lookups.forget(row.phone)
        problems[""] = error.detail
    if problems:
        late = work.checkpoint.setdefault("late", {})
        late[str(number)] = report.words_of(problems)
