"""The workflow of the tickets' type has a draft beside its version; one comment by name."""

from typing import Any

from tickets.models import Comment, TicketType
from tickets.versions import WORKFLOWS


def add_to(world: Any) -> None:
    """Write them; nothing of it changes what anybody may do with tickets."""
    type = TicketType.objects.get(pk=world.id("ticket type"))
    draft = WORKFLOWS.draft_of(type, by=None)
    said = Comment.objects.filter(ticket=world.id("ticket a"), is_public=True).first()
    world.ids |= {
        "workflow version": type.current_id,
        "workflow draft": draft.pk,
        "ticket comment": said.pk if said else None,
    }
