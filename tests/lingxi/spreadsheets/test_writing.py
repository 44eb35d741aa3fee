"""Writing what people download."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from lingxi.spreadsheets.reading import Limits, rows_of
from lingxi.spreadsheets.writing import MOST_CHARACTERS, writer_of

cells = st.text(st.characters(codec="utf-8"), max_size=30) | st.integers(-(10**9), 10**9)


def written(kind, *rows):
    file = io.BytesIO()
    writer = writer_of(kind, file, "工单/2026")
    for row in rows:
        writer.row(row)
    writer.finish()
    return file.getvalue()


def test_excel_knows_the_encoding():
    assert written("csv", ["退款"]) == b"\xef\xbb\xbf" + "退款\r\n".encode()


@given(st.lists(cells, min_size=1, max_size=4))
def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers(row):
    text = written("csv", row).decode("utf-8-sig")
    (found,) = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    for cell, given_one in zip(found, row, strict=False):
        if isinstance(given_one, int):
            assert int(cell) == given_one
        else:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=25)  # a workbook takes some time
@given(st.text(alphabet=st.sampled_from("=+-@' \ta1"), min_size=1, max_size=8))
def test_no_cell_of_a_workbook_is_a_formula(text):
    sheet = load_workbook(io.BytesIO(written("xlsx", [text]))).active
    cell = sheet["A1"]
    assert cell.data_type in {"s", "n"}
    assert not str(cell.value or "").lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_can_be_read_again(kind):
    data = written(kind, ["标题", "金额"], ["=1+1", 12.5], ["第一行\n第二行", -3], [True, None])
    rows = [row for _, row in rows_of(io.BytesIO(data), len(data), Limits())]
    texts = [[str(cell) for cell in row] for row in rows]
    assert texts == [["标题", "金额"], ["=1+1", "12.5"], ["第一行\n第二行", "-3"], ["是"]]


def test_numbers_of_a_workbook_are_numbers():
    sheet = load_workbook(io.BytesIO(written("xlsx", [-5, 2.5]))).active
    assert [cell.value for cell in sheet[1]] == [-5, 2.5]
    assert sheet.freeze_panes == "A2"


def test_what_no_cell_can_hold_is_left_out():
    data = written("xlsx", ["a\x00b\x0b", "x" * 40_000])
    found = [cell.value for cell in load_workbook(io.BytesIO(data)).active[1]]
    assert found == ["ab", "x" * MOST_CHARACTERS]
    assert b"\xef\xbb\xbf" in written("csv", ["\ud800"])
