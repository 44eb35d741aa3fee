"""Declared fields of customers and conversations: what visitors send, what people edit.

What a host page hands over that nobody declared is kept as it was sent.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from conversations import attachments
from conversations.models import Attachment, Conversation, Customer
from lingxi.access.masking import for_viewer
from lingxi.errors import Invalid
from lingxi.fields import hooks
from lingxi.fields.form import Form
from lingxi.fields.hooks import Reference
from lingxi.fields.live import current
from lingxi.fields.masking import masked
from lingxi.fields.migrating import Records, register_records
from lingxi.fields.models import Schema
from lingxi.fields.records import COLUMNS, edit, form_for
from lingxi.fields.types import is_empty

# Which of our things a visitor means, only people who see them can say.
_NOT_FOR_VISITORS = {"file", "customer"}


def of_visitor(entity: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], uuid.UUID | None]:
    """What is stored of what a host page sent for a new record, and by which version.

    Declared keys are checked, nothing is required, the rest is kept as it is. Raises `Invalid`
    for a wrong value, and for a field that only some roles may edit.
    """
    form = current(entity)
    if form is None:
        return dict(values), None
    sent = {key: value for key, value in values.items() if not is_empty(value)}
    declared = {key: value for key, value in sent.items() if key in form.by_key}
    _refuse_internal(form, declared)
    rest = {key: value for key, value in values.items() if key not in form.by_key}
    return {**rest, **form.clean(declared, partial=True)}, form.version_id


def _refuse_internal(form: Form, declared: Mapping[str, Any]) -> None:
    internal = [
        key
        for key in declared
        if form.by_key[key].editable or form.by_key[key].type in _NOT_FOR_VISITORS
    ]
    if internal:
        fields = {f"fields.{key}": ["此字段不能由访客填写"] for key in internal}
        raise Invalid("此字段不能由访客填写", fields=fields)


def write(record: Any, entity: str, values: Any, user: Any, seen: int | None = None) -> None:
    """Set some fields of a locked record, and save it. See `lingxi.fields.records.edit`."""
    form = current(entity)
    kept = edit(record, form, values, user, seen=seen)
    record.save(update_fields=COLUMNS)
    keep_files(form, kept)


def keep_files(form: Form | None, values: Mapping[str, Any]) -> None:
    """Files that fields name are not removed as never sent."""
    keys = [one.key for one in form.fields if one.type == "file"] if form else []
    attachments.keep([values[key] for key in keys if values.get(key)])


def facts_of(record: Any, entity: str) -> dict[str, Any]:
    """The values as facts that are stored and explained: of sensitive fields only the mask."""
    if not record.fields:
        return {}
    form = form_for(record) or current(entity)
    hidden = {one.key: one for one in form.fields if one.sensitive} if form else {}
    return {
        str(key): masked(hidden[key], value) if key in hidden else value
        for key, value in record.fields.items()
    }


def register() -> None:
    """Tell `lingxi.fields` what it cannot know; called once, when the app is ready."""
    hooks.register_file_check(_file)
    hooks.register_customer_check(_customer)
    register_records("customer", Records(_living, str, _page("conversations_customer")))
    register_records("conversation", Records(_every, str, _page("conversations_conversation")))


def _living(schema: Schema) -> QuerySet[Customer]:
    return Customer.objects.filter(merged_into=None)


def _every(schema: Schema) -> QuerySet[Conversation]:
    return Conversation.objects.all()


def _page(name: str) -> Callable[[Any], str]:
    """The address of a record in the admin."""
    return lambda record: reverse(f"admin:{name}_change", args=[record.pk])


def _file(found: uuid.UUID, user: Any) -> Reference | None:
    rows = Attachment.objects.all() if user is None else Attachment.objects.visible_to(user)
    one = rows.filter(pk=found).first()
    if one is None:
        return None
    return Reference(one.name, attachments.signed_url(one.pk, one.name), one.media_type)


def _customer(found: uuid.UUID, user: Any) -> Reference | None:
    rows = Customer.objects.all() if user is None else Customer.objects.visible_to(user)
    one = rows.filter(pk=found).first()
    if one is None:
        return None
    return Reference(one.display_name if user is None else for_viewer(user, one.display_name))
