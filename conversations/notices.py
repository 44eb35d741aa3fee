"""通知: a line for a person, kept until it is read, with a hint to the sockets they have open."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.shortcuts import get_users_with_perms

from conversations.models import Conversation, Notice
from lingxi.access.models import Role, Scope
from routing.models import SkillGroup

SHOWN = 30
KEPT = dt.timedelta(days=30)
TEXT, URL = 300, 200  # what the columns hold


def notify(
    users: Iterable[Any], text: str, url: str = "", conversation: Conversation | None = None
) -> list[Notice]:
    """Tell each of `users` once, in the caller's transaction; their sockets hear after it.

    `url` is a path of ours that the line leads to; without one it leads to `conversation`, which
    is shown to nobody who may not see it: the page it leads to asks again. `text` must hold
    nothing that has to be masked.
    """
    ids = sorted({user.pk for user in users})
    if not url and conversation is not None:
        url = f"/workbench/?c={conversation.pk}"
    rows = [
        Notice(user_id=pk, text=text[:TEXT], url=url[:URL], conversation=conversation) for pk in ids
    ]
    Notice.objects.bulk_create(rows)
    if ids:
        transaction.on_commit(lambda: _hint(ids), robust=True)
    return rows


def _hint(ids: list[int]) -> None:
    from conversations.realtime import hints

    hints.say(hints.Hint(notices=ids))


def supervisors_of_group(group: SkillGroup) -> list[Any]:
    """Who answers for a group: who holds `supervise` on it, and supervisors of everything.

    Where there are none, those admins who see everything.
    """
    held: Any = get_users_with_perms(
        group,
        only_with_perms_in=["supervise_skillgroup"],
        with_superusers=False,
        with_group_users=True,
    )
    people = get_user_model().objects.filter(is_active=True)
    leads = Q(role_assignment__role__in=[Role.SUPERVISOR, Role.ADMIN], pk__in=held.values("pk"))
    everywhere = Q(role_assignment__role=Role.SUPERVISOR, role_assignment__scope=Scope.ALL)
    found = list(people.filter(leads | everywhere).order_by("pk"))
    admins = Q(role_assignment__role=Role.ADMIN, role_assignment__scope=Scope.ALL)
    return found or list(people.filter(admins | Q(is_superuser=True)).order_by("pk"))


def unread_of(user: Any) -> int:
    """How many lines the person has not read."""
    return _recent(user).filter(read_at=None).count()


def newest_of(user: Any) -> list[Notice]:
    """The person's lines, newest first; at most `SHOWN`."""
    return list(_recent(user)[:SHOWN])


def _recent(user: Any) -> Any:
    return Notice.objects.filter(user_id=user.pk, created_at__gte=timezone.now() - KEPT)


def mark_read(user: Any, notice_id: uuid.UUID | None = None) -> int:
    """Mark one of the person's lines as read, or all; how many were not yet."""
    rows = Notice.objects.filter(user_id=user.pk, read_at=None)
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
    return rows.update(read_at=timezone.now())
