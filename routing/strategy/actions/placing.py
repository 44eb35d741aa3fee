"""Actions that say where an item goes: a queue, a person, a bot, or the message form.

Handing to a person is a wish: the item waits in a group of theirs and nobody else is given it for
some seconds. It fails when they are not ready, and the search for a rule goes on.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from lingxi.ids import parse_id
from routing.strategy.actions.base import ANSWERED, Action, Effects, register
from routing.strategy.actions.params import AgentParam, GroupParam, TextParam, WholeParam
from routing.strategy.decision import Preferred
from routing.strategy.live import ReadyAgent
from routing.strategy.moment import Moment
from routing.strategy.names import Names

_SECONDS = WholeParam(
    "seconds",
    "保留秒数",
    "这段时间内只分给此人，之后按所在技能组的方式分配。",
    default=60,
    least=5,
    most=3600,
    unit="秒",
)


@register
class Enqueue(Action):
    """Into a group's queue."""

    name, label, label_en = "enqueue", "进入技能组", "Enqueue to group"
    help = "进入该技能组排队；可限定最低技能值，只分给不低于此值的成员。"
    params = (
        GroupParam("group", "技能组"),
        WholeParam("min_level", "最低技能值", required=False, least=0, most=100),
    )
    places = certain = True
    slot, order = "where", 0

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """To the group; when it is gone, the item stays with the channel's group."""
        effects.is_placed = effects.is_enqueued = True
        if params["group"] in moment.names.groups:
            effects.group = params["group"]
            effects.min_level = params.get("min_level", 0)
        else:
            moment.notes.append("规则指定的技能组已不存在，改为渠道的技能组")

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """进入 … 组."""
        level = params.get("min_level")
        least = f"（技能值不低于 {level}）" if level else ""
        name = names.group(params["group"])
        return f"进入 {name}{'' if name.endswith('组') else ' 组'}{least}"


class _ToPerson(Action):
    places = True
    slot, order = "who", 1

    def prefer(
        self, effects: Effects, agent: ReadyAgent, seconds: int, moment: Moment, *, group: str = ""
    ) -> None:
        """Keep the item for the agent, in `group`, the target so far, or a group of theirs."""
        if effects.is_enqueued:
            here = effects.group if effects.group in agent.groups else ""
        else:
            here = next((g for g in (group, effects.group) if g in agent.groups), "")
            here = here or next((g for g in agent.groups if g in moment.names.groups), "")
        if not here:
            moment.notes.append(f"{agent.name} 不是目标技能组的成员，不作优先")
            return
        effects.group, effects.is_placed = here, True
        effects.preferred = Preferred(agent.id, seconds, self.name)
        effects.preferred_name = agent.name


@register
class DesignatedAgent(_ToPerson):
    """To one agent by name."""

    name, label, label_en = "designated_agent", "指定客服", "Designated agent"
    help = "此人在线且空闲时优先分给此人；否则继续看后面的规则。"
    params = (AgentParam("agent", "坐席"), _SECONDS)

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """When they are ready."""
        agent = moment.live.agent(params["agent"])
        if agent is None:
            moment.notes.append(f"指定坐席 {moment.names.agent(params['agent'])} 不在线或不空闲")
            return
        self.prefer(effects, agent, params["seconds"], moment)

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """优先给 …."""
        return f"优先分给 {names.agent(params['agent'])}（保留 {params['seconds']} 秒）"


@register
class LastAgent(_ToPerson):
    """To whoever served the customer last."""

    name, label, label_en = "last_agent", "熟客优先", "Last agent first"
    help = "上次接待该客户的坐席在线且空闲时优先分给他；否则继续看后面的规则。"
    params = (
        WholeParam(
            "days",
            "有效天数",
            "上次接待不早于这么多天以前。",
            default=30,
            least=1,
            most=365,
            unit="天",
        ),
        _SECONDS,
    )

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """When there is one, not too long ago, who is ready."""
        last = parse_id(moment.facts.get("last_agent") or "")
        if last is None or not self._is_recent(moment, params["days"]):
            moment.notes.append(f"{params['days']} 天内没有接待过该客户的坐席")
            return
        agent = moment.live.agent(str(last))
        if agent is None:
            moment.notes.append(f"上次接待的坐席 {moment.names.agent(str(last))} 不在线或不空闲")
            return
        self.prefer(effects, agent, params["seconds"], moment)

    @staticmethod
    def _is_recent(moment: Moment, days: int) -> bool:
        try:
            at = parse_datetime(str(moment.facts.get("last_agent_at") or ""))
        except ValueError:
            return False
        if at is None:
            return False
        at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
        return moment.at - at <= dt.timedelta(days=days)

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With both limits."""
        return f"优先分给 {params['days']} 天内接待过的坐席（保留 {params['seconds']} 秒）"


@register
class Supervisor(_ToPerson):
    """To a supervisor."""

    name, label, label_en = "supervisor", "交给主管", "Hand to supervisor"
    help = "有在线且空闲的主管时优先分给主管（须同时是坐席）；否则继续看后面的规则。"
    params = (
        GroupParam("group", "技能组", "只在该组成员中选；留空则先本组后其他。", required=False),
        _SECONDS,
    )

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """The least loaded of the group, else of any."""
        group = params.get("group", "")
        found = self._choose(moment.live.supervisors(), group or effects.group, bool(group))
        if found is None:
            moment.notes.append("没有在线且空闲的主管")
            return
        self.prefer(effects, found, params["seconds"], moment, group=group)

    @staticmethod
    def _choose(leaders: Iterable[ReadyAgent], group: str, only: bool) -> ReadyAgent | None:
        able = [one for one in leaders if one.groups and (not only or group in one.groups)]
        return min(
            able,
            key=lambda one: (one.load >= one.capacity, group not in one.groups, one.load),
            default=None,
        )

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """交给主管."""
        of = f" {names.group(params['group'])} 的" if params.get("group") else ""
        return f"优先分给{of}主管（保留 {params['seconds']} 秒）"


@register
class LeaveToBot(Action):
    """Nobody yet: a bot serves."""

    name, label, label_en = "leave_to_bot", "交给机器人", "Leave to bot"
    help = "不进入人工排队，由机器人接待；可附一句话发给访客。"
    kinds = ANSWERED
    params = (TextParam("text", "附言", required=False),)
    places = certain = True
    slot, order = "where", 0

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """To the bot."""
        effects.is_placed = True
        effects.outcome, effects.text = "bot", params.get("text", "")

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With the text."""
        said = f"，并发送“{params['text']}”" if params.get("text") else ""
        return f"交给机器人{said}"


@register
class OfflineMessage(Action):
    """Nobody: a message may be left."""

    name, label, label_en = "offline_message", "转为留言", "Offline message"
    help = "不进入排队，请访客留言；可附一句话。"
    kinds = ANSWERED
    params = (TextParam("text", "附言", required=False),)
    places = certain = True
    slot, order = "where", 0

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """To the form."""
        effects.is_placed = True
        effects.outcome, effects.text = "offline", params.get("text", "")

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With the text."""
        said = f"，并提示“{params['text']}”" if params.get("text") else ""
        return f"转为留言{said}"
