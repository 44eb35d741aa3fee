"""Timers of all open tickets anew, after a rule was added or edited: a job, in batches."""

import time
import uuid
from typing import Any

from django.conf import settings

from lingxi.errors import Conflict
from lingxi.jobs import Work, register, start
from tickets.escalation.conditions import Rule
from tickets.escalation.rules import compiled, forget
from tickets.escalation.timers import follow
from tickets.models import EscalationRule, Ticket

KIND = "tickets.escalation"
BATCH = 500


def ask(rule: EscalationRule, owner: Any = None) -> None:
    """Have the timers of a rule built, in the caller's transaction."""
    forget()
    params, title = {"rule": str(rule.pk)}, f"重建升级计时：{rule.name}"
    try:
        start(KIND, owner=owner, params=params, title=title)
    except Conflict:  # they have too many jobs; this one is the system's as well
        start(KIND, owner=None, params=params, title=title)


@register(KIND, title="重建升级计时", permission="tickets.manage")
def rebuild(work: Work) -> dict[str, Any]:
    """Go through all open tickets by id, a batch in a transaction, with the batch locked."""
    # Other processes may know only the rule as it was for that long. What they change meanwhile
    # must have been changed before it is looked at here.
    time.sleep(settings.LINGXI["LIVE_KEPT"])
    rules = _rules(work.params["rule"])
    work.total = Ticket.objects.active().count() if rules else 0
    more = bool(rules)
    while more:
        with work.step():
            more = _batch(work, rules)
    return {"summary": [["已检查的工单", work.done]]}


def _rules(rule_id: str) -> list[Rule]:
    rows = EscalationRule.objects.filter(pk=rule_id, is_active=True).select_related("calendar")
    return [compiled(row) for row in rows.prefetch_related("types", "groups")]


def _batch(work: Work, rules: list[Rule]) -> bool:
    """Do the next one; whether there may be more."""
    rows = Ticket.objects.active().order_by("pk")
    after = work.checkpoint.get("after")
    if after:
        rows = rows.filter(pk__gt=uuid.UUID(after))
    tickets = list(rows.select_for_update(of=("self",), no_key=True)[:BATCH])
    if not tickets:
        return False
    follow(tickets, rules)
    work.done += len(tickets)
    work.checkpoint["after"] = str(tickets[-1].pk)
    return len(tickets) == BATCH
