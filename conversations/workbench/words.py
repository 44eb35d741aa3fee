"""What events are called on the screen. The page hands the same tables to its scripts."""

from collections.abc import Callable, Mapping
from typing import Any

from conversations.models import MessageKind

STATES = {
    "queued": "排队中",
    "serving": "接待中",
    "transferring": "转接中",
    "closed": "已结束",
    "offline": "留言",
}
REASONS = {
    "start": "访客进入会话，开始排队",
    "assigned": "",  # the assignment above says it
    "transfer": "",  # so does the transfer
    "nobody_online": "暂无客服在线，已转为留言",
    "closed_by_visitor": "访客结束了会话",
    "closed_by_agent": "客服结束了会话",
    "closed_by_system": "会话已由系统结束",
    "blocked": "客户已被加入黑名单，会话结束",
    "idle": "访客长时间没有回应，会话自动结束",
    "offline_message_handled": "留言已处理，会话结束",
}
LINES = {
    "state": "会话状态：{state}",
    "assignment": "{agent} 接入会话（{group}）",
    "transfer": "{from} 将会话转给 {to}",
    "transfer_note": "{from} 将会话转给 {to}，附言：{note}",
    "rating": "访客评价 {stars} {score} 分",
    "resolved": "已解决",
    "unresolved": "未解决",
}


def for_scripts() -> dict[str, Any]:
    """The tables as the page's JSON."""
    return {"states": STATES, "reasons": REASONS, "lines": LINES}


def line_of(kind: str, content: Mapping[str, Any], author: str) -> str:
    """One line for an event; empty when another line says it already."""
    maker = _MAKERS.get(kind)
    return maker(content, author) if maker else str(content.get("text", ""))


def _state(content: Mapping[str, Any], author: str) -> str:
    reason = str(content.get("reason", ""))
    if reason in REASONS:
        return REASONS[reason]
    state = str(content.get("state", ""))
    return LINES["state"].format(state=STATES.get(state, state))


def _assignment(content: Mapping[str, Any], author: str) -> str:
    agent, group = content.get("agent") or {}, content.get("group") or {}
    return LINES["assignment"].format(agent=agent.get("name", ""), group=group.get("name", ""))


def _transfer(content: Mapping[str, Any], author: str) -> str:
    giver, to = content.get("from") or {}, content.get("to") or {}
    note = str(content.get("note") or "")
    pattern = LINES["transfer_note" if note else "transfer"]
    return pattern.format(**{"from": giver.get("name", ""), "to": to.get("name", ""), "note": note})


def _rating(content: Mapping[str, Any], author: str) -> str:
    score = int(content.get("score") or 0)
    parts = [LINES["rating"].format(stars="★" * score + "☆" * (5 - score), score=score)]
    if content.get("resolved") is not None:
        parts.append(LINES["resolved" if content["resolved"] else "unresolved"])
    if content.get("comment"):
        parts.append(f"“{content['comment']}”")
    return " · ".join(parts)


_MAKERS: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    MessageKind.STATE: _state,
    MessageKind.ASSIGNMENT: _assignment,
    MessageKind.TRANSFER: _transfer,
    MessageKind.RATING: _rating,
    # The message they speak of shows them.
    MessageKind.EDIT: lambda content, author: "",
    MessageKind.RECALL: lambda content, author: "",
}
