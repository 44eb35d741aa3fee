"""Why somebody waits, or why this agent got them: read from the same rows that assignment reads."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from routing import kinds, queue, schedule
from routing.members import Member, Verdict, members_of
from routing.models import PickingMethod, SkillGroup, WorkItem, WorkState

MOST = 50  # members named one by one

VERDICTS = {
    Verdict.READY: "可接待",
    Verdict.BUSY: "忙碌",
    Verdict.BREAK: "小休",
    Verdict.OFFLINE: "离线",
    Verdict.LACKING_SKILL: "技能值不足",
    Verdict.OFF_SHIFT: "不在班次",
    Verdict.FULL: "接待已满",
    Verdict.CHANNEL_FULL: "此类渠道已满",
    Verdict.BURST: "刚接到多个会话，稍后再分配",
    Verdict.DECLINED: "已拒绝或未应答",
    Verdict.RESERVED: "正在等待指定的坐席",
}
REASONS = {
    "last_agent": "熟客优先",
    "designated_agent": "指定坐席",
    "supervisor": "交给主管",
    "claim": "坐席抢接",
    "manual": "主管手动分配",
    "accepted": "坐席接受",
    "take_over": "主管接管",
    "transfer": "转接",
    "returned": "回到上次的坐席",
}


@dataclass
class Considered:
    """One member, and why they may or may not get it. `text` is for people."""

    agent_id: uuid.UUID
    name: str
    verdict: str
    text: str


@dataclass
class Explanation:
    """Everything about one thing in the queue, or with its agent.

    `state` is a work state or empty when the thing was never routed. `chosen` is how the agent
    was picked; `history` are its earlier and present stays, the oldest first.
    """

    state: str = ""
    group: str = ""
    agent: str = ""
    decision: dict[str, Any] = field(default_factory=dict)
    position: int | None = None
    ahead: int | None = None
    estimated_wait: int | None = None
    considered: list[Considered] = field(default_factory=list)
    more: int = 0
    would_free: str = ""
    chosen: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


def explain(kind: str, item_id: uuid.UUID) -> Explanation:
    """Why this thing is where it is."""
    stays = list(
        WorkItem.objects.filter(kind=kind, item_id=item_id)
        .select_related("group", "group__business_hours", "agent", "version", "preferred_agent")
        .order_by("enqueued_at", "id")
    )
    told = Explanation(history=[stay(item) for item in stays])
    item = next((one for one in reversed(stays) if one.is_pending), None) or (
        stays[-1] if stays else None
    )
    if item is None:
        return told
    told.state, told.group = str(item.state), item.group.name
    told.agent = item.agent.name if item.agent else ""
    told.decision = next((one.decision for one in reversed(stays) if one.decision), {})
    told.chosen = item.explanation
    if item.is_pending:
        _explain_waiting(told, item)
    return told


def _explain_waiting(told: Explanation, item: WorkItem) -> None:
    now = timezone.now()
    place = queue.positions_in(item.kind, item.group_id).get(item.item_id)
    if place is not None:
        told.position, told.ahead = place.position, place.ahead
        told.estimated_wait = place.estimated_wait
    members = members_of(item.group, now, item.kind)
    verdicts = [(one, verdict_for(one, item, now)) for one in members]
    verdicts.sort(key=lambda pair: (pair[1] is not Verdict.READY, pair[0].name))
    told.considered = [
        Considered(one.agent_id, one.name, str(verdict), _words(one, verdict))
        for one, verdict in verdicts[:MOST]
    ]
    told.more = max(0, len(verdicts) - MOST)
    told.would_free = _would_free(item, [verdict for _, verdict in verdicts], now)


def verdict_for(one: Member, item: WorkItem, now: dt.datetime) -> Verdict:
    """Whether this member may be given this item now."""
    general = one.verdict(item.group)
    if general is not Verdict.READY:
        return general
    if one.level < item.min_level:
        return Verdict.LACKING_SKILL
    if not one.has_room_for(item.channel_kind):
        return Verdict.CHANNEL_FULL
    if one.agent_id in item.declined_by:
        return Verdict.DECLINED
    only = item.prefers(now)
    return Verdict.READY if only in {None, one.agent_id} else Verdict.RESERVED


def _words(one: Member, verdict: Verdict) -> str:
    said = VERDICTS[verdict]
    if verdict in {Verdict.FULL, Verdict.READY}:
        return f"{said}（{one.load}/{one.capacity}）"
    return f"{said}（{one.level}）" if verdict is Verdict.LACKING_SKILL else said


def _would_free(item: WorkItem, verdicts: list[Verdict], now: dt.datetime) -> str:
    """What would bring it to an agent, in one sentence."""
    group = item.group
    if item.state == WorkState.OFFERED:
        asked = item.agent.name if item.agent else ""
        return f"正在等待 {asked} 接受"
    if item.prefers(now) is not None and item.preferred_until is not None:
        wait = max(1, round((item.preferred_until - now).total_seconds()))
        agent = item.preferred_agent.name if item.preferred_agent else ""
        reason = REASONS.get(item.preferred_reason, "")
        return f"为 {agent} 保留（{reason}），{wait} 秒后分给其他坐席"
    if not group.is_automatic:
        return _by_hand(group)
    if not verdicts:
        return f"{group.name} 组没有成员，请在后台添加坐席"
    if Verdict.READY in verdicts:
        return "有坐席可以接待，即将分配"
    return _from_verdicts(item, set(verdicts), now)


def _by_hand(group: SkillGroup) -> str:
    if group.picking == PickingMethod.CLAIM:
        return f"{group.name} 组由坐席抢接，任一坐席点“抢接”即可"
    return f"{group.name} 组由主管手动分配"


def _from_verdicts(item: WorkItem, found: set[Verdict], now: dt.datetime) -> str:
    group, ways = item.group, []
    if found & {Verdict.FULL, Verdict.CHANNEL_FULL}:
        ways.append(f"{group.name} 组任一接待已满的坐席结束一个{kinds.label_of(item.kind)}")
    if found & {Verdict.BUSY, Verdict.BREAK}:
        ways.append("忙碌或小休的坐席切换为空闲")
    if Verdict.OFFLINE in found:
        ways.append("离线的坐席上线")
    if Verdict.OFF_SHIFT in found:
        ways.append("下一班次开始")
    if Verdict.BURST in found:
        ways.append(f"{group.burst_seconds} 秒内的突发上限过去")
    if Verdict.DECLINED in found:
        ways.append("拒绝过的坐席 30 秒后再次被询问")
    if not ways:
        return "没有成员达到所需的技能值，请调整技能值或策略"
    return "，或 ".join(ways) + _until_opening(group, now)


def _until_opening(group: SkillGroup, now: dt.datetime) -> str:
    if schedule.is_open(group.business_hours, now):
        return ""
    opening = schedule.next_opening(group.business_hours, now)
    if opening is None:
        return "（当前不在营业时间）"
    return f"（当前不在营业时间，{timezone.localtime(opening):%m-%d %H:%M} 开始营业）"


def stay(item: WorkItem) -> dict[str, Any]:
    """One stay as JSON for pages: where, by which rule, who got it and why."""
    version = item.version
    return {
        "group": item.group.name,
        "state": str(item.state),
        "state_label": item.get_state_display(),
        "priority": item.priority,
        "is_transfer": item.is_transfer,
        "enqueued_at": item.enqueued_at,
        "assigned_at": item.assigned_at,
        "finished_at": item.finished_at,
        "left_reason": item.left_reason,
        "agent": item.agent.name if item.agent else "",
        "version": version.number if version else None,
        "decision": item.decision,
        "chosen": item.explanation,
        "how": how(item),
    }


def how(item: WorkItem) -> str:
    """How its agent was picked, in words; empty when nobody has been."""
    method = item.explanation.get("method", "")
    if not method:
        return ""
    preferred = REASONS.get(item.explanation.get("preferred", ""), "")
    if preferred:
        return preferred
    return REASONS.get(method) or PickingMethod(method).label
