"""Before and after: the same traffic, twice through the same simulator.

What really happened cannot be compared with a simulation: the simulator knows nothing of coffee
breaks within a ready period, of offers let pass or of conversations handed on. So "before" is a
simulation too, with each item in the group it really went to, and stands beside "after", where
the rules on trial place it. The measured figures are shown with both, as a check of how near the
simulator comes.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from routing.simulation.floor import Floor
from routing.simulation.parts import AgentPlan, Arrival, GroupPlan, Placement
from routing.simulation.tally import Tallies, Tally

Whereto = uuid.UUID | str  # a group, or an outcome other than queueing
Decider = Callable[[Arrival, Floor], Placement]

MOST_EXAMPLES = 50
# Of an example only these facts are shown: none of them says who somebody is.
SHOWN = (
    *("channel", "channel_kind", "entry_page", "utm_source", "utm_medium", "utm_campaign"),
    *("intent", "language", "customer_level", "returning", "pages_seen", "seconds_on_site"),
)
OUTCOMES = {"bot": "交给机器人", "offline": "留言"}
DEFINITIONS = {
    "before": "把每个会话放进它当时实际进入的技能组，用同一个模拟器重算；与“之后”可直接比较。",
    "after": "用试算的规则重新决定每个会话去哪里，再用同一个模拟器计算。",
    "actual": "当时的实测值，用来判断模拟器与现实差多少；不与“之后”直接比较。",
    "queue": "排队时长：从入队到分配的秒数，只含被接待的会话；p50、p90 取排序后的相应值。",
    "abandoned_share": "放弃 ÷（接待 + 放弃 + 仍在排队）。",
    "unserved_share": "（放弃 + 仍在排队）÷（接待 + 放弃 + 仍在排队）。",
    "patience": "当时未被接待就离开的访客，等到他当时离开的时长为止；其他访客视为一直等。",
    "service": "接待时长取该会话当时的实际时长；未知时取该技能组的中位数。",
    "agents": "坐席的技能组、技能值与接待上限按现在的设置；在线时段按状态记录。",
    "left_out": "不模拟：溢出、转接、应答时限、突发上限、排班；抢接和手动分配按最少接待计算。",
    "traffic": "期间内每个会话的第一次决定（转接与溢出不算）；交给机器人的按不再转人工计算。",
}


class Comparison:
    """Takes arrivals in order of time, then gives the result."""

    def __init__(
        self, groups: Iterable[GroupPlan], agents: Iterable[AgentPlan], decide: Decider
    ) -> None:
        groups, agents = list(groups), list(agents)
        self.names = {plan.group_id: plan.name for plan in groups}
        self.before, self.after, self.actual = Tallies(), Tallies(), Tallies()
        self._before = Floor(groups, agents, self.before.record)
        self._after = Floor(groups, agents, self.after.record)
        self._decide = decide
        self._moves: Counter[tuple[Whereto, Whereto, tuple[str, str]]] = Counter()
        self._examples: list[dict[str, Any]] = []

    def feed(self, item: Arrival) -> None:
        """One arrival; the decision sees the simulated floor at that moment."""
        self.actual.add(item.group_id, item.fate, item.waited)
        before = item.as_placed or Placement(item.group_id)
        self._before.arrive(item, before)
        self._after.advance(item.at)
        placed = self._decide(item, self._after)
        self._after.arrive(item, placed)
        source, target = self._key(before), self._key(placed)
        if source != target:
            self._moved(item, source, target, placed.rule)

    def _key(self, placed: Placement) -> Whereto:
        return placed.group_id if placed.outcome == "queue" else placed.outcome

    def _moved(
        self, item: Arrival, source: Whereto, target: Whereto, rule: tuple[str, str]
    ) -> None:
        self._moves[source, target, rule] += 1
        if len(self._examples) < MOST_EXAMPLES:
            self._examples.append(
                {
                    "item_id": str(item.item_id),
                    "at": item.at,
                    "facts": shown(item.facts),
                    "rule": rule[1],
                    "from": self._where(source),
                    "to": self._where(target),
                }
            )

    def _where(self, where: Whereto) -> dict[str, str]:
        if isinstance(where, str):
            return {"id": where, "name": OUTCOMES[where]}
        return {"id": str(where), "name": self.names.get(where, "")}

    def finish(self, at: float) -> dict[str, Any]:
        """Let both run on until `at`, and say what came out."""
        self._before.close(at)
        self._after.close(at)
        moves = [
            {
                "from": self._where(source),
                "to": self._where(target),
                "rule": {"id": rule[0], "name": rule[1]},
                "count": count,
            }
            for (source, target, rule), count in self._moves.most_common()
        ]
        return {
            "total": self._figures(Tally(), None),
            "groups": self._groups(),
            "moved": sum(self._moves.values()),
            "moves": moves,
            "examples": self._examples,
            "definitions": DEFINITIONS,
        }

    def _groups(self) -> list[dict[str, Any]]:
        seen = {*self.before.groups, *self.after.groups, *self.actual.groups}
        return [
            {"group": self._where(group_id), **self._figures(Tally(), group_id)}
            for group_id in sorted(seen, key=lambda pk: (self.names.get(pk, ""), pk))
        ]

    def _figures(self, nothing: Tally, group_id: uuid.UUID | None) -> dict[str, Any]:
        sides = {"before": self.before, "after": self.after, "actual": self.actual}
        return {
            name: (side.all if group_id is None else side.groups.get(group_id, nothing)).figures()
            for name, side in sides.items()
        }


def shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an example without personal data: some only, addresses without their query."""
    found = {key: facts[key] for key in SHOWN if facts.get(key) not in (None, "", [], {})}
    if "entry_page" in found:
        found["entry_page"] = _path_only(str(found["entry_page"]))
    return found


def _path_only(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
