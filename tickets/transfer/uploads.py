"""What is uploaded: looked through once, then kept for the job with its header and first rows."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from conversations.attachments.names import clean_name
from lingxi.errors import Invalid, UnsupportedMedia
from lingxi.jobs.files import keep
from lingxi.jobs.models import Upload
from lingxi.spreadsheets.reading import Cell, Limits, Row, rows_of
from tickets.models import TicketType
from tickets.transfer.columns import columns_of, guess

PURPOSE = "tickets.import"
LIMITS = Limits()
ENDINGS = ("csv", "xlsx")
SAMPLES = 3


def receive(sent: UploadedFile | None, type: TicketType, user: Any) -> Upload:
    """Check and keep a file. Raises `Invalid`, `TooLong` or `UnsupportedMedia`."""
    if sent is None or not sent.size:
        raise Invalid("请选择文件", fields={"file": ["请选择文件"]})
    name = clean_name(sent.name or "")
    if name.rpartition(".")[2].lower() not in ENDINGS:
        raise UnsupportedMedia("请上传 CSV 或 XLSX 文件")
    rows = list(rows_of(sent, sent.size, LIMITS))
    if len(rows) < 2:
        raise Invalid("文件里没有数据：第一行应为列名，其后每行一个工单")
    headers = [_header(cell) for cell in rows[0][1]]
    about = {
        "type": str(type.pk),
        "headers": headers,
        "rows": len(rows) - 1,
        "samples": [cells for _, cells in rows[1 : SAMPLES + 1]],
        "mapping": guess(columns_of(type, user), headers),
    }
    sent.name = name
    sent.seek(0)
    return keep(sent, user, PURPOSE, about)


def _header(cell: Cell) -> str:
    return "" if cell is None else str(cell)[:80]


def rows_in(upload: Upload) -> list[Row]:
    """The rows of a kept file without its header. At most `LIMITS.rows`."""
    with upload.file.open("rb") as file:
        return list(rows_of(file, upload.size, LIMITS))[1:]


def map_columns(upload: Upload, mapping: list[str], user: Any, type: TicketType) -> None:
    """Say which column is what, "" for those left out. Raises `Invalid`."""
    columns = columns_of(type, user)
    known = {one.key for one in columns}
    chosen = [key for key in mapping if key]
    if len(mapping) != len(upload.about["headers"]) or not set(chosen) <= known:
        raise Invalid("列的对应关系有误，请重新选择")
    twice = {key for key in chosen if chosen.count(key) > 1}
    missing = [one.label for one in columns if one.required and one.key not in chosen]
    if twice:
        labels = "、".join(one.label for one in columns if one.key in twice)
        raise Invalid(f"“{labels}”只能对应一列")
    if missing:
        raise Invalid(f"请指定这些必填项对应的列：{'、'.join(missing)}")
    upload.about = {**upload.about, "mapping": mapping}
    upload.save(update_fields=["about"])
