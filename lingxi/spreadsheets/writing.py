"""Writing what people download: CSV with the mark by which Excel knows UTF-8, and XLSX."""

import csv
import io
from collections.abc import Iterable
from typing import IO, Any, Protocol

from lingxi.spreadsheets.guarding import guarded

MOST_ROWS = 1_000_000  # of a sheet
MOST_CHARACTERS = 32_767  # of a cell in Excel
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Writer(Protocol):
    """Takes rows, then ends the file. Numbers stay numbers, texts are no formulas."""

    def row(self, cells: Iterable[Any]) -> None:
        """Add a row."""

    def finish(self) -> None:
        """Write what is left."""


def writer_of(kind: str, file: IO[bytes], title: str = "") -> Writer:
    """Writes `csv` or `xlsx` into the file, which stays open. Raises `KeyError`."""
    kinds: dict[str, type[CsvWriter | XlsxWriter]] = {"csv": CsvWriter, "xlsx": XlsxWriter}
    return kinds[kind](file, title)


def safe(value: Any) -> Any:
    """What stands in the cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return value
    return guarded(str(value))[:MOST_CHARACTERS]


class CsvWriter:
    """RFC 4180."""

    def __init__(self, file: IO[bytes], title: str = "") -> None:
        self._text = io.TextIOWrapper(file, "utf-8", newline="", errors="replace")
        self._text.write("\ufeff")
        self._csv = csv.writer(self._text)

    def row(self, cells: Iterable[Any]) -> None:
        """Add a row."""
        self._csv.writerow([safe(cell) for cell in cells])

    def finish(self) -> None:
        """Write what is left."""
        self._text.flush()
        self._text.detach()


class XlsxWriter:
    """Sheets, written row by row; the first row of each stays in sight."""

    def __init__(self, file: IO[bytes], title: str = "") -> None:
        from openpyxl import Workbook

        self._file, self._book = file, Workbook(write_only=True)
        self.sheet(title)

    def sheet(self, title: str) -> None:
        """Begin another sheet."""
        self._sheet = self._book.create_sheet(_sheet_name(title))
        self._sheet.freeze_panes = "A2"

    def row(self, cells: Iterable[Any]) -> None:
        """Add a row."""
        self._sheet.append([_without_controls(safe(cell)) for cell in cells])

    def finish(self) -> None:
        """Write what is left."""
        self._book.save(self._file)


def _without_controls(value: Any) -> Any:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _sheet_name(title: str) -> str:
    return "".join("_" if char in r"\/*?:[]'" else char for char in title)[:31] or "Sheet1"
