"""A pending request and an order on "ticket waiting", and a rule that fires for nothing.

"colleague" asks, "supervisor" is asked; both see the ticket without it.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tickets.models import (
    Approval,
    ApprovalAnswer,
    ApprovalStep,
    EscalationRule,
    SupervisionOrder,
)

FAR = dt.timedelta(days=300)


def add_to(world: Any) -> None:
    """Write them as rows: nobody is told of anything."""
    asker, lead = (world.people[name].user for name in ("colleague", "supervisor"))
    ticket_id = world.id("ticket waiting")
    approval = Approval.objects.create(
        ticket_id=ticket_id, transition="resolve", asked_by=asker, asked_name="同事"
    )
    step = ApprovalStep.objects.create(
        approval=approval, order=0, name="主管", state="pending", started_at=timezone.now()
    )
    ApprovalAnswer.objects.create(step=step, user=lead)
    order = SupervisionOrder.objects.create(
        ticket_id=ticket_id, text="说明进展", due_at=timezone.now() + FAR, ordered_name="规则"
    )
    rule = EscalationRule.objects.create(name="久等", age_hours=Decimal(8000), tag="久等")
    world.ids |= {"approval": approval.pk, "order": order.pk, "escalation rule": rule.pk}
