"""Facts of the floor as it is now."""

from typing import Any

from routing.strategy.facts import MISSING, NUMBER, Fact, register
from routing.strategy.moment import Moment


class _GroupFact(Fact):
    category = "实时"
    type = NUMBER
    subject = "group"

    def read(self, moment: Moment, subject: str) -> Any:
        """The number of the group named, else of the channel's."""
        number = self.number(moment, subject or moment.group_key)
        return MISSING if number is None else number

    def number(self, moment: Moment, group: str) -> float | None:
        """The number, or None when it is not known."""
        raise NotImplementedError


@register
class GroupWaiting(_GroupFact):
    """How many wait."""

    name, label, label_en = "group_waiting", "排队人数", "Number waiting"
    help = "技能组中正在排队的人数。"
    unit = "人"

    def number(self, moment: Moment, group: str) -> float | None:
        """From the queue."""
        return moment.live.waiting(group)


@register
class GroupLongestWait(_GroupFact):
    """How long the first has waited."""

    name, label, label_en = "group_longest_wait", "最长等待", "Longest wait"
    help = "技能组中排队最久的人已经等待的秒数；无人排队时为 0。"
    unit = "秒"

    def number(self, moment: Moment, group: str) -> float | None:
        """From the queue."""
        return moment.live.longest_wait(group, moment.at)


@register
class AgentsReady(_GroupFact):
    """How many agents are ready."""

    name, label, label_en = "agents_ready", "空闲坐席数", "Agents ready"
    help = "技能组中在线且状态为空闲的坐席人数。"
    unit = "人"

    def number(self, moment: Moment, group: str) -> float | None:
        """From the agents."""
        return moment.live.ready(group)


@register
class GroupLoad(_GroupFact):
    """How busy the group is."""

    name, label, label_en = "group_load", "接待负荷", "Load"
    help = "技能组空闲坐席的当前接待数 ÷ 接待上限之和，百分比；没有空闲坐席时为 100。"
    unit = "%"

    def number(self, moment: Moment, group: str) -> float | None:
        """From the agents."""
        return moment.live.load(group)
