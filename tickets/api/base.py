"""What the views share: finding a ticket by what stands in the path, revisions, who acts."""

from typing import Any

from rest_framework.request import Request

from conversations.api.base import AgentView
from lingxi.errors import Invalid, NotFound
from lingxi.ids import parse_id
from tickets.models import Ticket, number_of
from tickets.service import By
from tickets.service.change import RELATED

MAX_REVISION = 2**31 - 1


class TicketView(AgentView):
    """A view for people who may see tickets."""

    permission = "tickets.view"

    @property
    def by(self) -> By:
        """The caller as one who acts."""
        return By.staff(self.person)

    def ticket(self, reference: str) -> Ticket:
        """A ticket by number or id; one the caller may not see does not exist for them."""
        found = find(self.person, reference)
        if found is None:
            raise NotFound("工单不存在，或你无权查看")
        return found


def find(user: Any, reference: str) -> Ticket | None:
    """The visible ticket that `reference` (T100001, 100001 or an id) names."""
    rows = Ticket.objects.visible_to(user).select_related(*RELATED, "parent", "merged_into")
    pk = parse_id(reference)
    if pk is not None:
        return rows.filter(pk=pk).first()
    number = number_of(reference)
    return rows.filter(number=number).first() if number is not None else None


def revision_of(request: Request, said: Any = None) -> int | None:
    """The revision that the caller has seen: `If-Match: "7"`, or `revision` in the body.

    Raises `Invalid` for what is no revision.
    """
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not header:
        return said
    if not (header.isascii() and header.isdecimal() and len(header) < 10):
        raise Invalid("If-Match 应为工单的 revision", fields={"revision": ["不是整数"]})
    return int(header)
