"""转接: offered, then accepted, refused, timed out or withdrawn; never without an owner."""

from django.utils import timezone

from conversations.changes import Change
from conversations.models import Conversation, Transfer, TransferState
from routing.models import Agent


def settle(
    conversation: Conversation,
    change: Change,
    state: TransferState,
    accepted_by: Agent | None = None,
) -> Transfer | None:
    """End the open transfer of a locked conversation; None when there is none."""
    transfer = conversation.transfers.filter(state=TransferState.OFFERED).first()
    if transfer is None:
        return None
    transfer.state, transfer.decided_at = state, timezone.now()
    transfer.accepted_by = accepted_by
    transfer.save(update_fields=["state", "decided_at", "accepted_by"])
    return transfer
