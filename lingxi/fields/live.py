"""The forms in force, kept in each process: a published version never changes."""

import time
import uuid
from collections import OrderedDict

from django.conf import settings

from lingxi.errors import NotFound
from lingxi.fields.form import Form, compile_form
from lingxi.fields.models import Entity, Schema, SchemaVersion
from lingxi.versioned.models import VersionState

KEPT_FORMS = 500
_forms: OrderedDict[uuid.UUID, Form] = OrderedDict()
_current: dict[tuple[str, str], tuple[float, uuid.UUID | None]] = {}


def schema_of(entity: str, key: str = "", name: str = "") -> Schema:
    """The schema, made when there is none yet."""
    defaults = {"name": name or f"{Entity(entity).label}字段"}
    return Schema.objects.get_or_create(entity=entity, key=key, defaults=defaults)[0]


def current(entity: str, key: str = "") -> Form | None:
    """The form for what is written now, at most a second old; None while nothing is published."""
    kept, now = _current.get((entity, key)), time.monotonic()
    if kept is None or now >= kept[0]:
        found = Schema.objects.filter(entity=entity, key=key).values_list("current_id", flat=True)
        kept = (now + settings.LINGXI["LIVE_KEPT"], found.first())
        _current[entity, key] = kept
    return form_of(kept[1]) if kept[1] else None


def form_of(version_id: uuid.UUID) -> Form:
    """The form of a version. Raises `NotFound`."""
    kept = _forms.get(version_id)
    if kept is None:
        version = SchemaVersion.objects.filter(pk=version_id).first()
        if version is None:
            raise NotFound("没有这个字段版本")
        kept = form_of_version(version)
        if version.state == VersionState.PUBLISHED:
            _forms[version_id] = kept
            while len(_forms) > KEPT_FORMS:
                _forms.popitem(last=False)
    return kept


def form_of_version(version: SchemaVersion) -> Form:
    """The form of a row, compiled anew: a draft is none that may be kept."""
    earlier = SchemaVersion.objects.filter(schema_id=version.schema_id).exclude(number=None)
    if version.number is not None:
        earlier = earlier.filter(number__lt=version.number)
    contents = list(earlier.order_by("-number").values_list("content", flat=True))
    return compile_form(
        version.content, version_id=version.pk, number=version.number, earlier=contents
    )


def forget() -> None:
    """Look for what is in force again next time."""
    _current.clear()
