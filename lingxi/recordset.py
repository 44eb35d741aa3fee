"""Many rows to PostgreSQL in one statement, as one JSON text.

`json_to_recordset(%s::json) AS t(id uuid, ...)` takes them apart again. Next to arrays or a
VALUES list this costs Python almost nothing: orjson writes dataclasses, UUIDs and times by
itself.
"""

from collections.abc import Sequence
from typing import Any

import orjson


def recordset(rows: Sequence[Any]) -> str:
    """The rows, dataclasses or dicts, as the text for `json_to_recordset`."""
    return orjson.dumps(rows, option=orjson.OPT_UTC_Z).decode()
