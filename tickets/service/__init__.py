"""The one way to write tickets, for page, API, automation, import and admin alike.

Every function runs in one transaction, locks the ticket first, checks who may, and leaves a
timeline entry, an event and a new revision. Callers hand over ids and a `By`; they never save a
`Ticket` themselves.

Locks are taken in this order: tickets by id, work items, agents. Whoever also holds a conversation
has locked it before the ticket.
"""

from tickets.service.actors import SYSTEM, By
from tickets.service.assigning import assign, claim
from tickets.service.change import Change, change_of
from tickets.service.commenting import comment
from tickets.service.creating import NewTicket, create
from tickets.service.editing import edit
from tickets.service.moving import move, transitions_for
from tickets.service.rating import rate
from tickets.service.relating import link, merge, set_parent, unlink
from tickets.service.watching import unwatch, watch

__all__ = [
    "SYSTEM",
    "By",
    "Change",
    "NewTicket",
    "assign",
    "change_of",
    "claim",
    "comment",
    "create",
    "edit",
    "link",
    "merge",
    "move",
    "rate",
    "set_parent",
    "transitions_for",
    "unlink",
    "unwatch",
    "watch",
]
