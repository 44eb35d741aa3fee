"""Which tickets: who may see what."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from guardian.shortcuts import get_objects_for_user

from lingxi.access.models import Role, Scope
from lingxi.access.permissions import role_of, scope_of
from routing.querysets import group_ids_of

if TYPE_CHECKING:
    from tickets.models import Ticket
else:
    Ticket = object


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets."""

    def visible_to(self, user: Any) -> "TicketQuerySet":
        """The one rule of who may see a ticket.

        `all`: every one. `group`: those of the person's groups. `own`: those that wait in the
        person's groups without an assignee. Besides, to both, those that have to do with them:
        assigned to, made or watched by them, or put before them for approval. Of restricted types
        only the latter, unless the type is entrusted to them or they are admins. Partners none.
        """
        scope, role = scope_of(user), role_of(user)
        if scope is None or role == Role.PARTNER:
            return self.none()
        concerned = _concerns(user)
        rows = self
        if scope == Scope.GROUP:
            rows = rows.filter(Q(group__in=group_ids_of(user)) | concerned)
        elif scope == Scope.OWN:
            waiting = Q(assignee=None, group__in=group_ids_of(user))
            rows = rows.filter(waiting | concerned)
        if role == Role.ADMIN:
            return rows
        hidden = _hidden_types(user)
        return rows.filter(~Q(type__in=hidden) | concerned) if hidden else rows

    def active(self) -> "TicketQuerySet":
        """Neither resolved nor closed."""
        return self.exclude(category__in=["resolved", "closed"])

    def supervised(self) -> "TicketQuerySet":
        """被督办: those on which an order waits for its answer."""
        from tickets.models import SupervisionOrder

        return self.filter(pk__in=SupervisionOrder.objects.filter(state="open").values("ticket_id"))

    def for_customer(self, customer_id: Any) -> "TicketQuerySet":
        """What a customer sees in their own window; what was merged stands for itself no more."""
        return self.filter(requester_id=customer_id, merged_into=None)


def _concerns(user: Any) -> Q:
    """Those that have to do with the person."""
    from routing.models import Agent
    from tickets.models import ApprovalAnswer, Watcher

    watched = Watcher.objects.filter(user_id=user.pk).values("ticket_id")
    asked = ApprovalAnswer.objects.filter(user_id=user.pk).values("step__approval__ticket_id")
    # Not `assignee__user_id`: to join every ticket with its agent takes longer than all the rest.
    desks = Agent.objects.filter(user_id=user.pk).values("pk")
    mine = Q(assignee__in=desks) | Q(created_by_id=user.pk)
    return mine | Q(pk__in=watched) | Q(pk__in=asked)


def _hidden_types(user: Any) -> list[Any]:
    """Restricted types that are not entrusted to the person; kept on the user for the request."""
    if not hasattr(user, "_hidden_ticket_types"):
        from tickets.models import TicketType

        restricted = set(TicketType.objects.filter(is_restricted=True).values_list("pk", flat=True))
        if restricted:
            entrusted = get_objects_for_user(
                user, "tickets.view_tickets", klass=TicketType, with_superuser=False
            )
            restricted -= set(entrusted.values_list("pk", flat=True))
        user._hidden_ticket_types = sorted(restricted)
    return user._hidden_ticket_types


class OfTicketQuerySet(models.QuerySet[Any]):
    """Rows that belong to a ticket are seen by those who see the ticket."""

    def visible_to(self, user: Any) -> Any:
        """Those of the tickets the person may see."""
        from tickets.models import Ticket

        return self.filter(ticket__in=Ticket.objects.visible_to(user))
