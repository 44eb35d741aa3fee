"""Who does something to a ticket."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conversations.models import Customer
from lingxi.access.permissions import check, role_of
from routing.querysets import group_ids_of
from tickets.models import ActorKind, Ticket


@dataclass(frozen=True)
class By:
    """A member of staff, the requester, a rule (automation) or the system itself.

    Staff are limited by role and workflow, customers by the workflow's relations; a rule by what
    the workflow leaves to rules; the system by nothing (an approval that was given, a merge).
    """

    kind: ActorKind
    user: Any = None
    customer: Customer | None = None
    name: str = ""

    @classmethod
    def staff(cls, user: Any) -> "By":
        """This person."""
        return cls(ActorKind.USER, user=user, name=user.first_name or user.get_username())

    @classmethod
    def requester(cls, customer: Customer) -> "By":
        """The customer whose ticket it is."""
        return cls(ActorKind.CUSTOMER, customer=customer, name=customer.display_name)

    @classmethod
    def rule(cls, name: str) -> "By":
        """An automation rule."""
        return cls(ActorKind.RULE, name=name[:80])

    @property
    def role(self) -> str:
        """The role of a member of staff; empty for others."""
        return str(role_of(self.user) or "") if self.user is not None else ""

    def check(self, permission: str) -> None:
        """Raises `Forbidden` for staff without `permission`; others are not limited by it."""
        if self.user is not None:
            check(self.user, permission)

    def relations(self, ticket: Ticket) -> Iterator[str]:
        """What they are to the ticket, in the workflow's words."""
        if self.kind == ActorKind.RULE:
            yield "rule"
        if self.customer is not None and self.customer.pk == ticket.requester_id:
            yield "customer"
        if self.user is not None:
            yield from _relations_of(self.user, ticket)


def _relations_of(user: Any, ticket: Ticket) -> Iterator[str]:
    if ticket.assignee is not None and ticket.assignee.user_id == user.pk:
        yield "assignee"
    if ticket.created_by_id == user.pk:
        yield "creator"
    if ticket.group_id in group_ids_of(user):
        yield "group"
    if ticket.watchers.filter(user_id=user.pk).exists():
        yield "watcher"


SYSTEM = By(ActorKind.SYSTEM, name="系统")
