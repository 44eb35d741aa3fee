"""Reading what people upload."""

import datetime as dt
import io
import itertools
import zipfile

import pytest
from openpyxl import Workbook

from lingxi.errors import Invalid, TooLong, UnsupportedMedia
from lingxi.spreadsheets.reading import Limits, rows_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(data, **limits):
    return list(rows_of(io.BytesIO(data), len(data), Limits(**limits)))


def sheet(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_csv_in_any_usual_encoding(encoding):
    assert read("标题,金额\n退款,12\n".encode(encoding)) == [
        (1, ["标题", "金额"]),
        (2, ["退款", "12"]),
    ]


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_csv_with_the_commas_of_any_country(comma):
    data = f'a{comma}b\n"1{comma}2\n3"{comma} 4 \n'.encode()
    assert read(data) == [(1, ["a", "b"]), (2, [f"1{comma}2\n3", "4"])]


def test_numbers_dates_and_booleans_of_a_workbook():
    when = dt.datetime(2026, 11, 21, 13, 30)  # noqa: DTZ001 - cells have no zone
    data = sheet(["a"], [1, 2.0, 2.5, True, dt.date(2026, 11, 21), when, None, " x "])
    day, instant = "2026-11-21", "2026-11-21 13:30:00"
    assert read(data)[1] == (2, [1, 2, 2.5, True, day, instant, None, "x"])


def test_rows_have_the_numbers_that_people_see():
    assert [number for number, _ in read(sheet(["a"], [], ["x"], [None], ["y"]))] == [1, 3, 5]


def test_guards_are_taken_away_and_formulas_are_not_computed():
    assert read(b"a\n'=1+1\n'quoted'\n") == [(1, ["a"]), (2, ["=1+1"]), (3, ["'quoted'"])]
    assert read(sheet(["a"], ["=1+1"])) == [(1, ["a"])]  # a formula without a kept result


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"a\x00b", UnsupportedMedia),
        (b"\xff\xfea\x00", UnsupportedMedia),
        (b"\x80\x81\xff", UnsupportedMedia),
        (b'a\n"open', Invalid),
        (b"PK\x03\x04 no archive", UnsupportedMedia),
    ],
)
def test_what_is_no_spreadsheet_is_refused(data, error):
    with pytest.raises(error):
        read(data)


def packed(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


def test_an_archive_of_something_else_is_refused():
    with pytest.raises(UnsupportedMedia):
        read(packed(word__document_xml=b"<x/>"))


def test_a_workbook_that_is_broken_inside_is_refused():
    with pytest.raises(UnsupportedMedia):
        read(packed(xl__workbook_xml=b"<x/>"))


def test_a_small_archive_of_something_large_is_refused_before_it_is_unpacked():
    with pytest.raises(TooLong):
        read(packed(xl__workbook_xml=b"<x/>", xl__big_xml=b" " * 3_000_000), unpacked=2_000_000)


def test_files_rows_and_columns_have_limits():
    with pytest.raises(TooLong):
        read(b"a\n1\n", size=3)
    assert len(read(b"a\n1\n2\n", rows=2)) == 3
    with pytest.raises(Invalid, match="最多 2 行"):
        read(b"a\n1\n2\n3\n", rows=2)
    with pytest.raises(Invalid, match="最多 2 列"):
        read(b"a,b,c\n", columns=2)
    assert read(b"a,b,,,\n1,2,,,\n", columns=2) == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_sheet_of_blank_rows_is_not_read_to_its_end():
    book = Workbook()
    book.active["A1"] = "a"
    book.active["A1048576"] = "far away"
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(Invalid, match="空行"):
        read(file.getvalue())


def test_a_workbook_that_grows_while_it_is_read_is_refused():
    """Entities of entities (CWE-776): a few hundred bytes would become a gigabyte."""
    names = "abcdefghi"
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in itertools.pairwise(names)
    )
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row>'
    bomb = f"<!DOCTYPE x [{entities}]><worksheet xmlns='{MAIN}'><sheetData>{cell}</sheetData>"
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(["a"]))) as plain, zipfile.ZipFile(file, "w") as archive:
        for name in plain.namelist():
            is_sheet = name.endswith("sheet1.xml")
            archive.writestr(name, f"{bomb}</worksheet>" if is_sheet else plain.read(name))
    with pytest.raises(UnsupportedMedia):
        read(file.getvalue())
