"""Facts, rules and live numbers made for tests; nothing here asks a database."""

import datetime as dt
import uuid
from typing import Any

from routing.models import SkillGroup
from routing.strategy import Compiled, Decision, Live, Names, compile_rules, decide_with
from routing.strategy.facts import CHOICE, CUSTOM, FLAG, LABELS, NUMBER, TEXT, Fact
from routing.strategy.live import ReadyAgent

DEFAULT = SkillGroup(id=uuid.UUID(int=1), name="默认")
SALES = SkillGroup(id=uuid.UUID(int=2), name="售前")
SERVICE = SkillGroup(id=uuid.UUID(int=3), name="售后")
WANG, LI = uuid.UUID(int=11), uuid.UUID(int=12)
GONE = str(uuid.UUID(int=99))
NAMES = Names(
    groups={str(group.id): group.name for group in (DEFAULT, SALES, SERVICE)},
    agents={str(WANG): "王丽", str(LI): "李强"},
)
NOON = dt.datetime(2026, 11, 18, 4, 0, tzinfo=dt.UTC)  # Wednesday, 12:00 in Shanghai


class Page(Fact):
    name, label, label_en, help = "t_page", "页面", "Page", "测试用。"
    type = TEXT


class Pages(Fact):
    name, label, label_en, help = "t_pages", "页数", "Pages", "测试用。"
    type, unit = NUMBER, "页"


class Level(Fact):
    name, label, label_en, help = "t_level", "等级", "Level", "测试用。"
    type = CHOICE
    choices = (("gold", "金卡"), ("silver", "银卡"), ("1", "一级"))


class Tags(Fact):
    name, label, label_en, help = "t_tags", "标签", "Tags", "测试用。"
    type = LABELS


class Back(Fact):
    name, label, label_en, help = "t_back", "老客", "Returning", "测试用。"
    type = FLAG


class Field(Fact):
    name, label, label_en, help = "t_field", "字段", "Field", "测试用。"
    type, subject = CUSTOM, "custom_field"

    def read(self, moment: Any, subject: str) -> Any:
        return moment.facts.get("t_fields", {}).get(subject)


ALL = (Page, Pages, Level, Tags, Back, Field)


class Floor(Live):
    """A floor with these ready agents and queues (group: how many, seconds of the longest)."""

    def __init__(self, *agents: ReadyAgent, queues: Any = None, open_groups: Any = ()) -> None:
        self.agents = {str(agent.id): agent for agent in agents}
        self.queues, self.open_groups = queues or {}, open_groups
        self.asked = 0

    def waiting(self, group: str) -> int:
        self.asked += 1
        return self.queues.get(group, (0, 0))[0]

    def longest_wait(self, group: str, at: dt.datetime) -> float:
        return self.queues.get(group, (0, 0))[1]

    def ready(self, group: str) -> int:
        return sum(group in agent.groups for agent in self.agents.values())

    def is_open(self, group: str, at: dt.datetime) -> bool:
        return group in self.open_groups

    def agent(self, agent_id: str) -> ReadyAgent | None:
        return self.agents.get(agent_id)

    def supervisors(self) -> list[ReadyAgent]:
        return [agent for agent in self.agents.values() if agent.is_supervisor]


def ready(agent_id: uuid.UUID, *groups: SkillGroup, **more: Any) -> ReadyAgent:
    """An agent of these groups who is ready."""
    name = NAMES.agent(str(agent_id))
    return ReadyAgent(agent_id, name, tuple(str(group.id) for group in groups), **more)


def cond(fact: str, operator: str, value: Any = None, subject: str = "") -> dict[str, Any]:
    """A condition."""
    return {"fact": fact, "subject": subject, "operator": operator, "value": value}


def act(action: str, **params: Any) -> dict[str, Any]:
    """An action."""
    return {"action": action, "params": params}


def to(group: SkillGroup, **more: Any) -> dict[str, Any]:
    """Into the group's queue."""
    return act("enqueue", group=str(group.id), **more)


def rule(*then: Any, when: Any = (), match: str = "all", **more: Any) -> dict[str, Any]:
    """A rule. `when` are its conditions."""
    items = [when] if isinstance(when, dict) else list(when)
    return {"when": {"match": match, "items": items}, "then": list(then), **more}


def compiled(*rules: Any) -> Compiled:
    """Rules that are numbered r1, r2, … unless they have an id."""
    return compile_rules([{"id": f"r{n}", **one} for n, one in enumerate(rules, start=1)])


def decided(*rules: Any, facts: Any = None, live: Live | None = None, **more: Any) -> Decision:
    """What these rules decide."""
    more = {"at": NOON, "names": NAMES, **more}
    return decide_with(compiled(*rules), facts or {}, DEFAULT, live=live or Live(), **more)
