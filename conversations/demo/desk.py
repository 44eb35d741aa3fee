"""How the shop works: who picks whom, hours, shifts, the strategy, texts, lists."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from conversations.demo.dice import Dice
from conversations.models import (
    Channel,
    Invitation,
    PageMatch,
    QuickReply,
    QuickReplyCategory,
    SensitiveWord,
    ServiceSettings,
    WordAction,
    WrapUpCategory,
)
from routing.models import (
    Agent,
    BreakReason,
    BusinessHours,
    OpenInterval,
    OverflowStep,
    PickingMethod,
    RosterEntry,
    Shift,
    SkillGroup,
    StatusPeriod,
)
from routing.strategy import versions

if TYPE_CHECKING:
    from conversations.demo.people import Server

PICKING = {
    "presale": PickingMethod.LEAST_ACTIVE,
    "aftersale": PickingMethod.ROUND_ROBIN,
    "delivery": PickingMethod.SATURATION,
    "member": PickingMethod.SKILL_LEVEL,
}
CATEGORIES = {
    "presale": ("商品咨询", "优惠活动", "库存与发货", "企业采购"),
    "aftersale": ("退货退款", "换货", "质量问题", "投诉"),
    "delivery": ("物流查询", "催促配送", "修改地址", "丢件破损"),
    "member": ("积分等级", "优惠券", "账号问题", "发票"),
}
REPLY_CATEGORIES = {
    "问候与结束": ("hi", "wait", "rate", "bye", "sorry"),
    "订单与物流": ("order", "phone", "ship", "track", "late", "addr"),
    "售后": ("return", "refund", "exchange", "photo", "invoice"),
    "会员与商品": ("coupon", "point", "level", "store"),
}
WORDS = (
    ("刷单返现", WordAction.BLOCK),
    ("私下转账", WordAction.BLOCK),
    ("垃圾客服", WordAction.MASK),
    ("12315", WordAction.LOG),
    ("起诉", WordAction.LOG),
)
SHIFTS = (
    ("早班", dt.time(8), dt.time(17), "#3370ff"),
    ("中班", dt.time(13), dt.time(23), "#f59e0b"),
    ("晚班", dt.time(22), dt.time(8), "#7c5cff"),
)
WELCOME = "您好，我是{group}的{agent}，请问有什么可以帮您？"
DAYS_OF_STATUS = 31


def furnish(
    dice: Dice,
    founded: dt.datetime,
    now: dt.datetime,
    groups: dict[str, SkillGroup],
    servers: dict[str, list["Server"]],
) -> dict[str, list[uuid.UUID]]:
    """Set everything up; the categories of wrap-ups by group."""
    _groups(groups)
    _breaks()
    _roster(now, servers)
    _periods(dice, now, servers)
    _strategy(groups)
    _texts()
    for word, action in WORDS:
        SensitiveWord.objects.create(word=word, action=action)
    return _categories(dice, founded, groups)


def _groups(groups: dict[str, SkillGroup]) -> None:
    hours = BusinessHours.objects.create(name="客服中心 8:30–21:00")
    OpenInterval.objects.bulk_create(
        OpenInterval(hours=hours, weekday=day, opens=dt.time(8, 30), closes=dt.time(21))
        for day in range(6)
    )
    for slug, group in groups.items():
        group.picking = PICKING[slug]
        group.last_agent_first = slug == "member"
        group.business_hours = hours if slug == "member" else None
        group.save()
        ServiceSettings.objects.create(
            group=group,
            welcome_text="您好，我是{group}的{agent}，请问有什么可以帮您？"
            if slug == "member"
            else "",
            # Not everywhere: an open demo would tidy itself away within minutes.
            idle_reminder_seconds=900 if slug == "member" else 0,
            idle_end_seconds=900 if slug == "member" else 0,
        )
    for slug, other in (("presale", "aftersale"), ("delivery", "aftersale")):
        OverflowStep.objects.create(
            group=groups[slug], when="waited", limit=900, then="group", target=groups[other]
        )


def _breaks() -> None:
    for order, (name, minutes, approval) in enumerate(
        (("用餐", 45, False), ("小憩", 15, False), ("培训", None, True), ("会议", 60, True))
    ):
        BreakReason.objects.create(
            name=name, max_minutes=minutes, needs_approval=approval, order=order
        )


def _everyone(servers: dict[str, list["Server"]]) -> list["Server"]:
    """Everyone once, in a fixed order."""
    return list({one.id: one for group in servers.values() for one in group}.values())


def _roster(now: dt.datetime, servers: dict[str, list["Server"]]) -> None:
    """This week and the next."""
    shifts = [
        Shift.objects.create(name=name, starts=starts, ends=ends, color=color)
        for name, starts, ends, color in SHIFTS
    ]
    monday = now.date() - dt.timedelta(days=now.weekday())
    entries = []
    for index, server in enumerate(_everyone(servers)):
        shift = shifts[(0, 1, 0, 1, 2)[index % 5]]
        for day in range(14):
            if (day + index) % 7 >= 5:  # two days off, not the same for all
                continue
            entry = RosterEntry(
                agent_id=server.id, shift=shift, date=monday + dt.timedelta(days=day)
            )
            entry.place()
            entries.append(entry)
    RosterEntry.objects.bulk_create(entries)


def _periods(dice: Dice, now: dt.datetime, servers: dict[str, list["Server"]]) -> None:
    """Who was ready when, for the trials of strategies; today's last is going on, offline."""
    rows = []
    for server in _everyone(servers):
        end = now - dt.timedelta(days=DAYS_OF_STATUS)
        for status, reason, start in _statuses(dice, now, server):
            rows.append(StatusPeriod(agent_id=server.id, started_at=end, ended_at=start))
            rows[-1].status, rows[-1].reason = status, reason
            end = start
        rows.append(StatusPeriod(agent_id=server.id, status="offline", started_at=end))
        Agent.objects.filter(pk=server.id).update(status_since=end)
    StatusPeriod.objects.bulk_create(rows)


def _statuses(
    dice: Dice, now: dt.datetime, server: "Server"
) -> Iterator[tuple[str, str, dt.datetime]]:
    """(status, reason, end) day by day, up to now."""
    midnight = now.replace(hour=0, minute=0)
    for back in range(DAYS_OF_STATUS - 1, -1, -1):
        day = midnight - dt.timedelta(days=back)
        begins, ends = server.shift.start, server.shift.stop
        meal = begins + (ends - begins) * dice.uniform(0.4, 0.6)
        for status, reason, hour in (
            ("offline", "", float(begins)),
            ("ready", "", meal),
            ("break", "用餐", meal + 0.6),
            ("ready", "", float(ends)),
        ):
            until = day + dt.timedelta(hours=hour)
            if until < now:
                yield status, reason, until


def _strategy(groups: dict[str, SkillGroup]) -> None:
    """Two versions published, the second in force, and a draft with more."""
    by = get_user_model().objects.get(username="supervisor")
    strategy = versions.strategy_of("conversation")
    rules = _rules({slug: str(group.pk) for slug, group in groups.items()})
    for count, note in ((3, "首版：按渠道与会员等级"), (5, "按意向提高优先级，退款投诉进售后")):
        draft = versions.draft_of(strategy, by)
        draft = versions.save_draft(strategy, rules[:count], by, draft.revision)
        versions.publish(strategy, by, draft.revision, note=note)
        strategy.refresh_from_db()
    draft = versions.draft_of(strategy, by)
    versions.save_draft(strategy, rules, by, draft.revision)


def _rules(group: dict[str, str]) -> list[dict[str, object]]:
    return [
        _rule(
            "vip",
            "金卡与钻石会员优先",
            [("customer_level", "contains_any", ["金卡", "钻石"])],
            ("priority", {"by": 5}),
        ),
        _rule(
            "app",
            "App 进会员服务",
            [("channel", "is", "demo-app")],
            ("enqueue", {"group": group["member"]}),
        ),
        _rule(
            "track",
            "从订单和物流页面来",
            [("entry_page", "pattern", "/(order|logistics|track)")],
            ("enqueue", {"group": group["delivery"]}),
        ),
        _rule("intent", "高意向优先", [("intent", "is", "high")], ("priority", {"by": 3})),
        _rule(
            "refund",
            "退款与投诉进售后",
            [("message_text", "contains_any", ["退款", "投诉", "赔偿", "假货"])],
            ("enqueue", {"group": group["aftersale"]}),
            ("priority", {"by": 2}),
            ("tag", {"tag": "售后风险"}),
        ),
        _rule(
            "known",
            "熟客优先",
            [("returning", "is_true", None), ("customer_level", "is_set", None)],
            ("last_agent", {"days": 30, "seconds": 30}),
        ),
        _rule(
            "busy",
            "售前排队过长时去会员服务",
            [("channel", "is", "demo-web"), ("group_waiting", ">=", 10)],
            ("enqueue", {"group": group["member"]}),
        ),
    ]


def _rule(
    key: str,
    name: str,
    conditions: list[tuple[str, str, object]],
    *actions: tuple[str, dict[str, object]],
) -> dict[str, object]:
    items = []
    for fact, operator, value in conditions:
        one: dict[str, object] = {"fact": fact, "operator": operator}
        if value is not None:
            one["value"] = value
        items.append(one)
    return {
        "id": key,
        "name": name,
        "enabled": True,
        "when": {"match": "all", "items": items},
        "then": [{"action": action, "params": params} for action, params in actions],
    }


def _texts() -> None:
    for order, (name, shortcuts) in enumerate(REPLY_CATEGORIES.items()):
        category = QuickReplyCategory.objects.create(name=name, order=order)
        QuickReply.objects.filter(shortcut__in=shortcuts).update(category=category)
    Invitation.objects.create(
        channel=Channel.objects.get(key="demo-web"),
        name="茶礼页面",
        match=PageMatch.CONTAINS,
        value="/gift/",
        after_seconds=20,
        text="在挑茶礼吗？告诉我送给谁、多少预算，我帮您选。",
    )


def _categories(
    dice: Dice, founded: dt.datetime, groups: dict[str, SkillGroup]
) -> dict[str, list[uuid.UUID]]:
    found = {}
    for slug, names in CATEGORIES.items():
        group = groups[slug]
        parent = WrapUpCategory.objects.create(id=dice.id(founded), name=group.name, group=group)
        rows = WrapUpCategory.objects.bulk_create(
            WrapUpCategory(id=dice.id(founded), name=name, parent=parent, group=group, order=order)
            for order, name in enumerate(names)
        )
        found[slug] = [row.pk for row in rows]
    return found
