"""Actions that add something and let the search for a place go on."""

import uuid
from collections.abc import Mapping
from typing import Any

from routing.strategy.actions.base import ANSWERED, Action, Effects, register
from routing.strategy.actions.params import AgentParam, ChoiceParam, TextParam, WholeParam
from routing.strategy.decision import Notify
from routing.strategy.moment import Moment
from routing.strategy.names import Names
from routing.strategy.refusal import Refused

MOST_PRIORITY = 100
MAX_TAG = 30


@register
class Priority(Action):
    """Earlier or later in the queue."""

    name, label, label_en = "priority", "调整优先级", "Change priority"
    help = "正数提前，负数推后；每一级相当于多等了技能组设定的折算秒数。"
    params = (WholeParam("by", "级数", least=-10, most=10, unit="级"),)
    slot = "priority"

    def clean(self, given: Any) -> dict[str, Any]:
        """A change of nothing is a mistake. Raises `Refused`."""
        cleaned = super().clean(given)
        if cleaned["by"] == 0:
            raise Refused("“级数”不能为 0")
        return cleaned

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """Adds up over rules."""
        total = effects.priority + params["by"]
        effects.priority = max(-MOST_PRIORITY, min(MOST_PRIORITY, total))

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """提高 or 降低."""
        by = params["by"]
        return f"{'提高' if by > 0 else '降低'}优先级 {abs(by)} 级"


@register
class Tag(Action):
    """A label."""

    name, label, label_en = "tag", "打标签", "Tag"
    help = "会话：给客户加上标签；工单：给工单加上标签。"
    params = (TextParam("tag", "标签", most=MAX_TAG),)

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """Once each."""
        if params["tag"] not in effects.tags:
            effects.tags.append(params["tag"])

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With the label."""
        return f"打上标签“{params['tag']}”"


@register
class SendText(Action):
    """Words to the visitor."""

    name, label, label_en = "send_text", "发送文字", "Send text"
    help = "立即向访客发送一段文字。"
    kinds = ANSWERED
    params = (TextParam("text", "文字"),)

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """Once each."""
        if params["text"] not in effects.texts:
            effects.texts.append(params["text"])

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With the words."""
        return f"向访客发送“{params['text']}”"


@register
class NotifySomebody(Action):
    """Words to colleagues."""

    name, label, label_en = "notify", "通知", "Notify"
    help = "向技能组的主管，或指定的坐席，发送一条提醒。"
    params = (
        ChoiceParam("to", "通知谁", choices=(("supervisors", "主管"), ("agent", "指定坐席"))),
        AgentParam("agent", "坐席", "通知指定坐席时必填。", required=False),
        TextParam("text", "内容", most=200),
    )

    def clean(self, given: Any) -> dict[str, Any]:
        """An agent exactly when one is to be told. Raises `Refused`."""
        cleaned = super().clean(given)
        if cleaned["to"] == "agent" and "agent" not in cleaned:
            raise Refused("请填写“坐席”")
        if cleaned["to"] == "supervisors":
            cleaned.pop("agent", None)
        return cleaned

    def apply(self, effects: Effects, params: Mapping[str, Any], moment: Moment) -> None:
        """Somebody who is gone is not told."""
        agent = params.get("agent", "")
        if agent and agent not in moment.names.agents:
            moment.notes.append("要通知的坐席已不存在")
            return
        who = uuid.UUID(agent) if agent else None
        effects.notices.append(Notify(params["to"], who, params["text"]))

    def phrase(self, params: Mapping[str, Any], names: Names) -> str:
        """With whom and what."""
        who = names.agent(params["agent"]) if params.get("agent") else "主管"
        return f"通知{who}“{params['text']}”"
