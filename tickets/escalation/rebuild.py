"""Timers of all open tickets anew, after a rule was added or edited: a job, in batches."""

import time
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction

from lingxi.errors import Conflict
from lingxi.jobs import Work, register, start
from lingxi.jobs.models import Job
from lingxi.leases import LeaseState
from routing import schedule
from tickets.escalation.conditions import Rule
from tickets.escalation.rules import compiled, forget
from tickets.escalation.timers import follow
from tickets.models import EscalationRule, Ticket

KIND = "tickets.escalation"
BATCH = 500


@transaction.atomic
def ask(rule: EscalationRule, owner: Any = None) -> None:
    """Have the timers of a rule built, in the transaction of the edit; one job for many edits."""
    forget()
    params, title = {"rule": str(rule.pk)}, f"重建升级计时：{rule.name}"
    # A job whose row we hold cannot begin before we commit, so it will see what was edited.
    rows = Job.objects.select_for_update(skip_locked=True)
    if rows.filter(kind=KIND, params=params, state=LeaseState.WAITING).first() is not None:
        return
    try:
        start(KIND, owner=owner, params=params, title=title)
    except Conflict:  # they have too many jobs; this one is the system's as well
        start(KIND, owner=None, params=params, title=title)


@register(KIND, title="重建升级计时", permission="tickets.manage")
def rebuild(work: Work) -> dict[str, Any]:
    """Go through all open tickets by id, a batch in a transaction, with the batch locked."""
    rules = _rules(work.params["rule"])
    # Other processes know rules and calendars as they were for that long. What they change
    # meanwhile must have been changed before it is looked at here.
    time.sleep(max(settings.LINGXI["LIVE_KEPT"], *(_kept(one) for one in rules)) if rules else 0)
    work.total = Ticket.objects.active().count() if rules else 0
    more = bool(rules)
    while more:
        with work.step():
            more = _batch(work, rules)
    return {"summary": [["已检查的工单", work.done]]}


def _rules(rule_id: str) -> list[Rule]:
    rows = EscalationRule.objects.filter(pk=rule_id, is_active=True).select_related("calendar")
    return [compiled(row) for row in rows.prefetch_related("types", "groups")]


def _kept(rule: Rule) -> float:
    """How long its calendar is trusted; here it is read anew."""
    if rule.calendar is None:
        return 0
    schedule.forget(rule.calendar.pk)
    return schedule.KEPT


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
