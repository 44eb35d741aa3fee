"""What the pages of versions need to know of schemas."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

from django.template.loader import render_to_string

from lingxi.access.models import Role
from lingxi.fields import words
from lingxi.fields.checks import problems_of
from lingxi.fields.form import Form, compile_form
from lingxi.fields.models import Schema
from lingxi.fields.types import TYPES, FieldType
from lingxi.fields.types.numbers import CURRENCIES
from lingxi.fields.types.references import KINDS
from lingxi.fields.versions import types_of, versions
from lingxi.versioned import errors_of
from lingxi.versioned.admin import Desk, Difference

Shown = dict[str, Any]
# Whoever sees every input: roles do not count in a preview.
_EVERYBODY = SimpleNamespace(is_authenticated=True, is_active=True, is_superuser=True)


class SchemaDesk(Desk):
    """The fields of a schema."""

    versions = versions
    route = "fields_schema"
    noun = "字段"
    unit = "个字段"
    scope: ClassVar[str] = (
        "此后新建和编辑的记录按新版本填写；已有记录仍显示原版本，不会丢失任何值。"
    )
    editor_template = "fields/admin/editor.html"
    version_template = "fields/admin/version.html"

    def empty(self) -> Any:
        """No field."""
        return []

    def size(self, content: Any) -> str:
        """How many."""
        return f"{len(content)} 个字段"

    def form(self, owner: Schema) -> Shown:
        """What can be picked, and what cannot be changed any more."""
        return {
            "types": [
                {
                    "value": one.name,
                    "label": one.label,
                    "title": one.label_en,
                    "settings": one.settings,
                }
                for one in TYPES.values()
            ],
            "roles": _choices((role.value, role.label) for role in Role if role != Role.PARTNER),
            "currencies": _choices((code, code) for code in CURRENCIES),
            "kinds": _choices((name, label) for name, (label, _) in KINDS.items()),
            "locked": types_of(owner),
        }

    def said(self, owner: Schema, content: Any) -> Shown:
        """The form as people will see it; nothing while something is wrong."""
        if errors_of(problems_of(content)):
            return {"preview": ""}
        return {"preview": _rendered(compile_form(content))}

    def read(self, owner: Schema, content: Any) -> Shown:
        """Each field in a sentence."""
        return {"sentences": [words.sentence(one) for one in content]}

    def differences(self, owner: Schema, before: Any, after: Any) -> list[Difference]:
        """Fields that are others."""
        if errors_of([*problems_of(before), *problems_of(after)]):
            return []
        return words.differences(before, after)

    def tabs(self, owner: Schema) -> list[tuple[str, str, str, str]]:
        """Fields, versions, records."""
        migrate = ("migrate", "迁移记录", "Move records", self.url("migrate", owner))
        return [*super().tabs(owner), migrate]


def _type(one: FieldType) -> Shown:
    return {
        "value": one.name,
        "label": one.label,
        "title": one.label_en,
        "settings": one.settings,
    }


def _choices(pairs: Any) -> list[dict[str, str]]:
    """(value, label) as scripts take them."""
    return [{"value": value, "label": str(label)} for value, label in pairs]


def _rendered(form: Form) -> str:
    everything = tuple(
        replace(one, visible=frozenset(), editable=frozenset()) for one in form.fields
    )
    values = {one.key: one.default for one in everything}
    controls = Form(None, None, everything).controls(values, _EVERYBODY, scope="preview-")
    return render_to_string("fields/_form.html", {"controls": controls})


DESK = SchemaDesk()
