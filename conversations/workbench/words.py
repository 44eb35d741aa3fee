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
    "closed_by_supervisor": "主管强制结束了会话",
    "agent_gone": "客服离线，会话重新排队",
    "blocked": "客户已被加入黑名单，会话结束",
    "idle": "访客长时间没有回应，会话自动结束",
    "offline_message_handled": "留言已处理，会话结束",
}
LINES = {
    "state": "会话状态：{state}",
    "assignment": "{agent} 接入会话（{group}）",
    "transfer": "{from} 将会话转给 {to}",
    "transfer_offered": "{from} 请 {to} 接手",
    "transfer_accepted": "{by} 接受了 {from} 的转接",
    "transfer_refused": "{to} 拒绝了转接",
    "transfer_timed_out": "{to} 未在时限内接受转接，仍由 {from} 接待",
    "transfer_withdrawn": "转接已撤回，仍由 {from} 接待",
    "transfer_ended": "会话结束，转接随之取消",
    "transfer_taken_over": "主管 {to} 接管了会话",
    "note": "，附言：{note}",
    "reason": "：{reason}",
    "join": "{agent} 加入会话",
    "join_assist": "{by} 邀请 {agent} 协助",
    "leave": "{agent} 离开会话",
    "leave_assist": "{agent} 结束协助",
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
    status = str(content.get("status") or "")
    values = _Names(content)
    line = LINES.get(f"transfer_{status}", LINES["transfer"]).format_map(values)
    if content.get("note") and status in _WITH_NOTE:
        line += LINES["note"].format_map(values)
    if content.get("reason"):
        line += LINES["reason"].format_map(values)
    return line


_WITH_NOTE = {"", "offered", "taken_over"}


class _Names(dict[str, str]):
    """The values of a pattern: of what has a name, the name."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__()
        for key, value in content.items():
            self[key] = str((value.get("name") if isinstance(value, dict) else value) or "")

    def __missing__(self, key: str) -> str:
        return ""


def _come_or_go(kind: str) -> Callable[[Mapping[str, Any], str], str]:
    def line(content: Mapping[str, Any], author: str) -> str:
        pattern = LINES.get(f"{kind}_{content.get('role')}", LINES[kind])
        note = LINES["note"] if content.get("note") else ""
        return (pattern + note).format_map(_Names(content))

    return line


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
    MessageKind.JOIN: _come_or_go("join"),
    MessageKind.LEAVE: _come_or_go("leave"),
    # The message they speak of shows them.
    MessageKind.EDIT: lambda content, author: "",
    MessageKind.RECALL: lambda content, author: "",
}
