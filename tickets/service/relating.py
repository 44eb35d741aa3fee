"""How tickets hang together with conversations and with each other."""

import uuid

from django.db import connection, transaction

from conversations.models import Conversation
from lingxi.errors import Conflict, Invalid, NotFound
from tickets.models import (
    Category,
    Comment,
    EntryKind,
    Link,
    Ticket,
    TicketFile,
    Watcher,
)
from tickets.service.actors import By
from tickets.service.change import Change, change_of, locked
from tickets.service.creating import may_see, refuse_merged
from tickets.service.moving import pull
from tickets.workflow import Transition
from tickets.workflows import workflow_of

MAX_DEPTH = 10


def link(ticket_id: uuid.UUID, conversation: Conversation, by: By) -> Link:
    """Tie a ticket to a conversation that the person may see. Again is no error."""
    by.check("tickets.edit")
    may_see(ticket_id, by)
    _may_see_conversation(conversation, by)
    with change_of(ticket_id, by) as change:
        row, is_new = Link.objects.get_or_create(ticket=change.ticket, conversation=conversation)
        if is_new:
            change.entry(EntryKind.LINKED, {"conversation": str(conversation.pk)})
            change.note("conversation", "关联会话", "", str(conversation.pk))
    return row


def unlink(ticket_id: uuid.UUID, conversation_id: uuid.UUID, by: By) -> None:
    """Untie them. Raises `Conflict` for the conversation the ticket was made from."""
    by.check("tickets.edit")
    may_see(ticket_id, by)
    with change_of(ticket_id, by) as change:
        row = Link.objects.filter(ticket=change.ticket, conversation_id=conversation_id).first()
        if row is None:
            raise NotFound("没有关联该会话")
        if row.is_source:
            raise Conflict("工单由该会话创建，不能取消关联")
        row.delete()
        change.entry(EntryKind.UNLINKED, {"conversation": str(conversation_id)})
        change.note("conversation", "关联会话", str(conversation_id), "")


def _may_see_conversation(conversation: Conversation, by: By) -> None:
    if by.user is None:
        return
    if not Conversation.objects.visible_to(by.user).filter(pk=conversation.pk).exists():
        raise NotFound("会话不存在，或你无权查看")


@transaction.atomic
def set_parent(ticket_id: uuid.UUID, parent_id: uuid.UUID | None, by: By) -> Ticket:
    """Put a ticket under another, or under none. Raises `Invalid` where a circle would close."""
    by.check("tickets.edit")
    may_see(ticket_id, by)
    if parent_id is not None:
        may_see(parent_id, by)
    _lock_trees()
    tickets = _lock_both(ticket_id, parent_id)
    parent = tickets[parent_id] if parent_id else None
    if parent is not None:
        refuse_merged(parent)
        _refuse_circle(ticket_id, parent)
    change = Change(tickets[ticket_id], by)
    refuse_merged(change.ticket)
    if change.set("parent", parent):
        shown = parent.reference if parent else ""
        change.entry(EntryKind.PARENT, {"parent": shown, "changes": change.changes})
    return change.commit()


def _lock_trees() -> None:
    """One after the other: two who each lock a part of a tree could close a circle together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tickets.trees', 4))")


def _lock_both(*ids: uuid.UUID | None) -> dict[uuid.UUID, Ticket]:
    return {pk: locked(pk) for pk in sorted({one for one in ids if one is not None})}


def _refuse_circle(ticket_id: uuid.UUID, parent: Ticket) -> None:
    above: Ticket | None = parent
    for _ in range(MAX_DEPTH):
        if above is None:
            return
        if above.pk == ticket_id:
            raise Invalid("不能把工单放到自己的下级之下", fields={"parent": ["会形成循环"]})
        above = above.parent
    raise Invalid(fields={"parent": [f"最多 {MAX_DEPTH} 层"]})


@transaction.atomic
def merge(source_id: uuid.UUID, target_id: uuid.UUID, by: By) -> Ticket:
    """Merge `source` into `target`: what was said, files, links, watchers and children go over.

    The source is closed and points to the target. Raises `Invalid` for a ticket and itself or one
    that it is above or below, `Conflict` for one that was merged already, `NotFound`.
    """
    by.check("tickets.merge")
    for one in (source_id, target_id):
        may_see(one, by)
    if source_id == target_id:
        raise Invalid("不能与自己合并", fields={"target": ["与原工单相同"]})
    _lock_trees()
    tickets = _lock_both(source_id, target_id)
    source, target = tickets[source_id], tickets[target_id]
    _refuse_merge(source, target)
    _hand_over(source, target)
    into = Change(target, by)
    into.entry(EntryKind.MERGED, {"from": source.reference, "title": source.title})
    into.note("merged", "合并", "", source.reference)
    into.commit()
    _close_merged(source, target, by)
    return target


def _refuse_merge(source: Ticket, target: Ticket) -> None:
    if source.merged_into_id or target.merged_into_id:
        raise Conflict("其中一个工单已被合并")
    if target.pk in _above(source) or source.pk in _above(target):
        raise Invalid("不能与上级或下级工单合并", fields={"target": ["是上级或下级工单"]})
    if source.requester_id and target.requester_id and source.requester_id != target.requester_id:
        raise Invalid("两个工单属于不同的客户", fields={"target": ["客户不同"]})
    if source.approvals.filter(state="pending").exists():
        raise Conflict("该工单正在审批，请先撤回审批")


def _above(ticket: Ticket) -> set[uuid.UUID]:
    """The parents, up to the top."""
    found: set[uuid.UUID] = set()
    above = ticket.parent
    while above is not None and above.pk not in found:
        found.add(above.pk)
        above = above.parent
    return found


def _hand_over(source: Ticket, target: Ticket) -> None:
    Comment.objects.filter(ticket=source).update(ticket=target)
    known = TicketFile.objects.filter(ticket=target).values("attachment_id")
    source.files.exclude(attachment_id__in=known).update(ticket=target)
    linked = Link.objects.filter(ticket=target).values("conversation_id")
    source.links.exclude(conversation_id__in=linked).update(ticket=target, is_source=False)
    watching = Watcher.objects.filter(ticket=target).values("user_id")
    source.watchers.exclude(user_id__in=watching).update(ticket=target)
    source.children.update(parent=target)
    if target.requester_id is None and source.requester_id is not None:
        target.requester = source.requester


def _close_merged(source: Ticket, target: Ticket, by: By) -> None:
    change = Change(source, by)
    source.merged_into = target
    change.note("merged", "合并", "", target.reference)
    change.entry(EntryKind.MERGED, {"into": target.reference, "title": target.title})
    closed = _closed_status(source)
    if source.category != Category.CLOSED and closed is not None:
        pull(change, Transition("merge", "合并", to=closed))
    change.commit()


def _closed_status(ticket: Ticket) -> str | None:
    statuses = workflow_of(ticket).statuses.values()
    return next((one.key for one in statuses if one.category == Category.CLOSED), None)
