"""Work that stays for days and work that is served at once do not take each other's room."""

import datetime as dt
import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from conversations.floor import queries as floor
from conversations.workbench.targets import targets_for
from lingxi.errors import AgentUnavailable
from routing import kinds, overflow, queue, registry, takeover
from routing.assignment import assign_to, assign_waiting
from routing.explain import explain
from routing.members import Verdict, member_of, members_of
from routing.models import Agent, ChannelCapacity, OverflowStep, PickingMethod, WorkItem
from routing.simulation.past import Period
from routing.simulation.staff import Presence, agent_plans
from routing.strategy import live
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class Errands:
    """A handler that remembers what it was told."""

    def __init__(self):
        self.told = []

    def lock(self, item_ids):
        pass

    def assigned(self, items):
        self.told += [(item.item_id, item.agent_id) for item in items]

    def __getattr__(self, name):
        def refuse(*args):
            raise AssertionError(f"{name} does not happen to lasting work")

        return refuse


@pytest.fixture
def errands():
    handler = Errands()
    registry.register("errand", handler, label="跑腿", capacity=5)
    yield handler
    registry.unregister("errand")


@pytest.fixture
def group():
    return factories.SkillGroupFactory(name="售后")


def holding(agent, count, kind="conversation", group=None):
    return [
        factories.WorkItemFactory(
            agent=agent, state="assigned", kind=kind, **({"group": group} if group else {})
        )
        for _ in range(count)
    ]


def enter(group, kind="errand", **more):
    return queue.enqueue(kind, uuid.uuid4(), group, **more)


def wait_in(group, kind="errand"):
    return WorkItem.objects.filter(group=group, kind=kind, state="waiting").count()


@pytest.mark.usefixtures("errands")
def test_thirty_errands_leave_the_room_for_conversations(group):
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=2)
    holding(agent, 30, "errand")
    now = timezone.now()
    (seen,) = members_of(group, now, "conversation")
    assert (seen.load, seen.capacity, seen.verdict(group)) == (0, 2, Verdict.READY)
    (seen,) = members_of(group, now, "errand")
    assert (seen.load, seen.capacity, seen.verdict(group)) == (30, 5, Verdict.FULL)


def test_conversations_leave_the_room_for_errands(group, errands):
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=2)
    holding(agent, 2)
    entered = [enter(group) for _ in range(6)]
    assert assign_waiting(group.pk) == 5
    assert errands.told == [(item.item_id, agent.pk) for item in entered[:5]]
    assert wait_in(group) == 1


@pytest.mark.usefixtures("errands")
def test_the_capacity_of_a_kind_is_set_for_each_agent(group):
    agent = factories.AgentFactory(groups=[group], ready=True)
    ChannelCapacity.objects.create(agent=agent, channel_kind="errand", capacity=7)
    for _ in range(9):
        enter(group)
    assert assign_waiting(group.pk) == 7
    (seen,) = members_of(group, timezone.now(), "conversation")
    assert (seen.load, seen.capacity) == (0, 10)
    assert ("errand", "跑腿") in registry.channel_kinds()


@pytest.mark.usefixtures("errands")
def test_an_errand_moves_no_turn_of_conversations(group):
    group.picking = PickingMethod.ROUND_ROBIN
    group.save()
    early = timezone.now() - dt.timedelta(hours=1)
    agents = [factories.AgentFactory(groups=[group], ready=True, turn_at=early) for _ in range(3)]
    for _ in range(3):
        enter(group)
        assign_waiting(group.pk)
    held = WorkItem.objects.filter(state="assigned").values_list("agent_id", flat=True)
    assert sorted(held) == sorted(agent.pk for agent in agents)  # its own turns go round
    assert set(Agent.objects.values_list("turn_at", flat=True)) == {early}


@pytest.mark.usefixtures("errands")
def test_a_weighted_group_gives_errands_by_weight_without_moving_its_strides(group):
    group.picking = PickingMethod.WEIGHTED
    group.save()
    heavy, light = (factories.AgentFactory(groups=[group], ready=True) for _ in range(2))
    heavy.membership_set.update(weight=3)
    ChannelCapacity.objects.create(agent=heavy, channel_kind="errand", capacity=50)
    for _ in range(4):
        enter(group)
        assign_waiting(group.pk)
    counts = [WorkItem.objects.filter(agent=one).count() for one in (heavy, light)]
    assert counts == [3, 1]
    assert set(group.membership_set.values_list("stride", flat=True)) == {0.0}


def test_errands_are_not_offered(group, errands):
    group.offer_seconds = 20
    group.save()
    agent = factories.AgentFactory(groups=[group], ready=True)
    item = enter(group)
    assert assign_waiting(group.pk) == 1
    item.refresh_from_db()
    assert (item.state, item.agent) == ("assigned", agent)
    assert errands.told == [(item.item_id, agent.pk)]


@pytest.mark.usefixtures("errands")
def test_errands_do_not_flow_over_nor_count_as_ahead(group):
    other = factories.SkillGroupFactory()
    factories.AgentFactory(groups=[other])
    OverflowStep.objects.create(
        group=group, order=1, when="queue_length", limit=2, then="group", target=other
    )
    OverflowStep.objects.create(group=group, order=2, when="waited", limit=0, then="offline")
    entered = [enter(group) for _ in range(3)]
    assert overflow.flow_over() == 0
    overflow.on_entering(entered[2])
    assert wait_in(group) == 3


@pytest.mark.usefixtures("errands")
def test_positions_and_pace_are_of_one_kind(group):
    agent = factories.AgentFactory(groups=[group])
    now = timezone.now()
    for seconds in (100, 200):
        factories.WorkItemFactory(
            group=group, agent=agent, state="done", assigned_at=now - dt.timedelta(seconds=seconds)
        )
    enter(group)
    assert queue.seconds_per_assignment("conversation", group.pk) == pytest.approx(100, abs=2)
    assert queue.seconds_per_assignment("errand", group.pk) is None


@pytest.mark.usefixtures("errands")
def test_a_full_agent_is_told_by_the_kind_of_work(group):
    agent = factories.AgentFactory(groups=[group], ready=True)
    holding(agent, 5, "errand")
    item = enter(group)
    with transaction.atomic(), pytest.raises(AgentUnavailable, match="已满"):
        assign_to(item, agent)
    told = explain("errand", item.item_id)
    assert told.would_free == "售后 组任一接待已满的坐席结束一个跑腿"
    assert [one.text for one in told.considered] == ["接待已满（5/5）"]
    seen = member_of(group, agent.pk, timezone.now(), "conversation")
    assert seen is not None
    assert seen.load == 0


@pytest.mark.usefixtures("errands")
def test_the_floor_and_the_transfer_dialog_count_conversations(group):
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=3)
    holding(agent, 4, "errand")
    holding(agent, 1)
    enter(group)
    assert floor.loads() == {agent.pk: 1}
    targets = targets_for(None)
    assert [(one.load, one.can_take) for one in targets.colleagues] == [(1, True)]
    assert [(one.name, one.waiting) for one in targets.teams if one.id == group.pk] == [("售后", 0)]
    loads = {kind: Agent.objects.with_load(kind).get().load for kind in ("conversation", "errand")}
    assert loads == {"conversation": 1, "errand": 4}


@pytest.mark.usefixtures("errands")
def test_live_numbers_are_of_the_kind_the_strategy_is_for(group):
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=10)
    holding(agent, 3, "errand")
    holding(agent, 1)
    enter(group)
    key = str(group.pk)
    served, lasting = live.database("conversation"), live.database("errand")
    assert (served.waiting(key), served.load(key)) == (0, 10)
    assert (lasting.waiting(key), lasting.load(key)) == (1, 60)
    assert live.database("errand") is lasting


@pytest.mark.usefixtures("errands")
def test_handing_an_errand_to_somebody_who_is_away(group):
    agent = factories.AgentFactory(groups=[group])
    waiting = enter(group)
    with transaction.atomic():
        item = takeover.hand_to(
            "errand", waiting.item_id, agent, group, why="manual", left="assigned"
        )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.left_reason) == ("done", "assigned")
    assert (item.agent, item.explanation["method"]) == (agent, "manual")


@pytest.mark.usefixtures("errands")
def test_a_trial_of_errands_has_their_capacity_and_what_is_held_of_them(group):
    now = timezone.now()
    agent = factories.AgentFactory(groups=[group], capacity=2)
    ChannelCapacity.objects.create(agent=agent, channel_kind="errand", capacity=7)
    ChannelCapacity.objects.create(agent=agent, channel_kind="web", capacity=1)
    for kind in ("errand", "conversation"):
        for item in holding(agent, 3, kind):
            WorkItem.objects.filter(pk=item.pk).update(assigned_at=now - dt.timedelta(hours=30))
    there = Presence()
    there.stretches[agent.pk].append((0.0, 1.0))
    periods = {kind: Period(kind, now - dt.timedelta(hours=1), now) for kind in ("errand", "chat")}
    (plan,) = agent_plans(periods["errand"], there)
    assert (plan.capacity, plan.kind_capacity, len(plan.held)) == (7, {"web": 1}, 3)
    (plan,) = agent_plans(periods["chat"], there)
    assert (plan.capacity, len(plan.held)) == (2, 3)


def test_kinds_share_unless_they_last(errands):
    assert kinds.sharing() == kinds.sharing("conversation")
    assert "errand" not in kinds.sharing()
    assert kinds.sharing("errand") == ["errand"]
    assert kinds.sharing("unheard_of") == [*kinds.sharing(), "unheard_of"]
    assert "errand" in kinds.lasting()
    assert errands.told == []
