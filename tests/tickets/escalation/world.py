"""Rules, and time that passes."""

import datetime as dt
from typing import Any

from django.utils import timezone

from tests.tickets import factories
from tickets.escalation import rules
from tickets.models import EscalationRule, Ticket

HOUR = dt.timedelta(hours=1)
_MANY = ("types", "groups", "notify_users")


def rule(name: str = "久等", **said: Any) -> EscalationRule:
    """An active rule that tags, unless said otherwise; in force at once."""
    many = {key: said.pop(key) for key in _MANY if key in said}
    actions = {"to_priority", "to_group", "to_agent", "order_text", "notify_assignee", "tag"}
    if not (actions & set(said) or many.get("notify_users") or said.get("notify_supervisors")):
        said["tag"] = name
    row = EscalationRule.objects.create(name=name, **said)
    for key, rows in many.items():
        getattr(row, key).set(rows)
    rules.forget()
    return row


def later(hours: float) -> dt.datetime:
    """So many hours from now."""
    return timezone.now() + hours * HOUR


def ticket(type: Any = None, **more: Any) -> Ticket:
    """A ticket."""
    return factories.ticket(type, **more)
