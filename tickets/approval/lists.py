"""我的审批: what waits for a person, what they asked for, and what they have answered."""

from typing import Any

from django.db.models import Max, Q, QuerySet

from tickets.models import Approval, ApprovalAnswer

TABS = {"waiting": "待我审批", "asked": "我发起的", "done": "已处理"}
State = ApprovalAnswer.State


def waiting_count(user: Any) -> int:
    """How many requests wait for the person."""
    return ApprovalAnswer.objects.filter(user_id=user.pk, state=State.ASKED).count()


def of_tab(tab: str, user: Any) -> "QuerySet[Approval]":
    """The requests of a tab (`TABS`): those that wait longest first, others the latest first."""
    rows: QuerySet[Approval] = Approval.objects.visible_to(user)
    mine = Q(steps__answers__user_id=user.pk)
    if tab == "asked":
        return rows.filter(asked_by_id=user.pk).order_by("-created_at", "-id")
    if tab == "done":
        answered = rows.filter(mine, steps__answers__answered_at__isnull=False)
        return answered.annotate(last=Max("steps__answers__answered_at")).order_by("-last", "-id")
    # Once each: nobody is asked twice in a step, nor in two steps at a time.
    return rows.filter(mine, steps__answers__state=State.ASKED).order_by("created_at", "id")
