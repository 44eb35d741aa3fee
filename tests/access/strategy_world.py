"""A strategy with everything it can have: versions, a release, a draft, a trial."""

from typing import Any

from django.utils import timezone

from routing.models import SimulationRun
from routing.strategy import versions


def add_to(world: Any) -> None:
    """Write it, for tickets: nothing routes those, and the one for conversations stays bare."""
    strategy = versions.strategy_of("ticket")
    group = str(world.id("group a"))
    rule = {
        "id": "one",
        "name": "全部",
        "when": {"match": "all", "items": []},
        "then": [{"action": "enqueue", "params": {"group": group}}],
    }
    made = []
    for percent in (100, 20, None):
        draft = versions.draft_of(strategy, by=None)
        draft = versions.save_draft(strategy, [rule], by=None, revision=draft.revision)
        made.append(draft)
        if percent:
            versions.publish(strategy, by=None, revision=draft.revision, percent=percent)
    now = timezone.now()
    run = SimulationRun.objects.create(
        strategy=strategy, rules=[rule], since=now, until=now, state="done"
    )
    world.ids |= {
        "strategy": strategy.pk,
        "strategy version": made[0].pk,
        "strategy release": made[1].pk,
        "trial": run.pk,
    }
