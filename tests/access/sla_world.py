"""A policy whose targets are far off: nothing of it changes what anybody may do with tickets."""

from typing import Any

from tickets.models import SlaPolicy


def add_to(world: Any) -> None:
    """Write it."""
    policy = SlaPolicy.objects.create(name="标准时效", first_response=600, resolution=6000)
    world.ids["sla policy"] = policy.pk
