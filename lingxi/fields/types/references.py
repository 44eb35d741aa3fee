"""文件、客户: the id of something that another app has (see `lingxi.fields.hooks`)."""

import uuid
from collections.abc import Iterator
from typing import Any

from lingxi.fields.definitions import Field
from lingxi.fields.hooks import Reference, reference_of
from lingxi.fields.types.base import FieldType, Finding, Wrong

_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "image": ("图片", ("image/",)),
    "pdf": ("PDF", ("application/pdf",)),
    "text": ("文本", ("text/",)),
    "sheet": (
        "表格",
        ("application/vnd.ms-excel", f"{_OFFICE}sp"),
    ),
    "document": ("文档", ("application/msword", f"{_OFFICE}w")),
    "audio": ("音频", ("audio/",)),
    "video": ("视频", ("video/",)),
    "archive": ("压缩包", ("application/zip", "application/x-")),
}


class Customer(FieldType):
    """Another customer."""

    name, label, label_en = "customer", "客户", "Customer"
    missing = "客户不存在，或你无权查看"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> str:
        """The id of one that the person may see; what there is already is not asked about."""
        found = uuid_of(value)
        if found is None:
            raise Wrong(self.missing)
        if str(found) != before:
            self.check(field, self._reference(found, user))
        return str(found)

    def check(self, field: Field, found: Reference) -> None:
        """Raises `Wrong` for one that does not fit."""

    def _reference(self, found: uuid.UUID, user: Any) -> Reference:
        reference = reference_of(self.name, found, user)
        if reference is None:
            raise Wrong(self.missing)
        return reference

    def reference(self, value: Any, user: Any) -> Reference | None:
        """What the stored id stands for, as far as the person may see it."""
        found = uuid_of(value)
        return reference_of(self.name, found, user) if found else None


class File(Customer):
    """A file that was uploaded before, of the kinds that are allowed."""

    name, label, label_en = "file", "文件", "File"
    settings = ("types",)
    control = "file"
    missing = "文件不存在，或你无权查看"

    def reference(self, value: Any, user: Any) -> Reference | None:
        """Who sees the field sees the file: it was uploaded for it."""
        return super().reference(value, None)

    def check(self, field: Field, found: Reference) -> None:
        """One of the kinds."""
        allowed = [KINDS[kind] for kind in field.types if kind in KINDS]
        if allowed and not any(found.media_type.startswith(begins) for _, begins in allowed):
            names = "、".join(name for name, _ in allowed)
            raise Wrong(f"只接受{names}")

    def findings(self, field: Field) -> Iterator[Finding]:
        """The kinds are known."""
        if not set(field.types) <= set(KINDS):
            yield "types", "不支持的文件类型"


def uuid_of(value: Any) -> uuid.UUID | None:
    """The id, if it is one."""
    if isinstance(value, uuid.UUID):
        return value
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        return uuid.UUID(value.strip())
    except ValueError:
        return None
