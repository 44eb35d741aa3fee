"""The demo data: believable, the same for the same seed, and true to the rules of the log."""

import datetime as dt
import re
import uuid
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count, Max, Min, Q

from conversations.actors import Actor
from conversations.demo import reviews
from conversations.demo.build import Builder, Size
from conversations.demo.dice import Dice
from conversations.demo.hours import arrivals
from conversations.demo.reviews import Mood, Subject
from conversations.facts import facts_of
from conversations.ingest.log import Row, append, lock_heads
from conversations.models import (
    INTERNAL_KINDS,
    AuthorType,
    Channel,
    Conversation,
    Customer,
    Identity,
    Inbox,
    InboxEntry,
    Message,
    MessageKind,
    OfflineMessage,
    PageView,
    Participant,
    QuickReply,
    Rating,
    State,
    Transfer,
    TransferState,
    WrapUp,
)
from lingxi.access.masking import mask_text
from lingxi.access.models import Role, RoleAssignment, Scope
from lingxi.events.models import Event
from routing.models import Agent, AgentStatus, SkillGroup, StatusPeriod, WorkItem
from routing.strategy import decide, versions
from tests.factories import ChannelFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 20, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
SMALL = Size(customers=150, conversations=300, days=30, open=24)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """One small demo for the whole module; undone at the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        Builder(7, SMALL, now=NOW).build()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def again(django_db_setup, django_db_blocker):
    """Builds in a transaction of its own and returns what was built."""
    from django.db import transaction

    def build(seed=7):
        with transaction.atomic():
            Builder(seed, SMALL, now=NOW).build()
            rows = _everything()
            transaction.set_rollback(True)
        return rows

    return build


def _everything():
    return [
        list(Message.objects.order_by("id").values()),
        list(Conversation.objects.order_by("id").values()),
        list(Customer.objects.order_by("id").values()),
        list(WorkItem.objects.order_by("id").values()),
        list(Rating.objects.order_by("pk").values()),
        sorted(Identity.objects.values_list("customer", "kind", "value")),
        sorted(PageView.objects.values_list("customer", "url", "viewed_at")),
        sorted(Participant.objects.values_list("conversation", "joined_at", "read_seq")),
        sorted(Agent.objects.values_list("id", "name", "user__password")),
    ]


def test_same_seed_same_rows(again):
    first, second = again(), again()
    assert first == second
    assert first != again(seed=8)


def test_the_shop_is_there(demo):
    assert SkillGroup.objects.count() == 4
    assert set(Channel.objects.values_list("key", flat=True)) == {
        "demo-web",
        "demo-h5",
        "demo-app",
    }
    assert all(channel.allowed_origins == [] for channel in Channel.objects.all())
    assert QuickReply.objects.filter(owner=None).count() == 20
    for group in SkillGroup.objects.annotate(agent_count=Count("agents")):
        assert group.agent_count >= 5
    assert not Agent.objects.exclude(status=AgentStatus.OFFLINE).exists()


@pytest.mark.parametrize(
    ("username", "role", "scope"),
    [
        ("admin", Role.ADMIN, Scope.ALL),
        ("supervisor", Role.SUPERVISOR, Scope.GROUP),
        ("auditor", Role.AUDITOR, Scope.ALL),
        ("inspector", Role.INSPECTOR, Scope.ALL),
        ("agent1", Role.AGENT, Scope.OWN),
        ("agent20", Role.AGENT, Scope.OWN),
    ],
)
def test_everybody_can_log_in(demo, client, username, role, scope):
    assert client.login(username=username, password="lingxi-demo")
    assignment = RoleAssignment.objects.get(user__username=username)
    assert (assignment.role, assignment.scope) == (role, scope)


def test_the_supervisor_has_every_group(demo):
    supervisor = RoleAssignment.objects.get(role=Role.SUPERVISOR).user
    assert SkillGroup.objects.visible_to(supervisor).count() == 4


def test_counts_are_believable(demo):
    closed = Conversation.objects.filter(state=State.CLOSED)
    per_day = SMALL.conversations // SMALL.days
    assert SMALL.conversations <= closed.count() <= SMALL.conversations + per_day
    assert Conversation.objects.open().count() == SMALL.open
    assert Customer.objects.count() == SMALL.customers
    assert 8 <= Message.objects.count() / Conversation.objects.count() <= 30
    assert 0.2 <= Rating.objects.count() / closed.count() <= 0.5
    assert Message.objects.filter(kind=MessageKind.TRANSFER).exists()
    assert Message.objects.filter(kind=MessageKind.NOTE).exists()


def test_seq_is_dense(demo):
    for conversation in Conversation.objects.prefetch_related("messages"):
        log = sorted(conversation.messages.all(), key=lambda m: m.seq)
        assert [m.seq for m in log] == list(range(1, conversation.last_seq + 1))
        shown = [m.visitor_seq for m in log if m.visitor_seq is not None]
        assert shown == list(range(1, conversation.visitor_seq + 1))
        assert all((m.visitor_seq is None) == (m.kind in INTERNAL_KINDS) for m in log)
        times = [m.created_at for m in log]
        assert times == sorted(times)
        assert times[0] == conversation.created_at


def test_the_counters_are_those_the_log_would_keep(demo):
    """Every conversation once more through the product's own writer: the heads must agree."""
    channel = ChannelFactory(key="replay")
    for told in Conversation.objects.exclude(channel=channel)[:60]:
        copy = ConversationFactory(channel=channel, customer=CustomerFactory())
        head = lock_heads([copy.id])[copy.id]
        append([(head, _row(copy, entry)) for entry in told.messages.order_by("seq")])
        copy.refresh_from_db()
        for name in (
            "last_seq",
            "visitor_seq",
            "last_text",
            "last_message_at",
            "waiting_since",
            "first_visitor_message_at",
            "first_reply_at",
        ):
            assert getattr(copy, name) == getattr(told, name), name


def _row(copy, entry):
    return Row(
        copy.id,
        entry.kind,
        entry.author_type,
        entry.author_id,
        entry.content,
        client_msg_id=entry.client_msg_id,
        created_at=entry.created_at,
    )


def test_nothing_lies_in_the_future(demo):
    for model, field in [
        (Message, "created_at"),
        (PageView, "viewed_at"),
        (Rating, "created_at"),
        (Customer, "last_seen_at"),
    ]:
        assert model.objects.aggregate(latest=Max(field))["latest"] <= NOW


def test_ids_tell_their_time(demo):
    for message in Message.objects.all()[:200]:
        assert message.id.version == 7
        assert message.id.int >> 80 == int(message.created_at.timestamp() * 1000)


def test_one_open_conversation_for_each_customer(demo):
    doubled = (
        Conversation.objects.open()
        .values("customer", "channel")
        .annotate(count=Count("id"))
        .filter(count__gt=1)
    )
    assert not doubled.exists()


def test_nobody_talks_twice_at_once(demo):
    last = {}
    for one in Conversation.objects.filter(state=State.CLOSED).order_by("created_at"):
        key = one.customer_id, one.channel_id
        assert last.get(key, one.created_at) <= one.created_at
        last[key] = one.closed_at


def test_ratings_belong_to_the_end(demo):
    assert not Rating.objects.exclude(conversation__state=State.CLOSED).exists()
    for rating in Rating.objects.select_related("conversation"):
        assert rating.created_at >= rating.conversation.closed_at
        assert rating.agent_id == rating.conversation.agent_id


def test_closed_says_who_and_when(demo):
    closed = Conversation.objects.filter(state=State.CLOSED)
    assert not closed.filter(Q(closed_at=None) | Q(closed_by="")).exists()
    assert set(closed.values_list("closed_by", flat=True)) == {"visitor", "agent", "system"}
    assert not Conversation.objects.open().exclude(closed_at=None, closed_by="").exists()


def test_work_items_follow_the_conversations(demo):
    states = {"closed": "done", "serving": "assigned", "queued": "waiting"}
    for one in Conversation.objects.all():
        items = list(WorkItem.objects.filter(item_id=one.id).order_by("enqueued_at", "id"))
        assert items[-1].state == states[one.state]
        assert items[-1].group_id == one.group_id
        assert items[-1].agent_id == one.agent_id
        assert all(item.state == "done" for item in items[:-1])
        assert all(item.left_reason == "transferred" for item in items[:-1])


def test_whoever_served_took_part(demo):
    for one in Conversation.objects.all():
        people = set(one.participants.values_list("agent_id", flat=True))
        served = set(
            one.messages.filter(author_type=AuthorType.AGENT).values_list("author_id", flat=True)
        )
        assert None in people
        assert served <= people
        assert one.agent_id in people
        assert one.participants.aggregate(most=Max("read_seq"))["most"] <= one.last_seq


def test_agents_serve_in_their_groups_within_capacity(demo):
    for agent in Agent.objects.all():
        mine = Conversation.objects.filter(agent=agent, state=State.SERVING)
        assert mine.count() <= agent.capacity
        groups = set(agent.groups.values_list("id", flat=True))
        assert set(mine.values_list("group_id", flat=True)) <= groups


def test_the_workbench_is_alive_at_the_first_log_in(demo):
    waiting = Conversation.objects.waiting()
    assert waiting.count() == 6
    assert waiting.filter(last_text="").count() == 0
    agent1 = Agent.objects.get(user__username="agent1")
    mine = Conversation.objects.filter(agent=agent1, state=State.SERVING)
    assert mine.count() == 6
    unread = [one for one in mine if one.participants.get(agent=agent1).read_seq < one.last_seq]
    assert len(unread) >= 2
    assert mine.exclude(waiting_since=None).exists()


def test_the_strategy_is_in_force_and_has_no_errors(demo):
    strategy = versions.strategy_of("conversation")
    assert strategy.current.number == 2
    draft = strategy.versions.get(state="draft")
    for rules in (strategy.current.rules, draft.rules):
        assert [one for one in versions.problems_of(rules) if one.level == "error"] == []
    assert len(draft.rules) > len(strategy.current.rules)


def test_a_visitor_of_the_demo_page_still_reaches_the_presale_group(demo):
    channel = Channel.objects.get(key="demo-web")
    facts = {"channel": "demo-web", "entry_page": "http://localhost/demo/", "intent": "none"}
    decision = decide("conversation", uuid.uuid4(), facts, channel.group)
    assert decision.group_id == SkillGroup.objects.get(slug="presale").pk


def test_transfers_have_their_rows_and_their_two_entries(demo):
    logged = Message.objects.filter(kind=MessageKind.TRANSFER)
    for transfer in Transfer.objects.all():
        steps = logged.filter(content__transfer=str(transfer.id)).order_by("seq")
        assert [one.content["status"] for one in steps] == ["offered", "accepted"]
        assert transfer.state == TransferState.ACCEPTED
    assert logged.count() == 2 * Transfer.objects.count() > 0


def test_facts_are_those_that_routing_would_be_told(demo):
    waiting = Conversation.objects.waiting().first()
    told = WorkItem.objects.get(item_id=waiting.id).facts
    assert set(told) == set(facts_of(waiting))


def test_messages_were_left_and_wrapped_up_conversations_are_many(demo):
    assert OfflineMessage.objects.filter(state="new").count() == 4
    wrapped = WrapUp.objects.count() / Conversation.objects.filter(state=State.CLOSED).count()
    assert 0.5 < wrapped < 0.9


def test_every_agent_has_one_running_status(demo):
    running = StatusPeriod.objects.filter(ended_at=None)
    assert sorted(running.values_list("agent", flat=True)) == sorted(
        Agent.objects.values_list("id", flat=True)
    )
    assert StatusPeriod.objects.filter(status="ready").count() > 100


def test_inboxes_are_dense(demo):
    for inbox in Inbox.objects.all():
        entries = InboxEntry.objects.filter(agent=inbox.agent).order_by("seq")
        assert list(entries.values_list("seq", flat=True)) == list(range(1, inbox.last_seq + 1))
    served = Conversation.objects.filter(state=State.SERVING).count()
    assert InboxEntry.objects.count() == served


def test_history_makes_no_events(demo):
    assert not Event.objects.exists()


def test_visitors_words_are_real_reviews(demo):
    pool = {
        sentence
        for words in reviews.load().by_kind.values()
        for review in words
        for sentence in review
    }
    said = Message.objects.filter(author_type=AuthorType.VISITOR, kind=MessageKind.MESSAGE)
    real = [one for one in said if one.text in pool]
    assert len(real) > 0.3 * said.count()
    assert len({one.text for one in real}) > 0.6 * len(real)


def test_no_blank_is_left_in_a_phrase(demo):
    for message in Message.objects.filter(kind=MessageKind.MESSAGE):
        assert not re.search(r"[{}]", message.text)


def test_phones_look_real_and_are_masked(demo):
    phones = list(Customer.objects.exclude(phone="").values_list("phone", flat=True))
    assert len(phones) > SMALL.customers / 4
    assert len(set(phones)) == len(phones)
    assert all("****" in mask_text(phone) for phone in phones)


def test_better_mood_better_score(demo):
    by_group = {
        group.slug: Rating.objects.filter(conversation__group=group).count()
        for group in SkillGroup.objects.all()
    }
    assert all(by_group.values())
    scores = Counter(Rating.objects.values_list("score", flat=True))
    assert scores[5] == max(scores.values())
    assert scores[1] + scores[2] > 0
    unresolved = Rating.objects.filter(resolved=False).aggregate(best=Max("score"))
    assert unresolved["best"] is not None


def test_visitors_come_in_the_daytime_and_on_weekdays():
    times = arrivals(Dice(1), NOW, days=70, count=7000)
    hours = Counter(time.hour for time in times)
    assert min(hours[h] for h in (10, 11, 15, 20)) > 2 * hours[8] > 4 * hours[3]
    days = Counter(time.weekday() for time in times)
    assert max(days[5], days[6]) < min(days[d] for d in range(5))


def test_customers_were_seen_when_they_came(demo):
    for customer in Customer.objects.annotate(
        first=Min("conversations__created_at"), last=Max("conversations__created_at")
    ).exclude(first=None):
        assert customer.created_at <= customer.first
        assert customer.last_seen_at >= customer.last


def test_reviews_carry_no_numbers_of_people_and_no_rubbish():
    found = reviews.load()
    assert len(found) > 12000
    for mood in Mood:
        for subject in Subject:
            assert len(found.of(mood, subject)) > 50
            for review in found.of(mood, subject):
                assert all(mask_text(s) == s and s.isprintable() for s in review)


def test_the_actor_of_a_demo_message_is_an_actor_of_ours(demo):
    agent = Agent.objects.first()
    assert Message.objects.filter(author_id=Actor.agent(agent).id).exists()
