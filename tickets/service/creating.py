"""Making tickets. The same cause makes one ticket, however often it is told."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from conversations import attachments
from conversations.models import Attachment, Conversation, Customer
from lingxi.errors import Forbidden, Invalid, NotFound, TooLong
from routing.models import Agent, SkillGroup
from tickets.forms import form_in_force
from tickets.models import (
    EntryKind,
    IssueType,
    Link,
    Priority,
    Source,
    Ticket,
    TicketFile,
    TicketType,
)
from tickets.service import clock
from tickets.service.actors import By
from tickets.service.change import Change
from tickets.workflows import compiled, in_force

if TYPE_CHECKING:
    from lingxi.fields import Form

MAX_TITLE, MAX_DESCRIPTION, MAX_TAGS, MAX_TAG = 200, 20_000, 20, 40
CAUSE_INDEX = "cause"


@dataclass
class NewTicket:
    """What a new ticket is to be.

    `cause` names what makes it (`api:<key>`, `keyword:<rule>:<conversation>`): a second time, the
    first ticket is the answer. `conversation` is linked as the source; `files` are ids of
    attachments that the maker may see. `raw_fields` False: `fields` were cleaned already.
    """

    type: TicketType
    title: str
    source: Source
    description: str = ""
    priority: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    requester: Customer | None = None
    group: SkillGroup | None = None
    assignee: Agent | None = None
    issue_type: IssueType | None = None
    tags: Sequence[str] = ()
    conversation: Conversation | None = None
    parent: Ticket | None = None
    files: Sequence[uuid.UUID] = ()
    cause: str | None = None
    raw_fields: bool = True
    digest: str = ""  # of the request, so that the same key with another body can be refused


def create(new: NewTicket, by: By) -> tuple[Ticket, bool]:
    """The ticket, and whether it was made now; False when its cause had made it before.

    Raises `Invalid` with `fields`, `TooLong`, `Forbidden`, `Conflict` for a type without a
    published workflow.
    """
    by.check("tickets.create")
    found = of_cause(new.cause)
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            return _create(new, by), True
    except IntegrityError as error:
        found = of_cause(new.cause)  # somebody else was faster
        if found is None or CAUSE_INDEX not in str(error):
            raise
        return found, False


def of_cause(cause: str | None) -> Ticket | None:
    """The ticket that `cause` has made."""
    if not cause:
        return None
    return Ticket.objects.select_related("type", "group", "assignee").filter(cause=cause).first()


def check(new: NewTicket, by: By) -> None:
    """Raises what `create` would, as far as what is said goes; writes nothing."""
    by.check("tickets.create")
    _drafted(new, by)


def _drafted(new: NewTicket, by: By) -> Ticket:
    """The ticket as it will be saved, every value checked."""
    now = clock.now()
    version = in_force(new.type)
    if not new.type.is_active:
        raise Invalid("该工单类型已停用", fields={"type": ["已停用"]})
    workflow = compiled(version.pk)
    form = form_in_force(new.type)
    ticket = Ticket(
        type=new.type,
        type_version=version,
        title=checked_title(new.title),
        description=checked_text(new.description, MAX_DESCRIPTION, "description"),
        priority=Priority(new.priority) if new.priority else new.type.default_priority,
        status=workflow.initial,
        category=workflow.status(workflow.initial).category,
        issue_type=new.issue_type,
        tags=checked_tags(new.tags),
        fields=clean_fields(form, new.fields, by) if new.raw_fields else dict(new.fields),
        requester=new.requester,
        group=new.group or new.type.group,
        created_by=by.user,
        source=new.source,
        cause=new.cause or None,
        parent=new.parent,
        created_at=now,
        touched_at=now,
    )
    ticket.fields_version_id = form.version_id if form else None
    return ticket


def _create(new: NewTicket, by: By) -> Ticket:
    ticket = _drafted(new, by)
    change = Change(ticket, by, at=ticket.created_at)
    change.kinds.add("created")
    told = {"source": str(new.source)}
    change.entry(
        EntryKind.CREATED, told | ({"digest": new.digest} if new.digest else {}), is_public=True
    )
    change.event("ticket.created", {"source": str(new.source)})
    change.wanted_group, change.wanted_agent = new.group, new.assignee
    change.conversation = new.conversation
    change.after(lambda: _attach(ticket, new, by))
    return change.commit()


def _attach(ticket: Ticket, new: NewTicket, by: By) -> None:
    if new.conversation is not None:
        Link.objects.create(ticket=ticket, conversation=new.conversation, is_source=True)
    attach_files(ticket, new.files, by, is_public=by.customer is not None)


def attach_files(
    ticket: Ticket,
    ids: Sequence[uuid.UUID],
    by: By,
    *,
    comment: Any = None,
    is_public: bool = False,
) -> list[TicketFile]:
    """Put files to a ticket. Raises `NotFound` for those the person may not see."""
    wanted = set(ids)
    if not wanted:
        return []
    rows = Attachment.objects.filter(pk__in=wanted)
    if by.user is not None:
        rows = rows & Attachment.objects.visible_to(by.user)
    elif by.customer is not None:
        rows = rows.filter(customer=by.customer)
    found = list(rows.distinct())
    if len(found) != len(wanted):
        raise NotFound("附件不存在，或你无权使用")
    kept = [
        TicketFile(ticket=ticket, attachment=one, comment=comment, is_public=is_public)
        for one in found
    ]
    attachments.keep(wanted)
    return TicketFile.objects.bulk_create(kept, ignore_conflicts=True)


def clean_fields(
    form: "Form | None",
    values: Mapping[str, Any],
    by: By,
    *,
    before: Mapping[str, Any] | None = None,
    required: frozenset[str] = frozenset(),
    partial: bool = False,
) -> dict[str, Any]:
    """Custom values as they are stored. Raises `Invalid` with `fields.<key>` entries."""
    if form is None:
        if values:
            raise Invalid(fields={f"fields.{key}": ["此类型没有该字段"] for key in values})
        return dict(before or {})
    return form.clean(values, before=before, user=by.user, required=required, partial=partial)


def checked_title(title: Any) -> str:
    """A title without blanks around it. Raises `Invalid`, `TooLong`."""
    text = " ".join(str(title or "").split())
    if not text:
        raise Invalid("请填写标题", fields={"title": ["必填"]})
    return checked_text(text, MAX_TITLE, "title")


def checked_text(text: Any, most: int, name: str) -> str:
    """A text that fits. Raises `Invalid`, `TooLong`."""
    value = str(text or "").strip()
    if "\x00" in value:
        raise Invalid(fields={name: ["含有不允许的字符"]})
    if len(value) > most:
        raise TooLong(fields={name: [f"最多 {most} 字"]})
    return value


def checked_tags(tags: Any) -> list[str]:
    """Distinct, trimmed tags in their order. Raises `Invalid`."""
    found = list(dict.fromkeys(str(tag).strip() for tag in tags if str(tag).strip()))
    if len(found) > MAX_TAGS or any(len(tag) > MAX_TAG or "\x00" in tag for tag in found):
        raise Invalid(fields={"tags": [f"最多 {MAX_TAGS} 个，每个最多 {MAX_TAG} 字"]})
    return found


def may_see(ticket_id: uuid.UUID, by: By) -> None:
    """Raises `NotFound` for staff and customers who may not see the ticket."""
    rows = Ticket.objects.filter(pk=ticket_id)
    if by.user is not None:
        rows = Ticket.objects.visible_to(by.user).filter(pk=ticket_id)
    elif by.customer is not None:
        rows = rows.filter(requester=by.customer)
    if not rows.exists():
        raise NotFound("工单不存在，或你无权查看")


def refuse_merged(ticket: Ticket) -> None:
    """Raises `Forbidden` for a ticket that goes on as another one."""
    if ticket.merged_into_id is not None:
        raise Forbidden("该工单已合并，请在合并后的工单中处理")
