"""Edits in admin that routing must hear of: an agent's groups."""

from typing import Any

from django.db.models.signals import m2m_changed

from routing.assignment import rerun_for_agents_on_commit, rerun_on_commit
from routing.models import Agent


def _groups_changed(instance: Any, action: str, pk_set: set[Any] | None, **kwargs: Any) -> None:
    if not action.startswith("post_"):
        return
    if isinstance(instance, Agent):
        rerun_for_agents_on_commit([instance.pk])
    else:
        rerun_on_commit([instance.pk])


def connect() -> None:
    """Listen."""
    m2m_changed.connect(_groups_changed, sender=Agent.groups.through, dispatch_uid="agent-groups")
