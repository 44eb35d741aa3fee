"""Writing a record's values: it is brought to the version in force whenever somebody edits it."""

from collections.abc import Collection
from typing import Any

from lingxi.errors import Conflict, Invalid
from lingxi.fields.form import EMPTY, Form
from lingxi.fields.live import current, form_of

COLUMNS = ("fields", "fields_version")


def form_for(record: Any) -> Form | None:
    """The form a record was written with; None for values as a host page sent them."""
    return form_of(record.fields_version_id) if record.fields_version_id else None


def shown_form(record: Any, entity: str, key: str = "") -> Form:
    """The form to read a record by: its own, or the one in force for free values."""
    return form_for(record) or current(entity, key) or EMPTY


def edit(
    record: Any,
    form: Form | None,
    values: Any,
    user: Any,
    *,
    required: Collection[str] = frozenset(),
    seen: int | None = None,
) -> dict[str, Any]:
    """Set some values of a locked record and bring it to `form`; the caller saves `COLUMNS`.

    `seen` is the number of the version that the person was shown: `Conflict` when another is in
    force by now. Raises `Invalid` for what `Form.clean` refuses, and when there is no form.
    """
    if form is None:
        raise Invalid("还没有发布字段表单")
    if seen is not None and seen != form.number:
        raise Conflict("字段表单已更新，请刷新后重试", fields={"fields_version": form.number})
    upgraded = form.upgrade(record.fields, form_for(record)).values
    kept = form.clean(values, before=upgraded, user=user, required=required, partial=True)
    record.fields, record.fields_version_id = kept, form.version_id
    return kept
