"""A rule in words, as the admin lists it."""

from collections.abc import Iterable

from tickets.models import CreationRule, Priority, Trigger


def sentence(rule: CreationRule) -> str:
    """当访客…时，创建“…”工单…"""
    where = "".join(
        f"在{_joined(str(row) for row in rows)}，"
        for rows in (rule.channels.all(), rule.groups.all())
        if rows
    )
    return f"{where}{_when(rule)}时，{_what(rule)}。"


def _when(rule: CreationRule) -> str:
    words = _joined(f"“{word}”" for word in rule.words)
    if rule.trigger == Trigger.KEYWORD:
        parts = [f"含有{words}"] if rule.words else []
        parts += [f"符合“{rule.pattern}”"] if rule.pattern else []
        return f"访客的消息{'，或'.join(parts) or '含有（未填写词语）'}"
    if rule.trigger == Trigger.BOT:
        return f"访客对机器人回复{words or '（未填写选项）'}"
    if rule.trigger == Trigger.UNANSWERED:
        return f"访客等待人工回复超过 {rule.minutes} 分钟"
    return f"会话{_joined(_ends(rule)) or '（未选择情形）'}"


def _ends(rule: CreationRule) -> Iterable[str]:
    if rule.on_wrap_up:
        yield "小结为未解决"
    if rule.on_rating:
        yield "被评为未解决"
    if rule.most_score:
        yield f"评分不高于 {rule.most_score} 星"
    if rule.on_abandoned:
        yield "没等到客服就结束"


def _what(rule: CreationRule) -> str:
    parts = [f"创建“{rule.type}”工单"]
    if rule.priority:
        parts.append(f"优先级{Priority(rule.priority).label}")
    if rule.issue_type:
        parts.append(f"分类“{rule.issue_type}”")
    if rule.group:
        parts.append(f"交给{rule.group}")
    if rule.tags:
        parts.append(f"加标签{_joined(rule.tags)}")
    if rule.answer:
        parts.append(f"并对访客说“{rule.answer}”")
    return "，".join(parts)


def _joined(words: Iterable[str]) -> str:
    return "、".join(words)
