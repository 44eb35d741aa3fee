"""The life of a schema: drafts, publishing, going back."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from lingxi.fields import checks, live
from lingxi.fields.models import Schema
from lingxi.versioned import Problem, Versions, VersionState


def types_of(schema: Schema) -> dict[str, str]:
    """The type of each key in the published versions: it stays for ever."""
    contents = schema.versions.filter(state=VersionState.PUBLISHED).values_list(
        "content", flat=True
    )
    return {one["key"]: one["type"] for content in contents for one in content}


def problems_of(content: Any, schema: Schema) -> Sequence[Problem]:
    """What is wrong with a content for this schema."""
    return checks.problems_of(content, types_of(schema))


class SchemaVersions(Versions[Schema]):
    """Versions of schemas."""

    log_key = "fields"

    def clean(self, content: Any) -> Any:
        """The definitions in the one form."""
        return checks.clean(content)

    def changed(self, owner: Schema) -> None:
        """The next form asks anew, here now and elsewhere once it is committed."""
        live.forget()
        transaction.on_commit(live.forget, robust=True)


versions = SchemaVersions(Schema, problems=problems_of)
