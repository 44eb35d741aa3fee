"""Files to fill in: the columns of a type as headers, and a second sheet that explains them."""

import tempfile
from collections.abc import Sequence
from typing import IO, Any

from lingxi.spreadsheets.writing import XlsxWriter, writer_of
from tickets.models import TicketType
from tickets.transfer.columns import Column, columns_of


def template_of(type: TicketType, user: Any, kind: str) -> IO[bytes]:
    """A `csv` or `xlsx` for the type; the caller closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer to the request closes it
    columns = columns_of(type, user)
    writer = writer_of(kind, file, type.name)
    writer.row([f"{one.label}*" if one.required else one.label for one in columns])
    if isinstance(writer, XlsxWriter):
        _explain(writer, columns)
    writer.finish()
    file.seek(0)
    return file


def _explain(writer: XlsxWriter, columns: Sequence[Column]) -> None:
    writer.sheet("填写说明")
    writer.row(["列", "必填", "说明"])
    for one in columns:
        writer.row([one.label, "是" if one.required else "", one.help])
