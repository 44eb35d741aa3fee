"""Forms of customers and conversations, published; that of customers has a draft besides."""

from typing import Any

from lingxi.fields.versions import versions
from tests.lingxi.fields.factories import published

DEFINITIONS: list[dict[str, Any]] = [
    {"key": "city", "type": "text", "label": "城市"},
    {"key": "internal", "type": "text", "label": "内部", "visible": ["supervisor", "admin"]},
]


def add_to(world: Any) -> None:
    """Write them; records keep the free values that they have."""
    published("conversation", *DEFINITIONS)
    first = published("customer", *DEFINITIONS)
    draft = versions.draft_of(first.schema, None)
    world.ids |= {
        "schema": first.schema_id,
        "schema version": first.pk,
        "schema draft": draft.pk,
    }
