"""The event types partners can subscribe to, each declared once with an example of its payload.

The examples hold only what is particular to a type; every body also carries `event_id`,
`occurred_at`, `conversation_id`, `customer_id` and `channel` (see `webhooks.bodies`).
"""

from collections.abc import Iterable
from typing import Any

from integrations.event_type import EventType
from integrations.ticket_events import TICKET_TYPES


def _message(author_type: str, text: str) -> dict[str, Any]:
    return {
        "message_id": "01936b1e-8f00-7000-8000-00000000000a",
        "seq": 3,
        "kind": "text",
        "author_type": author_type,
        "author_id": "01936b1e-8f00-7000-8000-00000000000b",
        "text": text,
        "content": {"type": "text", "text": text},
    }


_AGENT = {"id": "01936b1e-8f00-7000-8000-00000000000c", "name": "王芳"}
_GROUP = {"id": "01936b1e-8f00-7000-8000-00000000000e", "name": "售前咨询"}
_BREAK = {
    "request": "01936b1e-8f00-7000-8000-0000000000b1",
    "agent": _AGENT["id"],
    "reason": "午休",
}
_TYPES = (
    EventType(
        "conversation.created",
        "会话创建",
        "访客开始了一个新会话",
        {"context": {"entry_page": "https://shop.example/cart", "utm": {"source": "baidu"}}},
    ),
    EventType(
        "message.received",
        "收到访客消息",
        "访客发来一条消息，手机号与证件号已脱敏",
        _message("visitor", "我的手机号是 138****8000"),
    ),
    EventType(
        "message.sent",
        "发出消息",
        "客服或机器人发出一条消息；内部备注不会推送",
        _message("agent", "您好，请问有什么可以帮您？"),
    ),
    EventType(
        "message.edited",
        "消息修改",
        "发送方修改了自己的消息；message_id 是被修改的消息",
        {"message_id": "01936b1e-8f00-7000-8000-00000000000a", "seq": 4, "text": "改为两份"},
    ),
    EventType(
        "message.recalled",
        "消息撤回",
        "发送方撤回了自己的消息；message_id 是被撤回的消息",
        {"message_id": "01936b1e-8f00-7000-8000-00000000000a", "seq": 4, "text": ""},
    ),
    EventType(
        "handoff.requested",
        "请求转人工",
        "会话离开机器人进入排队：访客请求了人工服务",
        {"by": "visitor"},
    ),
    EventType(
        "handoff.to_agent",
        "转人工",
        "会话分配给了一位客服（每次分配各一次）",
        {"agent": _AGENT, "group": _GROUP},
    ),
    EventType(
        "conversation.transferred",
        "会话转接",
        "会话已由另一位客服接手（接受转接或主管接管）",
        {"from": _AGENT, "to": {"group": _GROUP["id"], "name": "售后"}, "note": "客户要求换货"},
    ),
    EventType(
        "conversation.transfer_offered",
        "发起转接",
        "会话正在转给另一位客服或技能组，接受前仍由原客服接待",
        {"from": _AGENT, "to": _AGENT, "note": "客户要求换货", "status": "offered"},
    ),
    EventType(
        "conversation.transfer_ended",
        "转接未成",
        "转接被拒绝、超时或撤回，或会话已结束；status 是原因",
        {"from": _AGENT, "to": _AGENT, "note": "客户要求换货", "status": "refused"},
    ),
    EventType(
        "conversation.agent_joined",
        "坐席加入",
        "同事协助（assist）或主管强插（barge_in），加入会话回复访客",
        {"agent": _AGENT, "role": "assist"},
    ),
    EventType(
        "conversation.agent_left",
        "坐席离开",
        "协助者或强插的主管离开会话",
        {"agent": _AGENT, "role": "assist"},
    ),
    EventType(
        "conversation.overflowed",
        "会话溢出",
        "本组未能及时接待，会话转到另一个技能组排队",
        {"group": _GROUP, "from": "售前", "when": "waited", "limit": 300, "then": "group"},
    ),
    EventType(
        "conversation.requeued",
        "会话重新排队",
        "客服失联，会话回到队列",
        {"reason": "agent_gone"},
    ),
    EventType(
        "conversation.closed",
        "会话结束",
        "会话已结束",
        {"closed_by": "agent", "closed_at": "2026-01-05T08:30:00Z"},
    ),
    EventType(
        "conversation.rated",
        "会话评价",
        "访客给出了满意度评价",
        {"score": 5, "resolved": True, "comment": "很耐心"},
    ),
    EventType(
        "conversation.wrapped_up",
        "会话小结",
        "客服填写或修改了会话小结",
        {"category": "售后 / 退款", "resolved": True, "note": "已登记退款"},
    ),
    EventType(
        "offline_message.created",
        "收到留言",
        "访客在无人接待时留言；同一会话里后来补充的内容不再单独推送",
        {
            "message_id": "01936b1e-8f00-7000-8000-0000000000c1",
            "group": _GROUP["id"],
            "text": "请问周末发货吗",
            "name": "王先生",
            "phone": "138****8000",
            "email": "",
        },
    ),
    EventType(
        "customer.merged",
        "客户合并",
        "两份客户资料合并为一份；此后请以 target 为准",
        {
            "source": "01936b1e-8f00-7000-8000-0000000000a1",
            "target": "01936b1e-8f00-7000-8000-0000000000a2",
            "conversations": 2,
        },
    ),
    EventType(
        "agent.status_changed",
        "客服状态变化",
        "客服切换了空闲、忙碌、小休或离线",
        {"agent": _AGENT["id"], "status": "ready"},
    ),
    EventType(
        "agent.missed_offer",
        "客服未应答",
        "分给客服的会话在时限内没有被接受，已转给下一位",
        {
            "agent": _AGENT["id"],
            "kind": "conversation",
            "item": "01936b1e-8f00-7000-8000-0000000000c2",
        },
    ),
    EventType(
        "agent.break_requested",
        "小休申请",
        "客服申请小休，等待主管审批",
        _BREAK,
    ),
    EventType(
        "agent.break_decided",
        "小休申请已处理",
        "小休申请已同意（approved）、拒绝（rejected）或撤回（withdrawn）",
        {**_BREAK, "state": "approved"},
    ),
    *TICKET_TYPES,
)
CATALOGUE: dict[str, EventType] = {event_type.name: event_type for event_type in _TYPES}

# Sent by the test button only; never happens by itself and cannot be subscribed to.
TEST = EventType(
    "webhook.test", "测试", "用于检验端点的测试事件", {"message": "灵犀云客服测试事件"}
)


def choices() -> list[tuple[str, str]]:
    """For forms."""
    return [(item.name, f"{item.label} {item.name}") for item in CATALOGUE.values()]


def unknown(names: Iterable[object]) -> list[str]:
    """Those of `names` that are no event type."""
    return [str(name) for name in names if not isinstance(name, str) or name not in CATALOGUE]
