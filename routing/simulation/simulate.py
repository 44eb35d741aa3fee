"""One trial from beginning to end: read the past, let it come again twice, say what differs."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from routing.models import SkillGroup
from routing.simulation.comparison import Comparison
from routing.simulation.past import Past, Period
from routing.simulation.staff import agent_plans, group_plans, presence_in
from routing.simulation.trial import Trial
from routing.strategy import names

# After the last arrival both simulations run on for so long, to serve who still waits.
DRAIN = dt.timedelta(hours=1)
EACH = 200  # arrivals between two looks at the clock

Progress = Callable[[int, int], None]


def simulate(
    kind: str, rules: Sequence[Any], since: dt.datetime, until: dt.datetime, progress: Progress
) -> dict[str, Any]:
    """The result of trying `rules` on the traffic of `kind`; `progress` gets done and total.

    "Before" and "after" both come from the same simulator (see `Comparison`). Whatever `progress`
    raises ends the trial.
    """
    period = Period(kind, since, until)
    past = Past(period)
    progress(0, 0)
    past.read_medians()
    total = past.count()
    progress(0, total)
    horizon = until + DRAIN
    presence = presence_in(period, horizon)
    groups = list(SkillGroup.objects.select_related("business_hours"))
    trial = Trial(rules, groups, names.read())
    comparison = Comparison(group_plans(groups), agent_plans(period, presence), trial.decide)
    for done, item in enumerate(past.arrivals(), 1):
        comparison.feed(item)
        if done % EACH == 0:
            progress(done, max(done, total))
    result = comparison.finish(horizon.timestamp())
    return {**result, "presence": presence.as_dict()}
