"""Tickets of every kind of person, with a canary in everything they say.

ticket a        in group a, assigned to "agent", of the customer zhang, from "served"
ticket waiting  in group a, with nobody, of the customer li
ticket b        in group b, assigned to "outsider", of the customer zhao, from "foreign"
"""

from typing import Any

from conversations.models import Conversation, Customer
from routing.models import SkillGroup
from tests.access.oracle import TICKETS, canary
from tests.tickets.factories import TicketTypeFactory
from tickets import service
from tickets.models import SavedView, Source, Ticket
from tickets.service import SYSTEM, By, NewTicket

FORM: list[dict[str, Any]] = [
    {"key": "form", "type": "text", "label": "原因"},
    {"key": "secret", "type": "text", "label": "账号", "sensitive": True},
    {"key": "hidden", "type": "text", "label": "内部评估", "visible": ["supervisor", "admin"]},
]
_FROM = {"ticket a": "served", "ticket b": "foreign"}
_TO = {"ticket a": ("a", "agent"), "ticket waiting": ("a", ""), "ticket b": ("b", "outsider")}


def add_to(world: Any) -> None:
    """Write them, as the system: nobody of the people has made or watches one."""
    groups = {row.slug: row for row in SkillGroup.objects.all()}
    type = TicketTypeFactory(key="refund", name="退款", group=groups["a"], form=FORM)
    world.ids |= {"ticket type": type.pk, "group b": groups["b"].pk}
    view = SavedView.objects.create(owner=world.people["agent"].user, name="我的", query="q=x")
    world.ids["view of agent"] = view.pk
    for name, owner in TICKETS.items():
        group, agent = _TO[name]
        ticket = _ticket(world, name, owner, type, groups[group])
        person = world.people[agent].agent if agent else None
        service.assign(ticket.pk, SYSTEM, agent=person, group=groups[group])
        world.ids |= {name: ticket.pk, f"number of {name}": ticket.reference}
    _twin(world, type, groups["a"])
    world.ids |= {"step start": "start"}


def _twin(world: Any, type: Any, group: Any) -> None:
    """Another one of zhang's in the same hands as "ticket a", to be merged with."""
    zhang = Customer.objects.get(pk=world.id("customer zhang"))
    new = NewTicket(type=type, title="另一张", source=Source.AGENT, requester=zhang, group=group)
    ticket, _ = service.create(new, SYSTEM)
    service.assign(ticket.pk, SYSTEM, agent=world.people["agent"].agent, group=group)
    world.ids |= {"twin": ticket.pk, "number of twin": ticket.reference}


def _ticket(world: Any, name: str, owner: str, type: Any, group: Any) -> Ticket:
    source = _FROM.get(name)
    new = NewTicket(
        type=type,
        title=f"{canary('title', name)} 苹果色号",
        source=Source.AGENT,
        description=f"说明 {canary('description', name)}",
        fields={key: canary(key, name) for key in ("form", "secret", "hidden")},
        requester=Customer.objects.get(pk=world.id(f"customer {owner}")),
        group=group,
        tags=[canary("label", name)],
        conversation=Conversation.objects.get(pk=world.id(source)) if source else None,
    )
    ticket, _ = service.create(new, SYSTEM)
    for is_public, kind in ((True, "reply"), (False, "internal")):
        text = f"说 {canary(kind, name)}"
        service.comment(ticket.pk, By.rule("规则"), text, is_public=is_public)
    return ticket
