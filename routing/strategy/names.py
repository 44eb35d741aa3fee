"""The names of groups and agents, as rules and explanations show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.models import Agent, SkillGroup
from routing.strategy.keeping import Kept


@dataclass(frozen=True)
class Names:
    """Names by id (as text). Who is not in it does not exist any more."""

    groups: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)

    def group(self, key: str) -> str:
        """The group's name, or that it is gone."""
        return self.groups.get(key, "已删除的技能组")

    def agent(self, key: str) -> str:
        """The agent's name, or that they are gone."""
        return self.agents.get(key, "已删除的坐席")


def read() -> Names:
    """The names as they stand in the database; two queries."""
    groups = SkillGroup.objects.order_by().values_list("id", "name")
    agents = Agent.objects.order_by().values_list("id", "name")
    return Names({str(pk): name for pk, name in groups}, {str(pk): name for pk, name in agents})


_kept = Kept(read)


def current() -> Names:
    """The names as they were read within the last second; the same object while none changed."""
    return _kept.get()
