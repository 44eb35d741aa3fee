"""Fills the fresh database: ``python -m tests.chaos.seed '<json>'``, in the world's environment.

The JSON: ``{"password", "webhook", "casts": [{"key", "agents", "capacity"}]}``. Each cast has a
channel, a skill group and agents of its own, so that the controls do not disturb the main run.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")
WEBHOOKS = ["conversation.created", "message.received", "handoff.to_agent", "conversation.closed"]


def main(plan: dict[str, Any]) -> None:
    """Create everything."""
    django.setup()
    from django.contrib.auth.hashers import make_password

    password = make_password(plan["password"])
    for cast in plan["casts"]:
        _cast(cast, password)
    _ticket_type()
    _endpoint(plan["webhook"])


def _cast(cast: dict[str, Any], password: str) -> None:
    from django.contrib.auth import get_user_model

    from conversations.models import Channel
    from lingxi.access.models import Role, RoleAssignment, Scope
    from routing.models import Agent, SkillGroup

    key = cast["key"]
    group = SkillGroup.objects.create(name=key, slug=key)
    Channel.objects.create(key=key, name=key, group=group)
    for name in cast["agents"]:
        user = get_user_model().objects.create(username=name, password=password)
        RoleAssignment.objects.create(user=user, role=Role.AGENT, scope=Scope.OWN)
        agent = Agent.objects.create(user=user, name=name, capacity=cast["capacity"])
        agent.groups.add(group)


def _ticket_type() -> None:
    from routing.models import SkillGroup
    from tests.chaos.tickets import TYPE
    from tests.tickets.factories import TicketTypeFactory

    group = SkillGroup.objects.create(name="工单", slug="chaos-tickets")
    TicketTypeFactory(key=TYPE, name="工单", group=group)


def _endpoint(url: str) -> None:
    from integrations.models import Endpoint

    # A short time-out: what a killed sender had in hand is free again soon after.
    Endpoint.objects.create(name="chaos", url=url, event_types=WEBHOOKS, timeout_seconds=5)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
