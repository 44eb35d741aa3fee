"""A refund that needs approval, and the people around it."""

import copy
from typing import Any

from tests import factories as base
from tests.tickets import factories
from tickets import service
from tickets.models import Approval, Ticket
from tickets.service import By
from tickets.workflow import STANDARD

FORM = [{"key": "amount", "type": "money", "label": "金额"}]
LEAD = {"kind": "role", "value": "supervisor"}


def step(name: str = "主管", **more: Any) -> dict[str, Any]:
    """A step of a chain; by any supervisor unless said otherwise."""
    return {"name": name, "mode": "one", "approvers": [LEAD], "when": [], **more}


def by_users(*users: Any) -> list[dict[str, Any]]:
    """Named approvers."""
    return [{"kind": "user", "value": str(user.pk)} for user in users]


def refunds(*steps: dict[str, Any], **more: Any) -> Any:
    """A type whose transition "resolve" needs these steps."""
    content = copy.deepcopy(STANDARD)
    content["approvals"] = [{"key": "refund", "name": "退款审批", "steps": list(steps)}]
    for one in content["transitions"]:
        if one["key"] == "resolve":
            one["approval"] = "refund"
            one.update(more)
    return factories.TicketTypeFactory(workflow=content, form=FORM)


class World:
    """An agent with a ticket of `type` in their hands, a supervisor and an admin."""

    def __init__(self, *steps: dict[str, Any], amount: Any = 200, **more: Any) -> None:
        self.type = refunds(*(steps or (step(),)), **more)
        self.agent = base.AgentFactory(groups=[self.type.group])
        self.asker = self.agent.user
        self.lead = base.UserFactory(role="supervisor", scope="all")
        self.admin = base.UserFactory(role="admin", scope="all")
        self.ticket = factories.ticket(
            self.type, assignee=self.agent, fields={"amount": amount} if amount else {}
        )

    def ask(self, **more: Any) -> Approval | None:
        """The agent resolves the ticket; the request that this makes."""
        return ask(self.ticket, self.asker, **more)

    def now(self) -> Ticket:
        """The ticket as it is now."""
        return Ticket.objects.get(pk=self.ticket.pk)


def ask(ticket: Ticket, user: Any, **more: Any) -> Approval | None:
    """Somebody resolves a ticket; the request that this makes."""
    service.move(ticket.pk, "resolve", By.staff(user), **more)
    return Approval.objects.filter(ticket=ticket).order_by("-created_at").first()
