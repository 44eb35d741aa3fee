"""What the page of a ticket shows, for one person."""

from dataclasses import dataclass
from typing import Any

from conversations.models import Conversation, Customer
from conversations.workbench.rows import display_name
from conversations.workbench.words import STATES
from lingxi.access.masking import for_viewer, sees_plain
from lingxi.access.permissions import can
from lingxi.fields.showing import ShownField
from routing.models import Agent
from tickets.forms import form_in_force, form_of_ticket
from tickets.models import Priority, Ticket
from tickets.pages.one.feed import File, Item, feed_of, files_of
from tickets.service import By, transitions_for
from tickets.sla.shown import ShownClock, clocks_of
from tickets.workflow import Status, Transition
from tickets.workflows import workflow_of

MOST = 20


@dataclass(slots=True)
class Related:
    """Another ticket in short."""

    reference: str
    title: str
    status: str
    category: str


@dataclass(slots=True)
class Talk:
    """A conversation of the ticket; `url` is empty when the person may not see it."""

    id: Any
    text: str
    state: str
    at: Any
    channel: str
    url: str
    is_source: bool


@dataclass(slots=True)
class TicketPage:
    """Everything on the page; every text in it is masked for the person already."""

    ticket: Ticket
    title: str
    description: str
    tags: list[str]
    status: Status
    priority: Priority
    requester: str
    knows_requester: bool
    fields: list[ShownField]
    form_number: int | None
    form_newest: int | None
    steps: list[Transition]
    clocks: list[ShownClock]
    feed: list[Item]
    files: list[File]
    talks: list[Talk]
    children: list[Related]
    watchers: list[str]
    is_watching: bool
    may_edit: bool
    may_comment: bool
    may_assign: bool
    may_claim: bool
    may_merge: bool


def page_of(ticket: Ticket, user: Any) -> TicketPage:
    """The page; a constant number of queries."""
    by = By.staff(user)
    form, newest = form_of_ticket(ticket), form_in_force(ticket.type)
    is_whole = ticket.merged_into_id is None
    may_edit = is_whole and can(user, "tickets.edit")
    watchers = list(ticket.watchers.select_related("user"))
    return TicketPage(
        ticket=ticket,
        title=for_viewer(user, ticket.title),
        description=for_viewer(user, ticket.description),
        tags=for_viewer(user, list(ticket.tags)),
        status=workflow_of(ticket).status(ticket.status),
        priority=Priority(ticket.priority),
        requester=_requester(ticket, user),
        knows_requester=_knows(ticket, user),
        fields=form.shown(ticket.fields, user) if form else [],
        form_number=form.number if form else None,
        form_newest=newest.number if newest else None,
        steps=transitions_for(ticket, by) if may_edit else [],
        clocks=clocks_of(ticket),
        feed=feed_of(ticket, user),
        files=files_of(ticket),
        talks=talks_of(ticket, user),
        children=[related(one, user) for one in _children(ticket, user)],
        watchers=[one.user.first_name or one.user.get_username() for one in watchers],
        is_watching=any(one.user_id == user.pk for one in watchers),
        may_edit=may_edit,
        may_comment=is_whole and can(user, "tickets.comment"),
        may_assign=is_whole and can(user, "tickets.assign"),
        may_claim=_may_claim(ticket, user),
        may_merge=is_whole and can(user, "tickets.merge"),
    )


def _requester(ticket: Ticket, user: Any) -> str:
    if ticket.requester is None:
        return ""
    return display_name(ticket.requester.name, ticket.requester.pk, plain=sees_plain(user))


def _knows(ticket: Ticket, user: Any) -> bool:
    rows = Customer.objects.visible_to(user)
    return ticket.requester_id is not None and rows.filter(pk=ticket.requester_id).exists()


def _may_claim(ticket: Ticket, user: Any) -> bool:
    if ticket.assignee_id or not ticket.is_active or not can(user, "tickets.assign"):
        return False
    return Agent.objects.filter(user_id=user.pk).exists()


def _children(ticket: Ticket, user: Any) -> Any:
    rows = Ticket.objects.visible_to(user).filter(parent=ticket)
    return rows.select_related("type").order_by("number")[:MOST]


def related(ticket: Ticket, user: Any) -> Related:
    """A ticket in short."""
    status = workflow_of(ticket).status(ticket.status)
    return Related(
        ticket.reference, for_viewer(user, ticket.title), status.name, str(ticket.category)
    )


def talks_of(ticket: Ticket, user: Any) -> list[Talk]:
    """Its conversations, the latest first. What the person may not see has no words, no link."""
    links = list(
        ticket.links.select_related("conversation__channel").order_by("-created_at")[:MOST]
    )
    ids = [link.conversation_id for link in links]
    visible = set(
        Conversation.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    )
    return [_talk(link, link.conversation_id in visible, user) for link in links]


def _talk(link: Any, is_visible: bool, user: Any) -> Talk:
    row = link.conversation
    where = "/workbench/?c=" if can(user, "workbench.use") else "/archive/"
    return Talk(
        id=row.pk,
        text=for_viewer(user, row.last_text) if is_visible else "（无权查看）",
        state=STATES.get(row.state, ""),
        at=row.created_at,
        channel=row.channel.name,
        url=f"{where}{row.pk}" if is_visible else "",
        is_source=link.is_source,
    )
