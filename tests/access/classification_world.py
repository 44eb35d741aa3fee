"""Issue types, and suggestions for tickets that somebody corrected."""

from typing import Any

from django.utils import timezone

from tests.tickets.factories import IssueTypeFactory
from tickets.models import Guess


def add_to(world: Any) -> None:
    """One issue type without tickets, and a corrected suggestion for each of two tickets."""
    made: list[Any] = [IssueTypeFactory(name=name) for name in ("发票", "物流", "退换")]
    kept, said, chosen = made
    world.ids["issue type"] = kept.pk
    for name in ("ticket a", "ticket b"):
        Guess.objects.create(
            ticket_id=world.id(name),
            issue_type=said,
            by="learned",
            probability=0.6,
            words=[["快递", 1.5]],
            chosen=chosen,
            corrected_by=world.people["admin"].user,
            corrected_at=timezone.now(),
        )
