"""Reading what people upload: within limits, in any usual encoding, as plain JSON values."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from lingxi.errors import Invalid, TooLong, UnsupportedMedia
from lingxi.spreadsheets.guarding import unguarded

ENCODINGS = ("utf-8-sig", "gb18030")  # gb18030 reads GBK, which Excel writes in China
Cell = str | int | float | bool | None
_XLSX_SHEET = "xl/workbook.xml"
_MOST_MEMBERS = 2_000
_MOST_BLANK = 5_000  # rows with formats and nothing in them
_TOO_LARGE = "文件解压后过大"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read: bytes, bytes when unpacked, rows besides the header, columns."""

    size: int = 10_000_000
    unpacked: int = 30_000_000
    rows: int = 5_000
    columns: int = 100


Row = tuple[int, list[Cell]]
"""The number that a spreadsheet program shows beside the row, and its cells."""


def rows_of(file: IO[bytes], size: int, limits: Limits) -> Iterator[Row]:
    """The rows that are not empty, header first: of a CSV, or of the first sheet of an XLSX.

    A CSV may have commas, semicolons or tabs. Cells are stripped texts, numbers, booleans; dates
    are ISO texts; what `guarding` has put before them is gone. Raises `TooLong`, `Invalid` or
    `UnsupportedMedia`, also while it is read.
    """
    if size > limits.size:
        raise TooLong(f"文件不能超过 {limits.size // 1_000_000} MB")
    file.seek(0)
    is_archive = file.read(2) == b"PK"
    file.seek(0)
    raw = _xlsx_rows(file, limits) if is_archive else _csv_rows(file.read())
    return _limited(raw, limits)


def _limited(raw: Iterable[Iterable[Any]], limits: Limits) -> Iterator[Row]:
    found = blank = 0
    for number, cells in enumerate(raw, start=1):
        row = _trimmed([_cell(cell) for cell in cells])
        if not row:
            blank += 1
            if blank > _MOST_BLANK:
                raise Invalid("空行过多，请删除数据下方的空行后再试")
            continue
        if len(row) > limits.columns:
            raise Invalid(f"最多 {limits.columns} 列")
        found += 1
        if found > limits.rows + 1:
            raise Invalid(f"一次最多 {limits.rows} 行，请分成几个文件")
        yield number, row


def _trimmed(row: list[Cell]) -> list[Cell]:
    """Without the empty cells at its end."""
    while row and row[-1] is None:
        row.pop()
    return row


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return unguarded(value.strip()) or None
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def decoded(data: bytes) -> str:
    """The text of a CSV file. Raises `UnsupportedMedia`."""
    if b"\x00" in data:
        raise UnsupportedMedia("不是 CSV 或 XLSX 文件")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsupportedMedia("无法识别文件编码，请另存为 UTF-8 或 GBK")


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    text = decoded(data)
    head = text.split("\n", 1)[0]
    comma = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise Invalid(f"第 {reader.line_num} 行附近格式有误，请检查引号是否成对") from error


def check_archive(file: IO[bytes], most: int) -> None:
    """Whether it is a workbook of a size that can be read; sizes are those it declares, which is
    as far as it is unpacked. Raises `UnsupportedMedia` or `TooLong`.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnsupportedMedia("不是有效的 XLSX 文件") from error
    names = {one.filename for one in members}
    if _XLSX_SHEET not in names or any("vbaproject" in name.lower() for name in names):
        raise UnsupportedMedia("不是有效的 XLSX 文件")
    if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > most:
        raise TooLong(_TOO_LARGE)


def _xlsx_rows(file: IO[bytes], limits: Limits) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook

    check_archive(file, limits.unpacked)
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(max_col=limits.columns + 1, values_only=True)
        book.close()
    except Exception as error:  # openpyxl raises almost anything on broken input
        raise UnsupportedMedia("无法读取此 XLSX 文件，请另存后再试") from error
