"""A rule as a sentence people can read."""

from collections.abc import Iterator
from decimal import Decimal

from tickets.models import Category, EscalationRule, Priority, SlaMark


def sentence(rule: EscalationRule) -> str:
    """“退款，优先级不低于高，无动静满 4 小时：优先级提高到紧急；通知主管”."""
    when, then = list(_conditions(rule)), list(_actions(rule))
    return f"{'，'.join(when)}：{'；'.join(then) or '不做任何事'}"


def _conditions(rule: EscalationRule) -> Iterator[str]:
    types = [one.name for one in rule.types.all()]
    groups = [one.name for one in rule.groups.all()]
    yield "、".join(types) if types else "所有类型"
    if groups:
        yield "技能组为" + "、".join(groups)
    if rule.categories:
        yield "阶段为" + "、".join(str(Category(one).label) for one in rule.categories)
    if rule.min_priority is not None:
        yield f"优先级不低于{Priority(rule.min_priority).label}"
    unit = "营业小时" if rule.calendar_id else "小时"
    if rule.age_hours is not None:
        yield f"创建满 {_number(rule.age_hours)} {unit}"
    if rule.silence_hours is not None:
        yield f"无动静满 {_number(rule.silence_hours)} {unit}"
    if rule.sla:
        yield str(SlaMark(rule.sla).label)
    if rule.urges is not None:
        yield f"催办满 {rule.urges} 次"


def _actions(rule: EscalationRule) -> Iterator[str]:
    if rule.to_priority is not None:
        yield f"优先级提高到{Priority(rule.to_priority).label}"
    to = [str(one) for one in (rule.to_group, rule.to_agent) if one is not None]
    if to:
        yield "转派给" + " / ".join(to)
    whom = ["受理人"] * rule.notify_assignee + ["主管"] * rule.notify_supervisors
    whom += [user.first_name or user.get_username() for user in rule.notify_users.all()]
    if whom:
        yield "通知" + "、".join(whom)
    if rule.order_text and rule.order_hours is not None:
        yield f"下达督办，{_number(rule.order_hours)} 小时内回复"
    if rule.tag:
        yield f"添加标签“{rule.tag}”"


def _number(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
