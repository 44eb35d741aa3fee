"""Factories of the rows tests need, for every model of access, routing and conversations.

    UserFactory(role="supervisor", scope="all")            a person with a role
    AgentFactory(status="ready", groups=[g], present=True)  somebody who can be given work
    ConversationFactory(state="serving")                    with its agent, work item and people
    MessageFactory(conversation=c, content={"text": "…"})    takes the next seq

Factories write rows and nothing else: no events, no hints, no routing.
"""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from conversations.models import (
    Attachment,
    AuthorType,
    Channel,
    Conversation,
    Customer,
    Identity,
    IdentityKind,
    Inbox,
    InboxEntry,
    Message,
    MessageKind,
    PageView,
    Participant,
    QuickReply,
    Rating,
    State,
)
from conversations.models.message import INTERNAL_KINDS
from lingxi.access.models import Role, RoleAssignment, Scope
from routing.models import (
    Agent,
    AgentStatus,
    BreakReason,
    BreakRequest,
    BusinessHours,
    OpenInterval,
    Presence,
    RosterEntry,
    Shift,
    SkillGroup,
    SpecialDay,
    WorkItem,
    WorkState,
)

if TYPE_CHECKING:
    factory: Any  # calling a factory gives a row, which the type checker could not know
else:
    import factory

PASSWORD = "lingxi-test-1"  # the password of every UserFactory user
SERVED_STATES = (State.SERVING, State.TRANSFERRING)


def lease_for(agent: Agent, seconds: float = 60) -> Presence:
    """A presence lease that lives `seconds` from now (negative: it has expired)."""
    expires = timezone.now() + dt.timedelta(seconds=seconds)
    return Presence.objects.create(agent=agent, expires_at=expires)


class UserFactory(factory.django.DjangoModelFactory):
    """A person; `role` and `scope` give a role assignment, `role=None` gives none."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = factory.Sequence(lambda n: f"用户{n}")

    role: Any = Role.AGENT
    scope: Any = Scope.OWN

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        role, scope = kwargs.pop("role"), kwargs.pop("scope")
        password = kwargs.pop("password", PASSWORD)
        user = model_class.objects.create_user(*args, password=password, **kwargs)
        if role is not None:
            RoleAssignment.objects.create(user=user, role=role, scope=scope)
        return user


class SkillGroupFactory(factory.django.DjangoModelFactory):
    """A skill group."""

    class Meta:
        model = SkillGroup

    name = factory.Sequence(lambda n: f"技能组{n}")
    slug = factory.Sequence(lambda n: f"group-{n}")


class AgentFactory(factory.django.DjangoModelFactory):
    """An agent with a user of role agent; `groups=[…]`; `present=True` opens a lease.

    `ready=True` is short for `status="ready", present=True`.
    """

    class Meta:
        model = Agent
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"客服{n}")
    status = AgentStatus.OFFLINE
    capacity = 10

    @classmethod
    def _generate(cls, strategy: Any, params: dict[str, Any]) -> Any:
        if params.pop("ready", False):
            params = {"status": AgentStatus.READY, "present": True, **params}
        return super()._generate(strategy, params)

    @factory.post_generation
    def groups(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.groups.set(extracted)

    @factory.post_generation
    def present(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            lease_for(self)


class PresenceFactory(factory.django.DjangoModelFactory):
    """A lease, alive for a minute."""

    class Meta:
        model = Presence

    agent = factory.SubFactory(AgentFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(seconds=60))


class ChannelFactory(factory.django.DjangoModelFactory):
    """A website channel, open to every origin and without an identity secret."""

    class Meta:
        model = Channel

    key = factory.Sequence(lambda n: f"channel-{n}")
    name = factory.Sequence(lambda n: f"渠道{n}")
    group = factory.SubFactory(SkillGroupFactory)


class CustomerFactory(factory.django.DjangoModelFactory):
    """A customer without identities."""

    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"客户{n}")


class IdentityFactory(factory.django.DjangoModelFactory):
    """A device identity with a random value."""

    class Meta:
        model = Identity

    customer = factory.SubFactory(CustomerFactory)
    kind = IdentityKind.DEVICE
    value = factory.LazyFunction(lambda: uuid.uuid4().hex)


class ConversationFactory(factory.django.DjangoModelFactory):
    """A conversation in any state, with its work item and participants to match.

    `agent=` may be given for any state; served states get one of the group when it is not.
    """

    class Meta:
        model = Conversation
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    channel = factory.SubFactory(ChannelFactory)
    group = factory.SelfAttribute("channel.group")
    state = State.QUEUED
    agent = factory.LazyAttribute(lambda o: _server(o.state, o.group))
    closed_at = factory.LazyAttribute(lambda o: timezone.now() if o.state == State.CLOSED else None)
    closed_by = factory.LazyAttribute(lambda o: "visitor" if o.state == State.CLOSED else "")

    @factory.post_generation
    def people(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if not create:
            return
        Participant.objects.create(conversation=self, agent=None)
        if self.agent is not None:
            Participant.objects.create(conversation=self, agent=self.agent)

    @factory.post_generation
    def work(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted is not False:
            WorkItemFactory(
                item_id=self.id, group=self.group, agent=self.agent, state=_work_state(self)
            )


def _server(state: str, group: SkillGroup) -> Agent | None:
    return AgentFactory(ready=True, groups=[group]) if state in SERVED_STATES else None


def _work_state(conversation: Conversation) -> str:
    if conversation.state == State.CLOSED:
        return WorkState.DONE
    return WorkState.ASSIGNED if conversation.agent_id else WorkState.WAITING


class WorkItemFactory(factory.django.DjangoModelFactory):
    """A waiting work item of kind `conversation`."""

    class Meta:
        model = WorkItem

    kind = "conversation"
    item_id = factory.LazyFunction(uuid.uuid4)
    group = factory.SubFactory(SkillGroupFactory)
    state = WorkState.WAITING
    assigned_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.state == WorkState.ASSIGNED else None
    )
    finished_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.state == WorkState.DONE else None
    )


class ParticipantFactory(factory.django.DjangoModelFactory):
    """An agent taking part; `agent=None` is the visitor."""

    class Meta:
        model = Participant
        django_get_or_create = ("conversation", "agent")

    conversation = factory.SubFactory(ConversationFactory)
    agent = factory.SubFactory(AgentFactory)


class MessageFactory(factory.django.DjangoModelFactory):
    """The next entry of a conversation's log; a visitor's text unless said otherwise."""

    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    kind = MessageKind.MESSAGE
    author_type = AuthorType.VISITOR
    author_id = factory.LazyAttribute(lambda o: _author_id(o.conversation, o.author_type))
    client_msg_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    content = factory.Sequence(lambda n: {"type": "text", "text": f"你好 {n}"})

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        conversation = kwargs["conversation"]
        conversation.refresh_from_db(fields=["last_seq", "visitor_seq"])
        conversation.last_seq += 1
        kwargs.setdefault("seq", conversation.last_seq)
        if kwargs["kind"] not in INTERNAL_KINDS:
            conversation.visitor_seq += 1
            kwargs.setdefault("visitor_seq", conversation.visitor_seq)
        message = super()._create(model_class, *args, **kwargs)
        conversation.last_text = message.text[:120] or conversation.last_text
        conversation.last_message_at = message.created_at
        conversation.save(update_fields=["last_seq", "visitor_seq", "last_text", "last_message_at"])
        return message


def _author_id(conversation: Conversation, author_type: str) -> uuid.UUID | None:
    if author_type == AuthorType.VISITOR:
        return conversation.customer_id
    return conversation.agent_id if author_type == AuthorType.AGENT else None


class AttachmentFactory(factory.django.DjangoModelFactory):
    """A small text file, not yet sent in any conversation."""

    class Meta:
        model = Attachment

    customer = factory.SubFactory(CustomerFactory)
    file = factory.django.FileField(filename="stored.bin", data="你好".encode())
    name = "说明.txt"
    size = 6
    media_type = "text/plain"


class PageViewFactory(factory.django.DjangoModelFactory):
    """One page looked at."""

    class Meta:
        model = PageView

    customer = factory.SubFactory(CustomerFactory)
    channel = factory.SubFactory(ChannelFactory)
    url = factory.Sequence(lambda n: f"https://shop.example.com/item/{n}")
    title = factory.Sequence(lambda n: f"商品 {n}")


class QuickReplyFactory(factory.django.DjangoModelFactory):
    """A shared quick reply."""

    class Meta:
        model = QuickReply

    shortcut = factory.Sequence(lambda n: f"hi{n}")
    title = "问候"
    text = "您好，请问有什么可以帮您？"


class RatingFactory(factory.django.DjangoModelFactory):
    """Five of five, for an ended conversation."""

    class Meta:
        model = Rating

    conversation = factory.SubFactory(ConversationFactory, state=State.CLOSED)
    score = 5


class InboxFactory(factory.django.DjangoModelFactory):
    """The counter of an agent's inbox."""

    class Meta:
        model = Inbox
        django_get_or_create = ("agent",)

    agent = factory.SubFactory(AgentFactory)


class InboxEntryFactory(factory.django.DjangoModelFactory):
    """The next entry of an agent's inbox."""

    class Meta:
        model = InboxEntry

    agent = factory.SubFactory(AgentFactory)
    conversation = factory.SubFactory(ConversationFactory)
    change = "assigned"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        inbox = InboxFactory(agent=kwargs["agent"])
        inbox.last_seq += 1
        inbox.save(update_fields=["last_seq"])
        return super()._create(model_class, *args, **{"seq": inbox.last_seq, **kwargs})


class BreakReasonFactory(factory.django.DjangoModelFactory):
    """A reason that needs no approval."""

    class Meta:
        model = BreakReason

    name = factory.Sequence(lambda n: f"小休原因{n}")


class BreakRequestFactory(factory.django.DjangoModelFactory):
    """A pending request of an agent who is busy."""

    class Meta:
        model = BreakRequest

    agent = factory.SubFactory(AgentFactory, status=AgentStatus.BUSY)
    reason = factory.SubFactory(BreakReasonFactory, needs_approval=True)


class BusinessHoursFactory(factory.django.DjangoModelFactory):
    """A calendar; `week="09:00-18:00"` opens it Monday to Friday, `""` never."""

    class Meta:
        model = BusinessHours
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"营业时间{n}")

    @factory.post_generation
    def week(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if not create or extracted == "":
            return
        opens, closes = (extracted or "09:00-18:00").split("-")
        OpenInterval.objects.bulk_create(
            OpenInterval(hours=self, weekday=day, opens=opens, closes=closes) for day in range(5)
        )


class SpecialDayFactory(factory.django.DjangoModelFactory):
    """A day off."""

    class Meta:
        model = SpecialDay

    hours = factory.SubFactory(BusinessHoursFactory)
    date = factory.LazyFunction(timezone.localdate)


class ShiftFactory(factory.django.DjangoModelFactory):
    """09:00 to 18:00."""

    class Meta:
        model = Shift

    name = factory.Sequence(lambda n: f"班次{n}")
    starts = dt.time(9)
    ends = dt.time(18)


class RosterEntryFactory(factory.django.DjangoModelFactory):
    """An agent's shift today."""

    class Meta:
        model = RosterEntry

    agent = factory.SubFactory(AgentFactory)
    shift = factory.SubFactory(ShiftFactory)
    date = factory.LazyFunction(timezone.localdate)
