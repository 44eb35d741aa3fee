"""URLs of import and export. What somebody uploads is theirs alone. Part of the oracle."""

from collections.abc import Iterator

from tests.access.oracle import LEADERS
from tests.access.route import Route

DATA = "标题,原因\n退款,太慢\n".encode()
_ONE = "tickets/import/<uuid:upload_id>/"


class Upload:
    """A file that can be sent again and again."""

    name, content_type = "工单.csv", "text/csv"

    def read(self) -> bytes:
        """All of it."""
        return DATA


def transfer_routes() -> Iterator[Route]:
    """From the upload to the import, and the export of a list."""
    page, of = "tickets/import/", (("upload_id", "upload of supervisor"),)
    yield Route(page, LEADERS)
    yield Route(page, LEADERS, "POST", body={"type": "refund", "file": Upload()})
    template = f"{page}template/"
    yield Route(template, LEADERS, url=f"{template}?type=refund")
    mapping = {"column.0": "title", "column.1": "fields.form"}
    yield Route(_ONE, LEADERS, kind="of supervisor", things=of)
    yield Route(_ONE, LEADERS, "POST", kind="of supervisor", things=of, body=mapping)
    yield Route(f"{_ONE}run/", LEADERS, "POST", kind="of supervisor", things=of)
    yield Route("tickets/export/", LEADERS)
    wanted = {"query": "", "columns": "title", "format": "csv"}
    yield Route("tickets/export/", LEADERS, "POST", body=wanted)
