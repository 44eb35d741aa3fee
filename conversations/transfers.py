"""转接: offered, then accepted, refused, timed out or withdrawn; never without an owner.

While an offer is open its agent goes on serving and keeps the load; the thing has a second work
item, offered to the receiver or waiting in the receiving group. Whoever ends that item (the
receiver, the clock, the giver, the end of the conversation) holds the conversation first, so
exactly one of them wins. Each step is an internal entry of the log, which carries the state that
staff see; the visitor hears of it when somebody else has taken over.
"""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import (
    AuthorType,
    Conversation,
    MessageKind,
    Participant,
    Transfer,
    TransferState,
)
from conversations.states import Trigger, pull
from lingxi.errors import Conflict, Forbidden, Invalid, LingxiError
from routing import assignment, offers, queue
from routing.models import Agent, SkillGroup, WorkItem, WorkState

KIND = "conversation"
TRANSFER_PRIORITY = 10  # who was served already goes before who just came


def open_transfer(conversation: Conversation) -> Transfer | None:
    """The offer nobody has answered yet."""
    return (
        conversation.transfers.filter(state=TransferState.OFFERED)
        .select_related("from_agent", "from_group", "to_agent", "to_group")
        .first()
    )


@transaction.atomic
def transfer_conversation(
    conversation_id: uuid.UUID,
    by: Agent,
    to_agent: Agent | None = None,
    to_group: SkillGroup | None = None,
    note: str = "",
) -> Conversation:
    """Offer the conversation to an agent, or to a group's queue; `by` keeps it meanwhile.

    Raises `Invalid` without exactly one target, `Forbidden` when it is not `by`'s, `Conflict`
    while another offer is open, `AgentUnavailable` when the agent cannot take it.
    """
    if (to_agent is None) == (to_group is None):
        raise Invalid("请选择一个坐席或技能组", fields={"to": ["二选一"]})
    conversation = locked(conversation_id)
    if conversation.is_open and conversation.agent_id != by.id:
        raise Forbidden("该会话不由你接待")
    if to_agent is not None and to_agent.id == by.id:
        raise Invalid("不能转给自己", fields={"agent": ["不能转给自己"]})
    if open_transfer(conversation) is not None:
        raise Conflict("会话正在转接中，请先撤回")
    pull(conversation, Trigger.TRANSFER, AuthorType.AGENT)
    conversation.save(update_fields=["state"])
    transfer = _record(conversation, by, to_agent, to_group, note)
    _ask(conversation, transfer)
    return locked(conversation_id)


def _record(
    conversation: Conversation,
    by: Agent,
    to_agent: Agent | None,
    to_group: SkillGroup | None,
    note: str,
) -> Transfer:
    seconds = (to_group or _group_for(conversation, to_agent)).transfer_seconds
    return Transfer.objects.create(
        conversation=conversation,
        from_agent=by,
        from_group_id=conversation.group_id,
        to_agent=to_agent,
        to_group=to_group,
        note=note[:500],
        expires_at=timezone.now() + dt.timedelta(seconds=seconds),
    )


def _group_for(conversation: Conversation, agent: Agent | None) -> SkillGroup:
    """Under which group an agent takes it: its own if they are in it, else their first."""
    found = None
    if agent is not None:
        found = agent.groups.filter(pk=conversation.group_id).first() or agent.groups.first()
    return found or SkillGroup.objects.get(pk=conversation.group_id)


def _ask(conversation: Conversation, transfer: Transfer) -> None:
    """Write the offer down, then put it to the agent or into the group's queue."""
    change = Change()
    _log(change, conversation, transfer, Actor.agent(transfer.from_agent), "offered")
    change.tell(transfer.from_agent_id, conversation, "transferred")
    change.tell(transfer.to_agent_id, conversation, "transfer_offered")
    if transfer.to_group_id:
        change.queue([transfer.to_group_id])
    change.commit()
    held = WorkItem.objects.filter(
        kind=KIND, item_id=conversation.id, state=WorkState.ASSIGNED
    ).first()
    facts = held.facts if held else {}
    if transfer.to_agent is not None:
        _ask_agent(conversation, transfer, transfer.to_agent, facts)
    elif transfer.to_group is not None:
        _ask_group(conversation, transfer, transfer.to_group, facts)


def _ask_agent(
    conversation: Conversation, transfer: Transfer, agent: Agent, facts: dict[str, Any]
) -> None:
    seconds = round((transfer.expires_at - timezone.now()).total_seconds())
    group, channel_kind = _group_for(conversation, agent), conversation.channel.kind
    offers.offer_to(
        KIND,
        conversation.id,
        agent,
        group,
        seconds=max(1, seconds),
        channel_kind=channel_kind,
        facts=facts,
    )


def _ask_group(
    conversation: Conversation, transfer: Transfer, group: SkillGroup, facts: dict[str, Any]
) -> None:
    item = queue.enqueue(
        KIND,
        conversation.id,
        group,
        facts,
        TRANSFER_PRIORITY,
        channel_kind=conversation.channel.kind,
        is_transfer=True,
        give_up_at=transfer.expires_at,
    )
    # Not back to the one who gives it away.
    item.declined_by = [transfer.from_agent_id]
    item.save(update_fields=["declined_by"])
    assignment.rerun_on_commit([group.id])


@transaction.atomic
def accept(conversation_id: uuid.UUID, agent: Agent) -> Conversation:
    """Take what was offered to the agent, or to a group of theirs. Twice is no error.

    Raises `Conflict` when the offer is over, `Forbidden` when it was made to others,
    `AgentUnavailable` when the agent cannot take it (any more).
    """
    conversation = locked(conversation_id)
    transfer = open_transfer(conversation)
    if transfer is None:
        return _already(conversation, agent)
    if transfer.to_agent_id is None:
        _take_from_group(conversation, transfer, agent)
    elif transfer.to_agent_id == agent.id:
        offers.accept(KIND, conversation.id, agent)
    else:
        raise Forbidden("该转接不是给你的")
    return locked(conversation_id)


def _already(conversation: Conversation, agent: Agent) -> Conversation:
    """The answer got lost on the way, and the receiver asks again."""
    last = conversation.transfers.order_by("-offered_at").first()
    is_mine = conversation.agent_id == agent.id
    if is_mine and last and last.state == TransferState.ACCEPTED and last.accepted_by == agent:
        return conversation
    raise Conflict("转接已失效")


def _take_from_group(conversation: Conversation, transfer: Transfer, agent: Agent) -> None:
    if agent.id == transfer.from_agent_id:
        raise Forbidden("不能接受自己发起的转接，可以撤回")
    group = transfer.to_group
    if group is None or not agent.groups.filter(pk=group.pk).exists():
        raise Forbidden("该转接不是给你所在技能组的")
    item = (
        WorkItem.objects.pending()
        .select_for_update(of=("self",), no_key=True)
        .filter(kind=KIND, item_id=conversation.id)
        .first()
    )
    if item is None:
        raise Conflict("转接已失效")
    if item.state == WorkState.WAITING:
        assignment.assign_to(item, agent)
    else:
        offers.accept(KIND, conversation.id, agent)


@transaction.atomic
def refuse(conversation_id: uuid.UUID, agent: Agent, reason: str = "") -> Conversation:
    """Say no to an offer made to the agent; it stays with who has it. Twice is no error.

    Raises `Conflict` when the offer is over, `Forbidden` when it was made to others.
    """
    conversation = locked(conversation_id)
    transfer = open_transfer(conversation)
    if transfer is None:
        last = conversation.transfers.order_by("-offered_at").first()
        if last and last.state == TransferState.REFUSED and last.to_agent_id == agent.id:
            return conversation
        raise Conflict("转接已失效")
    if transfer.to_agent_id != agent.id:
        raise Forbidden("该转接不是给你的")
    Transfer.objects.filter(pk=transfer.pk).update(refusal=reason[:200])
    offers.decline(KIND, conversation.id, agent)
    return locked(conversation_id)


@transaction.atomic
def withdraw(conversation_id: uuid.UUID, by: Agent) -> Conversation:
    """Take an own offer back. Twice is no error.

    Raises `Forbidden` when it is not `by`'s, `Conflict` when it has been answered.
    """
    conversation = locked(conversation_id)
    transfer = open_transfer(conversation)
    if transfer is None:
        last = conversation.transfers.order_by("-offered_at").first()
        if last and last.state == TransferState.WITHDRAWN and last.from_agent_id == by.id:
            return conversation
        raise Conflict("没有等待中的转接")
    if transfer.from_agent_id != by.id:
        raise Forbidden("该转接不由你发起")
    offers.withdraw(KIND, conversation.id)
    return locked(conversation_id)


def settle(
    conversation: Conversation,
    change: Change,
    state: TransferState,
    accepted_by: Agent | None = None,
    by: Actor | None = None,
) -> Transfer | None:
    """End the open transfer of a locked conversation; None when there is none.

    Accepted: the caller moves the conversation. Refused, timed out, withdrawn: it goes on being
    served as before. Ended: the caller ends it. `by` is given where `state` does not say whose
    doing it was.
    """
    transfer = open_transfer(conversation)
    if transfer is None:
        return None
    transfer.state, transfer.decided_at = state, timezone.now()
    transfer.accepted_by = accepted_by
    transfer.save(update_fields=["state", "decided_at", "accepted_by"])
    by = by or _decided_by(transfer)
    if state == TransferState.ACCEPTED:
        # Who helped before serves now.
        Participant.objects.filter(conversation=conversation, agent=accepted_by).update(role="")
    elif state != TransferState.ENDED:
        pull(conversation, Trigger.KEEP, by.type)
        conversation.save(update_fields=["state"])
    _log(change, conversation, transfer, by, state)
    change.tell(transfer.from_agent_id, conversation, "transfer_ended")
    if transfer.to_agent_id != getattr(accepted_by, "id", None):
        change.tell(transfer.to_agent_id, conversation, "transfer_ended")
    if transfer.to_group_id:
        change.queue([transfer.to_group_id])
    return transfer


def _decided_by(transfer: Transfer) -> Actor:
    """Whose doing the end of an offer is."""
    who = {
        TransferState.ACCEPTED: transfer.accepted_by,
        TransferState.REFUSED: transfer.to_agent,
        TransferState.WITHDRAWN: transfer.from_agent,
    }.get(TransferState(transfer.state))
    return Actor.agent(who) if who is not None else SYSTEM


_EVENTS = {"offered": "conversation.transfer_offered", "accepted": "conversation.transferred"}


def _log(
    change: Change, conversation: Conversation, transfer: Transfer, by: Actor, status: str
) -> None:
    content = {
        "transfer": str(transfer.id),
        "from": {"id": str(transfer.from_agent_id), "name": transfer.from_agent.name},
        "to": _target(transfer),
        "note": transfer.note,
        "status": str(status),
        "by": {"id": str(by.id), "name": by.name} if by.id else None,
        "state": "serving" if status == "accepted" else str(conversation.state),
    }
    if transfer.refusal:
        content["reason"] = transfer.refusal
    change.log(conversation, MessageKind.TRANSFER, by, content)
    told = {key: content[key] for key in ("from", "to", "note", "status", "by")}
    change.event(_EVENTS.get(status, "conversation.transfer_ended"), conversation, told)


def _target(transfer: Transfer) -> dict[str, Any]:
    if transfer.to_agent is not None:
        return {"agent": str(transfer.to_agent_id), "name": transfer.to_agent.name}
    if transfer.to_group is None:
        raise LingxiError
    return {"group": str(transfer.to_group_id), "name": transfer.to_group.name}
