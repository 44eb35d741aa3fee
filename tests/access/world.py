"""A small business with a canary in everything somebody might not be meant to see.

A canary is a text that occurs nowhere else. Finding one in an answer says which value of which
conversation or customer has leaked, and missing one says what was held back.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.utils import timezone
from guardian.shortcuts import assign_perm

from audit.archive.indexing import index_conversations
from conversations.models import Conversation, Invitation
from conversations.principals import agent_token, visitor_token
from integrations.models import Delivery, Endpoint
from lingxi.events.models import Event, FailedHandling
from tests import factories
from tests.access import (
    approval_world,
    classification_world,
    fields_world,
    jobs_world,
    schedule_world,
    service_world,
    sla_world,
    strategy_world,
    ticket_world,
    visitor_ticket_world,
    workflow_world,
)
from tests.access.oracle import PEOPLE, PHONES, SPOKEN, canary


@dataclass
class Person:
    """Somebody with what they carry: a bearer token, a session cookie, both or none."""

    name: str
    token: str | None = None
    session: str | None = None
    agent: Any = None
    user: Any = None


@dataclass
class World:
    """People by the names of the oracle, and the ids that URLs are made of."""

    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # shown to nobody, ever

    def with_unknown_ids(self) -> "World":
        """The same people, but all ids are of things that do not exist."""
        return replace(self, ids={name: uuid.uuid4() for name in self.ids})

    def id(self, name: str) -> Any:
        """The id of a thing."""
        return self.ids[name]


def build() -> World:
    """Write it to the database; the caller commits, and empties the database in the end."""
    world = World()
    groups = {name: factories.SkillGroupFactory(name=f"组{name}", slug=name) for name in "abc"}
    channels = {
        name: factories.ChannelFactory(
            group=groups[name], key=f"channel-{name}", name=f"渠道{name}"
        )
        for name in "ab"
    }
    for name, facts in PEOPLE.items():
        if facts.role is not None:
            world.people[name] = _person(name, facts, groups)
    _conversations(world, channels)
    _visitors(world, channels)
    _rest(world, groups, channels)
    service_world.add_to(world)
    ticket_world.add_to(world)
    visitor_ticket_world.add_to(world)
    jobs_world.add_to(world)
    workflow_world.add_to(world)
    classification_world.add_to(world)
    sla_world.add_to(world)
    approval_world.add_to(world)
    strategy_world.add_to(world)
    fields_world.add_to(world)
    schedule_world.add_to(world)
    index_conversations(list(Conversation.objects.values_list("id", flat=True)))
    return world


def _person(name: str, facts: Any, groups: dict[str, Any]) -> Person:
    role = None if facts.role in {"none", "superuser"} else facts.role
    user = factories.UserFactory(
        username=name.replace(" ", "-"),
        role=role,
        scope=facts.scope,
        is_superuser=facts.role == "superuser",
    )
    person = Person(name, agent_token(user), _session(user), user=user)
    if facts.serves:
        mine = [groups[facts.group]] if facts.group else []
        person.agent = factories.AgentFactory(
            user=user, name=f"坐席 {name}", groups=mine, status="busy"
        )
        factories.lease_for(person.agent, 3600)
    if facts.supervises:
        assign_perm("supervise_skillgroup", user, groups[facts.supervises])
    if not facts.active:
        user.is_active = False
        user.save()
    return person


def _session(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _customer(name: str) -> Any:
    customer = factories.CustomerFactory(
        name=f"王小明 {canary('name', name)}",
        phone=PHONES[name],
        email=f"{canary('email', name)}@example.com",
        remark=f"备注 {canary('remark', name)}",
        tags=[canary("tag", name)[:20]],
    )
    factories.IdentityFactory(customer=customer, kind="member", value=canary("identity", name))
    return customer


def _conversations(world: World, channels: dict[str, Any]) -> None:
    people = world.people
    customers = {name: _customer(name) for name in ("zhang", "li", "zhao")}
    owners = {
        "served": ("zhang", "a", "serving", people["agent"].agent),
        "ended": ("zhang", "a", "closed", people["former agent"].agent),
        "waiting": ("li", "a", "queued", None),
        "foreign": ("zhao", "b", "serving", people["outsider"].agent),
    }
    world.ids |= {f"customer {name}": row.pk for name, row in customers.items()}
    for name, (owner, channel, state, agent) in owners.items():
        conversation = factories.ConversationFactory(
            customer=customers[owner],
            channel=channels[channel],
            state=state,
            agent=agent,
            context={"entry_page": f"https://shop.example.com/{canary('entry', name)}"},
            fields={"order": canary("field", name)},
        )
        world.ids[name] = conversation.pk
        _log(world, name, conversation)
    for name, row in customers.items():
        title = f"页面 {canary('trail', name)}"
        factories.PageViewFactory(customer=row, channel=channels["a"], title=title)


def _log(world: World, name: str, conversation: Any) -> None:
    file = factories.AttachmentFactory(
        conversation=conversation,
        customer=conversation.customer,
        name=f"{canary('file', name)}.txt",
        file__data=canary("bytes", name).encode(),
    )
    world.ids[f"file {name}"] = file.pk
    write = factories.MessageFactory
    owner = SPOKEN[name]
    words = f"{canary('message', name)} 苹果色号 电话{PHONES[owner]}"
    write(
        conversation=conversation,
        content={
            "type": "file",
            "attachment": str(file.pk),
            "name": file.name,
            "size": file.size,
            "media_type": file.media_type,
        },
    )
    note = write(
        conversation=conversation,
        kind="note",
        author_type="agent",
        author_id=conversation.agent_id,
        content={"type": "text", "text": f"内部 {canary('note', name)} 苹果色号"},
    )
    write(
        conversation=conversation,
        kind="whisper",
        author_type="agent",
        author_id=conversation.agent_id,
        content={"type": "text", "text": f"悄悄话 {canary('whisper', name)}"},
    )
    write(
        conversation=conversation,
        kind="transfer",
        author_type="system",
        author_id=None,
        content={
            "from": {"id": str(uuid.uuid4()), "name": "甲"},
            "to": {"group": "x", "name": "乙"},
            "note": canary("transfer", name),
        },
    )
    said = write(conversation=conversation, content={"type": "text", "text": words})
    world.ids |= {f"message {name}": said.pk, f"note {name}": note.pk}


def _visitors(world: World, channels: dict[str, Any]) -> None:
    served = Conversation.objects.get(pk=world.id("served"))
    foreign = Conversation.objects.get(pk=world.id("foreign"))
    tokens = {
        "anonymous": None,
        "visitor": visitor_token(served.customer, channels["a"]),
        "other visitor": visitor_token(foreign.customer, channels["b"]),
        "visitor elsewhere": visitor_token(served.customer, channels["b"]),
    }
    world.people |= {name: Person(name, token) for name, token in tokens.items()}


def _rest(world: World, groups: dict[str, Any], channels: dict[str, Any]) -> None:
    """One row of everything else that has an admin page."""
    ended = Conversation.objects.get(pk=world.id("ended"))
    rating = factories.RatingFactory(
        conversation=ended, agent=ended.agent, comment=canary("rating", "ended")
    )
    reply = factories.QuickReplyFactory()
    with transaction.atomic():
        event = Event.objects.create(
            type="message.received",
            conversation_id=world.id("served"),
            payload={"text": canary("message", "served")},
        )
    failed = FailedHandling.objects.create(
        subscriber="archive", event=event, error="x", due_at=timezone.now() + dt.timedelta(days=1)
    )
    endpoint = Endpoint.objects.create(name="回调", url="https://partner.example.com/hook")
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        event_id=event.event_id,
        event_type=event.type,
        conversation_id=world.id("served"),
        body='{"text": "x"}',
        state=Delivery.State.DEAD,
    )
    invitation = Invitation.objects.create(channel=channels["a"], name="邀请", text="需要帮忙吗？")
    world.ids |= {
        "invitation": invitation.pk,
        "group a": groups["a"].pk,
        "group c": groups["c"].pk,
        "type of conversations": ContentType.objects.get_for_model(Conversation).pk,
        "log entry": LogEntry.objects.values_list("pk", flat=True)[0],
        "channel a": channels["a"].pk,
        "agent agent": world.people["agent"].agent.pk,
        "agent outsider": world.people["outsider"].agent.pk,
        "user agent": world.people["agent"].user.pk,
        "user superuser": get_user_model().objects.get(username="superuser").pk,
        "rating ended": rating.pk,
        "reply": reply.pk,
        "event": event.pk,
        "failed": failed.pk,
        "endpoint": endpoint.pk,
        "delivery": delivery.pk,
        "work served": factories.WorkItem.objects.get(item_id=world.id("served")).pk,
    }
    world.secrets = {
        "the endpoint's secret": endpoint.secret,
        "a password's hash": world.people["agent"].user.password,
    }
