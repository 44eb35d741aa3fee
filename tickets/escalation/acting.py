"""What a rule does to a ticket, in one change of it; only reassigning is one of its own."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.contrib.auth import get_user_model

from conversations.notices import notify, supervisors_of_group
from lingxi.errors import LingxiError
from tickets import supervision
from tickets.models import EntryKind, EscalationRule, OrderState, Priority
from tickets.service.actors import By
from tickets.service.assigning import assign
from tickets.service.change import Change, change_of
from tickets.service.creating import checked_tags

logger = structlog.get_logger("tickets.escalation")


def act(rule: EscalationRule, ticket_id: uuid.UUID, at: dt.datetime) -> None:
    """Do everything the rule says, with timeline, event and notices, in the caller's transaction.

    What turns out to be impossible is said in the timeline and keeps nothing else from being done.
    """
    by = By.rule(rule.name)
    moved = _reassign(rule, ticket_id, by)
    with change_of(ticket_id, by, at=at) as change:
        done = [moved, *(step(rule, change) for step in _STEPS)]
        words = [one for one in done if one]
        text = f"触发升级规则“{rule.name}”"
        data = {"rule": rule.name, "actions": words, "changes": change.changes}
        change.entry(EntryKind.ESCALATED, {**data, "text": "；".join([text, *words])})
        about = {"id": str(rule.pk), "name": rule.name}
        change.event("ticket.escalated", {"rule": about, "actions": words})


def _reassign(rule: EscalationRule, ticket_id: uuid.UUID, by: By) -> str:
    agent, group = rule.to_agent, rule.to_group
    if agent is None and group is None:
        return ""
    name = agent.name if agent is not None else group.name  # type: ignore[union-attr]
    try:
        assign(ticket_id, by, agent=agent, group=group, note=f"升级规则“{rule.name}”")
    except LingxiError as error:
        logger.info("escalation could not reassign", rule=rule.name, error=error.code)
        return f"未能转派给{name}：{error.detail}"
    return f"转派给{name}"


def _raise_priority(rule: EscalationRule, change: Change) -> str:
    wanted = rule.to_priority
    if wanted is None or change.ticket.priority >= wanted:
        return ""
    change.set("priority", Priority(wanted))
    return f"优先级提高到{Priority(wanted).label}"


def _tag(rule: EscalationRule, change: Change) -> str:
    tag = rule.tag.strip()
    if not tag or tag in change.ticket.tags:
        return ""
    try:
        change.set("tags", checked_tags([*change.ticket.tags, tag]))
    except LingxiError as error:
        return f"未能添加标签“{tag}”：{error.detail}"
    return f"添加标签“{tag}”"


def _supervise(rule: EscalationRule, change: Change) -> str:
    """An order; one that is still open with the same words is enough."""
    if not rule.order_text or rule.order_hours is None:
        return ""
    open_ones = change.ticket.orders.filter(state=OrderState.OPEN, text=rule.order_text.strip())
    if open_ones.exists():
        return ""
    due = change.at + dt.timedelta(hours=float(rule.order_hours))
    supervision.add(change, rule.order_text, due)
    return "下达督办"


def _notify(rule: EscalationRule, change: Change) -> str:
    ticket, people, whom = change.ticket, [], []
    if rule.notify_assignee and ticket.assignee is not None:
        people.append(ticket.assignee.user)
        whom.append("受理人")
    if rule.notify_supervisors:
        people += supervisors_of_group(ticket.group)
        whom.append("主管")
    named = list(_active(rule))
    people += named
    whom += [user.first_name or user.get_username() for user in named]
    if not people:
        return ""
    line = f"工单 {ticket.reference} 触发升级规则“{rule.name}”"
    notify(people, line, f"/tickets/{ticket.reference}/")
    return "通知" + "、".join(whom)


def _active(rule: EscalationRule) -> Any:
    ids = rule.notify_users.values("pk")
    return get_user_model().objects.filter(pk__in=ids, is_active=True).order_by("pk")


_STEPS: tuple[Callable[[EscalationRule, Change], str], ...] = (
    _raise_priority,
    _tag,
    _supervise,
    _notify,
)
