"""What became of an import: counts for the page, and a file of the rows that are wrong."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from lingxi.jobs.work import Work
from lingxi.spreadsheets.reading import Row
from lingxi.spreadsheets.writing import writer_of
from tickets.transfer.rows import Problems

SHOWN = 100
ROW, REASON = "导入行号", "未导入的原因"  # unlike any field, lest it be taken for one


def words_of(problems: Problems) -> str:
    """The reasons of a row in one line."""
    return "；".join(f"{label}：{why}" if label else why for label, why in problems.items())


def save_report(
    work: Work, headers: Sequence[str], rows: Sequence[Row], bad: Mapping[int, str], name: str
) -> None:
    """Keep the wrong rows as a CSV: number and reason, then the row as it was, to be mended.

    Without these two columns it can be uploaded again: headers that mean nothing are left out.
    """
    with tempfile.TemporaryFile() as file:
        writer = writer_of("csv", file)
        writer.row([ROW, REASON, *headers])
        for number, cells in rows:
            if number in bad:
                missing = [None] * (len(headers) - len(cells))
                writer.row([number, bad[number], *cells, *missing])
        writer.finish()
        file.seek(0)
        work.save_file(name, file)


def result_of(bad: Mapping[int, str], **counts: Any) -> dict[str, Any]:
    """The result of the job: the first rows that are wrong, and the counts."""
    first = [[number, why] for number, why in sorted(bad.items())[:SHOWN]]
    return {"bad": len(bad), "rows": first, "shown": SHOWN, **counts}
