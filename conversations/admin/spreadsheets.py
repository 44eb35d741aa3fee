"""Files that come from and go to spreadsheet programs: CSV in any usual encoding, and XLSX."""

import zipfile
from io import BytesIO
from typing import Any

import tablib
from django import forms
from django.core.exceptions import ValidationError
from import_export.formats import base_formats
from import_export.widgets import CharWidget
from unfold.contrib.import_export.forms import ImportForm

from lingxi.spreadsheets.guarding import guarded, unguarded
from lingxi.spreadsheets.reading import ENCODINGS

MAX_BYTES, MAX_UNPACKED, MAX_ROWS = 1_000_000, 20_000_000, 2000


class Unreadable(ValueError):
    """A file that is not what it says, or is gone."""


class CSV(base_formats.CSV):
    """CSV in UTF-8, with or without a byte order mark, or GBK."""

    def is_binary(self) -> bool:
        """The encoding is found out here, so bytes are kept in between."""
        return True

    def get_read_mode(self) -> str:
        """As bytes."""
        return "rb"

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> tablib.Dataset:
        """The rows. Raises `Unreadable`."""
        if not isinstance(in_stream, bytes) or b"\x00" in in_stream:
            raise Unreadable("文件已失效或不是 CSV，请重新上传")
        for encoding in ENCODINGS:
            try:
                text = in_stream.decode(encoding)
            except UnicodeDecodeError:
                continue
            return super().create_dataset(text, **kwargs)
        raise Unreadable("无法识别文件编码，请另存为 UTF-8 或 GBK")


class XLSX(base_formats.XLSX):
    """The first sheet of a workbook."""

    def create_dataset(self, in_stream: Any) -> tablib.Dataset:
        """The rows. Raises `Unreadable`."""
        if not isinstance(in_stream, bytes):
            raise Unreadable("文件已失效，请重新上传")
        return super().create_dataset(in_stream)


class CSVForExcel(base_formats.CSV):
    """CSV with the mark by which Excel knows UTF-8."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> Any:
        """The file's text."""
        return "\ufeff" + super().export_data(dataset, **kwargs)


class SafeText(CharWidget):
    """A text that no spreadsheet program takes for a formula, and back."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """For the file: what looks like a formula gets an apostrophe before it."""
        return guarded(str(super().render(value, obj, **kwargs)))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """From the file: without that apostrophe."""
        text = super().clean(value, row, **kwargs)
        return unguarded(text) if isinstance(text, str) else text


class SmallImportForm(ImportForm):
    """An upload of a size that fits into one look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].widget.choices[0] = ("", "选择格式")

    def clean_import_file(self) -> Any:
        """Neither large nor a small archive of something large."""
        file = self.cleaned_data["import_file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件不能超过 {MAX_BYTES // 1_000_000} MB")
        data = file.read()
        file.seek(0)
        if data[:2] == b"PK":
            self._check_archive(data)
        return file

    def _check_archive(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                size = sum(one.file_size for one in archive.infolist())
        except zipfile.BadZipFile as exc:
            raise forms.ValidationError("不是有效的 XLSX 文件") from exc
        if size > MAX_UNPACKED:
            raise forms.ValidationError("文件解压后过大")


def check_rows(dataset: tablib.Dataset, wanted: list[str]) -> None:
    """Raises `ValidationError` for too many rows or missing columns."""
    missing = [name for name in wanted if name not in (dataset.headers or [])]
    problem = f"缺少列：{'、'.join(missing)}" if missing else ""
    if len(dataset) > MAX_ROWS:
        problem = problem or f"一次最多导入 {MAX_ROWS} 行"
    if problem:
        dataset.wipe()  # the library would go on with every row all the same
        raise ValidationError(problem)
