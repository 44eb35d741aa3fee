"""Edits in admin that others must hear of: an agent's groups, a person's rights."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from conversations import moderation, service
from conversations.models import SensitiveWord, ServiceSettings
from conversations.realtime import hints
from lingxi.access.models import RoleAssignment
from routing.assignment import rerun_for_agents_on_commit, rerun_on_commit
from routing.models import Agent


def _groups_changed(instance: Any, action: str, pk_set: set[Any] | None, **kwargs: Any) -> None:
    if not action.startswith("post_"):
        return
    if isinstance(instance, Agent):
        rerun_for_agents_on_commit([instance.pk])
    else:
        rerun_on_commit([instance.pk])


def _rights_changed(instance: Any, **kwargs: Any) -> None:
    """Open sockets of a person whose role, password or activity changed are looked at again."""
    user_id = instance.user_id if isinstance(instance, RoleAssignment) else instance.pk
    transaction.on_commit(lambda: hints.say(hints.Hint(rights=[user_id])), robust=True)


def _settings_changed(**kwargs: Any) -> None:
    """This process uses the new ones at once, the others in seconds."""
    service.forget()


def connect() -> None:
    """Listen."""
    post_save.connect(moderation.changed, sender=SensitiveWord, dispatch_uid="words-saved")
    for signal in (post_save, post_delete):
        signal.connect(_settings_changed, sender=ServiceSettings, dispatch_uid="service-settings")
    post_delete.connect(moderation.changed, sender=SensitiveWord, dispatch_uid="words-deleted")
    for sender in (RoleAssignment, get_user_model()):
        name = f"rights-{sender.__name__}"
        post_save.connect(_rights_changed, sender=sender, dispatch_uid=f"{name}-saved")
        post_delete.connect(_rights_changed, sender=sender, dispatch_uid=f"{name}-deleted")
    m2m_changed.connect(_groups_changed, sender=Agent.groups.through, dispatch_uid="agent-groups")
