"""A small made-up history: what people wrote about invoices, deliveries and defects."""

from typing import Any

from tests.tickets.factories import IssueTypeFactory, TicketTypeFactory, ticket
from tickets import service
from tickets.classification import learning
from tickets.models import Lesson, Ticket
from tickets.service import SYSTEM

INVOICE = [
    "请问怎么开发票，抬头要写公司名称",
    "发票抬头写错了，能不能重新开具",
    "申请增值税专用发票，税号已经提供",
    "电子发票没有收到，请发到邮箱",
    "报销要用发票，什么时候能开",
    "发票金额不对，需要重开发票",
    "公司报销需要纸质发票",
    "开具发票的税号填错了",
    "请补开上个月订单的发票",
]
DELIVERY = [
    "快递三天了还没有发货",
    "物流一直不更新，包裹在哪里",
    "快递员说已经签收，但我没有收到包裹",
    "什么时候可以发货，急用",
    "包裹破损，快递不负责",
    "配送地址填错，能修改物流地址吗",
    "物流显示派送中已经两天",
    "催一下发货，订单付款很久了",
    "快递送错地址了，包裹丢了",
]
DEFECT = [
    "屏幕碎了，无法开机",
    "机器开机后黑屏，一直重启",
    "充电没有反应，电池坏了",
    "按键失灵，屏幕有坏点",
    "设备故障，开机报错代码",
    "电池鼓包，充电发热",
    "屏幕闪烁，机器死机",
    "无法充电，指示灯不亮",
    "开机提示系统故障，一直重启",
]


def learned() -> tuple[Any, ...]:
    """The three issue types, with every text of theirs resolved and learned.

    The tickets are rows only: a history is not what is tested here.
    """
    type: Any = TicketTypeFactory()
    names = ("发票", "物流", "故障")
    found: tuple[Any, ...] = tuple(IssueTypeFactory(name=name) for name in names)
    done = [
        Ticket(
            type=type,
            type_version=type.current,
            title=text,
            issue_type=issue_type,
            group=type.group,
            status="resolved",
            category="resolved",
            source="agent",
        )
        for issue_type, texts in zip(found, (INVOICE, DELIVERY, DEFECT), strict=True)
        for text in texts
    ]
    Ticket.objects.bulk_create(done)
    Lesson.objects.bulk_create([Lesson(ticket=one, issue_type=one.issue_type) for one in done])
    learning.learn()
    return found


def resolved(text: str, issue_type: Any, type: Any = None) -> Ticket:
    """A ticket of that title that was resolved."""
    made = ticket(type, title=text, issue_type=issue_type)
    return service.move(made.pk, "resolve", SYSTEM)
