"""The events of tickets that partners can subscribe to. All carry what the ticket is by then."""

from typing import Any

from integrations.event_type import EventType

_TICKET: dict[str, Any] = {
    "ticket_id": "01936b1e-8f00-7000-8000-00000000000d",
    "number": "T100023",
    "type": "refund",
    "status": "open",
    "category": "open",
    "priority": "high",
    "title": "申请退款",
    "group": {"id": "01936b1e-8f00-7000-8000-00000000000e", "name": "售后"},
    "assignee": {"id": "01936b1e-8f00-7000-8000-00000000000c", "name": "王芳"},
    "revision": 3,
    "by": {"kind": "user", "name": "王芳"},
}
_CLOCK = {"metric": "resolution", "policy": "标准时效", "due_at": "2026-01-05T09:00:00+08:00"}
_APPROVAL = {
    "approval_id": "01936b1e-8f00-7000-8000-0000000000c1",
    "transition": "resolve",
    "step": "主管",
    "asked_by": "王芳",
}


def _type(event: str, label: str, description: str, **more: Any) -> EventType:
    return EventType(f"ticket.{event}", label, description, {**_TICKET, **more})


TICKET_TYPES = (
    _type("created", "工单创建", "新建了一张工单；source 说明由什么创建", source="agent"),
    _type(
        "updated",
        "工单更新",
        "工单有变化；changes 用文字说明每一项改前与改后",
        changes={"priority": {"label": "优先级", "from": "普通", "to": "高"}},
    ),
    _type("resolved", "工单解决", "工单已解决；reopens 是此前重新打开的次数", reopens=0),
    _type("closed", "工单关闭", "工单已关闭"),
    _type(
        "commented",
        "工单回复",
        "有人回复或备注；内部备注没有 text",
        comment_id="01936b1e-8f00-7000-8000-0000000000d1",
        is_public=True,
        files=0,
        text="已为您登记",
    ),
    _type("rated", "工单评价", "客户评价了已解决的工单", score=5, comment="很快"),
    _type(
        "escalated",
        "工单升级",
        "一条升级规则生效；actions 用文字说明做了什么",
        rule={"id": "01936b1e-8f00-7000-8000-0000000000a1", "name": "超时升级"},
        actions=["优先级提高到紧急", "通知主管"],
    ),
    _type("sla_warning", "工单时效预警", "即将超过约定的时间", **_CLOCK),
    _type("sla_breached", "工单超时", "已超过约定的时间", **_CLOCK),
    _type(
        "approval_requested",
        "工单提交审批",
        "一次流转需要审批；每一步开始、转交或升级时各一次，approvers 是请来审批的人",
        **_APPROVAL,
        state="pending",
        approvers=[{"id": 12, "name": "李主管"}],
    ),
    _type(
        "approval_decided",
        "工单审批意见",
        "有人同意、驳回、退回、转交或撤回；state 是整个审批现在的状态，decision 是这一次的意见",
        **_APPROVAL,
        state="approved",
        decision="approved",
        reason="",
    ),
    _type(
        "supervised",
        "工单督办",
        "主管督办：state 为 open、answered、overdue 或 withdrawn",
        order_id="01936b1e-8f00-7000-8000-0000000000e1",
        text="请今天内联系客户",
        state="open",
        due_at="2026-01-05T18:00:00+08:00",
        ordered_by="李主管",
    ),
    _type(
        "urged",
        "工单催办",
        "客户或同事催办；count 是总次数",
        urge_id="01936b1e-8f00-7000-8000-0000000000f1",
        count=2,
        text="还没有人联系我",
    ),
)
