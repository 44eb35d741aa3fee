"""Who is asked in a step, and whether they may still answer.

Asked are active people whose role may approve at all; never the one who asks. A step that leaves
nobody goes to the admins. The role is looked at again when somebody answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from conversations.notices import supervisors_of_group
from lingxi.access.models import Role
from lingxi.access.permissions import PERMISSIONS, can, role_of
from routing.models import SkillGroup
from tickets.approval.chain import Step
from tickets.models import ApprovalAnswer, Ticket

ADMIN = str(Role.ADMIN)


@dataclass(frozen=True)
class Asked:
    """Somebody to ask, and by what they are asked (see `ApprovalAnswer`)."""

    user: Any
    as_role: str = ""
    as_group: SkillGroup | None = None


def approvers() -> QuerySet[Any]:
    """Active people whose role may approve."""
    may = Q(role_assignment__role__in=PERMISSIONS["tickets.approve"]) | Q(is_superuser=True)
    return get_user_model().objects.filter(may, is_active=True).order_by("pk")


def of_step(step: Step, ticket: Ticket, asker_id: int | None) -> list[Asked]:
    """Who is to be asked; the admins when nobody else is left, empty when not even they are."""
    named = [one for said in step.approvers for one in _of(said, ticket)]
    return _without(named, asker_id) or _without(_admins(), asker_id)


def above(ticket: Ticket, asker_id: int | None, known: Iterable[int]) -> list[Asked]:
    """Who is asked when a step ran out of time: supervisors of the group, else admins."""
    asked = set(known)
    leads = [Asked(user, as_group=ticket.group) for user in supervisors_of_group(ticket.group)]
    for found in (leads, _admins()):
        new = [one for one in _without(found, asker_id) if one.user.pk not in asked]
        if new:
            return new
    return []


def _of(said: Mapping[str, Any], ticket: Ticket) -> list[Asked]:
    kind, value = said.get("kind"), str(said.get("value") or "")
    if kind == "role":
        return [Asked(user, as_role=value) for user in _with_role(value)]
    if kind == "group_supervisor":
        able = {user.pk for user in approvers()}
        leads = supervisors_of_group(ticket.group)
        return [Asked(user, as_group=ticket.group) for user in leads if user.pk in able]
    if kind == "user" and value.isascii() and value.isdecimal():
        return [Asked(user) for user in approvers().filter(pk=int(value))]
    return []


def _with_role(role: str) -> QuerySet[Any]:
    is_admin = Q(is_superuser=True) if role == ADMIN else Q(pk__in=[])
    return approvers().filter(Q(role_assignment__role=role, is_superuser=False) | is_admin)


def _admins() -> list[Asked]:
    return [Asked(user, as_role=ADMIN) for user in _with_role(ADMIN)]


def _without(found: Iterable[Asked], asker_id: int | None) -> list[Asked]:
    """Each person once, without the one who asks."""
    by_id: dict[int, Asked] = {}
    for one in found:
        if one.user.pk != asker_id:
            by_id.setdefault(one.user.pk, one)
    return list(by_id.values())


def may_still(answer: ApprovalAnswer) -> bool:
    """Whether who was asked may answer now, as the database says now."""
    user = get_user_model().objects.filter(pk=answer.user_id, is_active=True).first()
    if user is None or not can(user, "tickets.approve"):
        return False
    if answer.as_role:
        return str(role_of(user)) == answer.as_role
    if answer.as_group is not None:
        return user in supervisors_of_group(answer.as_group)
    return True


def find(value: Any) -> Any:
    """The approver with this id or user name; None when there is none."""
    text = str(value or "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return approvers().filter(pk=int(text)).first()
    return approvers().filter(username=text).first() if text else None
