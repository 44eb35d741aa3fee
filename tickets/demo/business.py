"""What the supervisors of 云上优选 have set up for tickets."""

import copy
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model

from lingxi.fields.versions import versions as schemas
from routing.models import BusinessHours, OpenInterval, SkillGroup
from tickets.models import (
    CreationRule,
    EscalationRule,
    IssueType,
    Priority,
    SlaPolicy,
    TicketType,
)
from tickets.models.automation import Trigger
from tickets.models.escalation import SlaMark
from tickets.models.views import SavedView
from tickets.versions import WORKFLOWS, begin
from tickets.workflow import STANDARD

_ORDER = {
    "key": "order_number",
    "type": "order_number",
    "label": "订单号",
    "label_en": "Order number",
    "pattern": "[A-Z]{0,2}[0-9]{8,16}",
    "pattern_hint": "8 到 16 位数字",
}


def _choices(*labels: str) -> list[dict[str, str]]:
    return [{"value": f"c{number}", "label": label} for number, label in enumerate(labels, 1)]


FORMS: dict[str, list[dict[str, Any]]] = {
    "refund": [
        _ORDER,
        {
            "key": "amount",
            "type": "money",
            "label": "退款金额",
            "label_en": "Amount",
            "required": True,
            "currency": "CNY",
            "min": 0,
        },
        {
            "key": "reason",
            "type": "choice",
            "label": "原因",
            "label_en": "Reason",
            "required": True,
            "options": _choices("质量问题", "发错商品", "物流太慢", "不想要了", "与描述不符"),
        },
        {
            "key": "account",
            "type": "text",
            "label": "收款账号",
            "label_en": "Account",
            "sensitive": True,
            "help": "原路退回时不用填写",
        },
    ],
    "complaint": [
        _ORDER,
        {
            "key": "about",
            "type": "multi_choice",
            "label": "投诉对象",
            "label_en": "About",
            "options": _choices("商品", "物流", "客服", "价格"),
        },
        {"key": "wish", "type": "long_text", "label": "客户诉求", "label_en": "Wish"},
    ],
    "invoice": [
        _ORDER,
        {"key": "title", "type": "text", "label": "发票抬头", "required": True},
        {"key": "tax_number", "type": "text", "label": "税号", "max_length": 20},
        {"key": "amount", "type": "money", "label": "开票金额", "currency": "CNY"},
        {"key": "paper", "type": "boolean", "label": "需要纸质发票"},
    ],
    "repair": [
        {"key": "model", "type": "text", "label": "型号", "required": True},
        {"key": "bought", "type": "date", "label": "购买日期"},
        {
            "key": "fault",
            "type": "choice",
            "label": "故障现象",
            "options": _choices("无法开机", "外观破损", "功能异常", "噪音异响"),
        },
    ],
}
TYPES = (
    ("refund", "退款", "aftersale", Priority.NORMAL, True),
    ("complaint", "投诉", "aftersale", Priority.HIGH, True),
    ("invoice", "发票", "member", Priority.NORMAL, True),
    ("repair", "故障报修", "aftersale", Priority.NORMAL, True),
)
ISSUES: Mapping[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "售后": (
        "aftersale",
        (
            ("退款退货", ("退款", "退货", "退钱")),
            ("质量问题", ("裂", "破", "坏了", "质量")),
            ("投诉", ("投诉", "举报", "12315")),
        ),
    ),
    "物流": (
        "delivery",
        (("催发货", ("发货", "催单")), ("快递丢失", ("没收到", "丢件", "签收"))),
    ),
    "财务": ("member", (("发票", ("发票", "抬头", "税号")), ("优惠与积分", ("优惠券", "积分")))),
}


def workflows() -> dict[str, dict[str, Any]]:
    """The standard workflow; refunds over 500 yuan are approved before they are solved."""
    refund: dict[str, Any] = copy.deepcopy(STANDARD)
    for step in refund["transitions"]:
        if step["key"] == "resolve":
            step |= {"name": "退款完成", "approval": "refund", "comment": True}
    step = {"approvers": [{"kind": "role", "value": "supervisor"}], "mode": "one", "hours": 24}
    refund["approvals"] = [
        {
            "key": "refund",
            "name": "大额退款审批",
            "steps": [
                {
                    **step,
                    "name": "主管审批",
                    "when": [{"field": "amount", "operator": "gt", "value": 500}],
                    "on_timeout": "remind",
                }
            ],
        }
    ]
    return {"refund": refund, "complaint": STANDARD, "invoice": STANDARD, "repair": STANDARD}


def furnish() -> dict[str, TicketType]:
    """Set it all up; the types by key."""
    by = get_user_model().objects.get(username="supervisor")
    groups = {group.slug: group for group in SkillGroup.objects.all()}
    types = {key: _type(key, rest, groups, by) for key, *rest in TYPES}
    _issues(groups)
    _times(groups)
    _rules(types)
    _views(by)
    return types


def _type(key: str, rest: list[Any], groups: Mapping[str, SkillGroup], by: Any) -> TicketType:
    name, group, priority, is_public = rest
    made = TicketType(
        key=key,
        name=name,
        group=groups[group],
        default_priority=priority,
        is_public=is_public,
        order=[one[0] for one in TYPES].index(key),
    )
    made = begin(made, by)
    draft = schemas.save_draft(made.schema, FORMS[key], by=by, revision=0)
    schemas.publish(made.schema, by=by, revision=draft.revision, note="第一版")
    content = workflows()[key]
    if content is not STANDARD:
        draft = WORKFLOWS.save_draft(made, content, by=by, revision=0)
        WORKFLOWS.publish(made, by=by, revision=draft.revision, note="大额退款需要审批")
    return TicketType.objects.select_related("schema", "group", "current").get(pk=made.pk)


def _issues(groups: Mapping[str, SkillGroup]) -> None:
    for order, (name, (group, below)) in enumerate(ISSUES.items()):
        root = IssueType.objects.create(name=name, group=groups[group], order=order)
        for place, (child, words) in enumerate(below):
            IssueType.objects.create(name=child, parent=root, keywords=list(words), order=place)


def _times(groups: Mapping[str, SkillGroup]) -> None:
    hours = BusinessHours.objects.order_by("name").first()
    if hours is None:
        hours = BusinessHours.objects.create(name="工单工作时间")
        for day in range(7):
            OpenInterval.objects.create(
                hours=hours, weekday=day, opens=dt.time(9), closes=dt.time(18)
            )
    SlaPolicy.objects.create(
        name="紧急与高优先级",
        order=1,
        priorities=[Priority.HIGH, Priority.URGENT],
        first_response=30,
        next_response=120,
        resolution=8 * 60,
    )
    SlaPolicy.objects.create(
        name="标准",
        order=9,
        calendar=hours,
        first_response=120,
        next_response=480,
        resolution=24 * 60,
    )


def _rules(types: Mapping[str, TicketType]) -> None:
    for order, (name, words, key, tag) in enumerate(
        (
            ("退款关键词", ["退款", "退货退钱"], "refund", "退款"),
            ("投诉关键词", ["投诉", "12315", "举报"], "complaint", "投诉"),
            ("故障关键词", ["故障", "报修", "开不了机"], "repair", "故障"),
        )
    ):
        CreationRule.objects.create(
            name=name,
            order=order,
            trigger=Trigger.KEYWORD,
            words=words,
            type=types[key],
            tags=[tag],
            answer="已为您登记工单 {number}，我们会尽快跟进，进展会在这里通知您。",
        )
    rule = {"type": types["complaint"], "priority": Priority.HIGH}
    CreationRule.objects.create(
        name="未解决的会话", order=9, trigger=Trigger.UNRESOLVED, tags=["未解决"], **rule
    )
    EscalationRule.objects.create(
        name="超时通知主管",
        order=1,
        sla=SlaMark.BREACHED,
        to_priority=Priority.HIGH,
        notify_assignee=True,
        notify_supervisors=True,
        tag="超时",
    )
    EscalationRule.objects.create(
        name="三天无动静", order=2, silence_hours=Decimal(72), notify_assignee=True, tag="久未处理"
    )


def _views(by: Any) -> None:
    for order, (name, query) in enumerate(
        (("紧急退款", "type=refund&priority=4"), ("投诉跟进", "type=complaint&category=open"))
    ):
        SavedView.objects.create(name=name, owner=by, is_shared=True, query=query, order=order)
