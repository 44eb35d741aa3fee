"""为什么: the routing of a conversation in words, as a person may see it.

What is kept is `WorkItem.decision` (by which rule it came here) and `WorkItem.explanation` (why
this agent got it); `routing.explain` adds how it stands now. Here it becomes lines for templates,
with everything sensitive in it masked.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.models import Conversation
from lingxi.access.masking import for_viewer
from routing import explain
from routing.models import WorkItem

KIND = "conversation"
LEFT = {
    "assigned": "",
    "transferred": "转接给其他人",
    "taken_over": "被主管接管",
    "refused": "转接被拒绝",
    "timed_out": "转接超时",
    "withdrawn": "转接已撤回",
    "left_to_bot": "交给机器人",
    "overflow_group": "溢出到其他技能组",
    "overflow_bot": "溢出，交给机器人",
    "overflow_offline": "溢出，转为留言",
    "gone_offline": "转为留言",
    "decided_again": "按新消息重新路由",
    "agent_gone": "坐席离线，重新排队",
    "closed_by_visitor": "访客结束",
    "closed_by_agent": "坐席结束",
    "closed_by_system": "系统结束",
    "closed_by_supervisor": "主管强制结束",
}
OUTCOMES = {"bot": "交给机器人", "offline": "转为留言"}


@dataclass(frozen=True)
class Rule:
    """A rule that matched, with the facts it matched by."""

    name: str
    sentence: str
    facts: list[dict[str, str]]


@dataclass(frozen=True)
class Decision:
    """Why it came to this group. `version` is the strategy's number, None for no strategy."""

    version: int | None
    strategy: str
    rules: list[Rule]
    missed: list[dict[str, str]]
    is_default: bool
    group: str
    priority: int
    outcome: str
    preferred: str
    notes: list[str]


@dataclass(frozen=True)
class Stay:
    """One stay in a queue and the service after it."""

    group: str
    state: str
    state_label: str
    is_transfer: bool
    priority: int
    enqueued_at: dt.datetime
    assigned_at: dt.datetime | None
    finished_at: dt.datetime | None
    agent: str
    how: str
    load: str
    tally: list[str]
    left: str
    decision: Decision | None

    @property
    def waited(self) -> dt.timedelta | None:
        """How long it waited for an agent, or until it left."""
        until = self.assigned_at or self.finished_at
        return max(until - self.enqueued_at, dt.timedelta()) if until else None


@dataclass(frozen=True)
class Told:
    """The whole answer."""

    now: explain.Explanation
    decision: Decision | None
    stays: list[Stay] = field(default_factory=list)

    @property
    def current(self) -> Stay | None:
        """The last stay."""
        return self.stays[-1] if self.stays else None


def told_to(user: Any, conversation: Conversation) -> Told:
    """Why the conversation is where it is. The caller made sure that `user` may see it."""
    now = explain.explain(KIND, conversation.pk)
    stays = [_stay(for_viewer(user, one)) for one in now.history]
    return Told(now, _decision(for_viewer(user, now.decision)), stays)


def stays_of(user: Any, conversation: Conversation) -> list[Stay]:
    """Every stay, the oldest first, for the archive; one query."""
    items = WorkItem.objects.filter(kind=KIND, item_id=conversation.pk)
    related = items.select_related("group", "agent", "version").order_by("enqueued_at", "id")
    return [_stay(for_viewer(user, explain.stay(item))) for item in related]


def _decision(kept: Mapping[str, Any]) -> Decision | None:
    """None where nothing was decided: a hand-over, or before there were strategies."""
    if not kept:
        return None
    version, preferred = kept.get("version") or {}, kept.get("preferred") or {}
    reason = explain.REASONS.get(preferred.get("reason", ""), "")
    return Decision(
        version=version.get("number"),
        strategy=str(version.get("strategy") or ""),
        rules=[_rule(one) for one in kept.get("matched") or ()],
        missed=list(kept.get("missed") or ()),
        is_default=bool(kept.get("default", True)),
        group=str((kept.get("group") or {}).get("name") or ""),
        priority=int(kept.get("priority") or 0),
        outcome=OUTCOMES.get(kept.get("outcome", ""), ""),
        preferred=f"{reason}：{preferred.get('name', '')}" if preferred else "",
        notes=[str(note) for note in kept.get("notes") or ()],
    )


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        name=str(one.get("name") or "未命名规则"),
        sentence=str(one.get("sentence") or ""),
        facts=list(one.get("facts") or ()),
    )


def _stay(one: Mapping[str, Any]) -> Stay:
    kept = one["chosen"] or {}
    chosen = kept.get("chosen") or {}
    load = f"{chosen['load']}/{chosen['capacity']}" if "load" in chosen else ""
    reason = one["left_reason"]
    return Stay(
        group=one["group"],
        state=one["state"],
        state_label=one["state_label"],
        is_transfer=one["is_transfer"],
        priority=one["priority"],
        enqueued_at=one["enqueued_at"],
        assigned_at=one["assigned_at"],
        finished_at=one["finished_at"],
        agent=one["agent"],
        how=one["how"],
        load=load,
        tally=_tally(kept.get("members") or {}),
        left=LEFT.get(reason, reason),
        decision=_decision(one["decision"]),
    )


def _tally(members: Mapping[str, int]) -> list[str]:
    """可接待 3, 接待已满 2; in the order of the verdicts."""
    return [
        f"{said} {members[verdict]}"
        for verdict, said in explain.VERDICTS.items()
        if members.get(verdict)
    ]
