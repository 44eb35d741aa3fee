"""Public identifiers: UUID version 7 (RFC 9562), time-ordered and not guessable."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A fresh UUIDv7. Ids made later sort later, which keeps B-tree inserts local."""
    return uuid_utils.compat.uuid7()


def parse_id(value: object) -> uuid.UUID | None:
    """The UUID that `value` spells, or None when it spells none."""
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
