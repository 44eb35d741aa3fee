"""Published schemas for tests."""

from typing import Any

from lingxi.fields.live import schema_of
from lingxi.fields.models import SchemaVersion
from lingxi.fields.versions import versions


def published(
    entity: str, *definitions: dict[str, Any], key: str = "", by: Any = None
) -> SchemaVersion:
    """The next version of the entity's schema, in force."""
    schema = schema_of(entity, key)
    draft = versions.draft_of(schema, by)
    draft = versions.save_draft(schema, list(definitions), by, draft.revision)
    made: SchemaVersion = versions.publish(schema, by, draft.revision)
    return made
