"""Published workflows, compiled once per process."""

import uuid
from functools import lru_cache

from lingxi.errors import Conflict
from tickets.models import Ticket, TicketType, TypeVersion
from tickets.workflow import Workflow, parse


def workflow_of(ticket: Ticket) -> Workflow:
    """The workflow that the ticket was made with."""
    return compiled(ticket.type_version_id)


@lru_cache(maxsize=200)
def compiled(version_id: uuid.UUID) -> Workflow:
    """The workflow of a published version, which is frozen."""
    return parse(TypeVersion.objects.only("content").get(pk=version_id).content)


def in_force(type: TicketType) -> TypeVersion:
    """The version new tickets of the type get. Raises `Conflict` when none is published."""
    if type.current_id is None:
        raise Conflict("该工单类型还没有发布流程")
    return type.current  # type: ignore[return-value]
