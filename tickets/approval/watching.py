"""What other changes of a ticket mean to its pending request; a listener of the service.

Another status ends the request: what was asked for starts from where the ticket was. Custom
fields stand still while it is pending, so that nobody approves one amount and pays another.
"""

from lingxi.errors import Conflict
from tickets.approval.asking import pending_of
from tickets.approval.deciding import give_up
from tickets.service.change import Change
from tickets.workflows import workflow_of


def on_change(change: Change) -> None:
    """Raises `Conflict` for changed fields."""
    if "created" in change.kinds:
        return
    ticket, before = change.ticket, change.before
    has_moved = ticket.status != before["status"]
    if not has_moved and ticket.fields == before["fields"]:
        return
    approval = pending_of(ticket)
    if approval is None or approval.created_at == change.at:
        return
    if not has_moved:
        raise Conflict("审批进行中，不能修改字段；请先撤回审批", fields={"fields": ["审批进行中"]})
    name = workflow_of(ticket).status(ticket.status).name
    give_up(change, approval, f"工单已变为“{name}”")
