"""The figures of the floor, compared with the rows they come from."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.floor import queries
from conversations.floor.snapshot import COUNT_AGAIN, take
from conversations.floor.warnings import millis
from routing.models import BreakReason, BreakRequest, Presence, WorkItem, WorkState
from tests.conversations.floor.conftest import ago
from tests.factories import AgentFactory, CustomerFactory, WorkItemFactory

pytestmark = pytest.mark.django_db


def group_of(snapshot, floor):
    return snapshot.groups[str(floor.group.pk)]


def agent_of(snapshot, agent):
    return snapshot.agents[str(agent.pk)]


def test_an_empty_floor_is_no_error():
    snapshot = take()
    assert (snapshot.groups, snapshot.agents, snapshot.conversations) == ({}, {}, {})


def test_a_group_counts_its_people_by_status(floor, other):
    floor.agent(), floor.agent()
    floor.agent(status="busy"), floor.agent(status="break")
    floor.agent(status="offline")
    other.agent()
    found = group_of(take(), floor)
    counted = [found[status] for status in ("ready", "busy", "break", "offline")]
    assert counted == [2, 1, 1, 1]


def test_who_has_no_connection_is_offline_whatever_they_said(floor):
    agent = floor.agent()
    Presence.objects.filter(agent=agent).update(expires_at=ago(1))
    snapshot = take()
    row = agent_of(snapshot, agent)
    assert (row["status"], row["reason"], row["since"]) == ("offline", "连接中断", None)
    assert (group_of(snapshot, floor)["ready"], group_of(snapshot, floor)["offline"]) == (0, 1)


def test_load_and_capacity_are_those_of_who_is_there(floor):
    busy, gone = floor.agent(capacity=5), floor.agent(capacity=7, status="offline")
    for agent in (busy, busy, gone):
        floor.conversation("serving", agent)
    snapshot = take()
    assert (group_of(snapshot, floor)["load"], group_of(snapshot, floor)["capacity"]) == (2, 5)
    assert (agent_of(snapshot, busy)["load"], agent_of(snapshot, gone)["load"]) == (2, 1)


def test_waiting_and_the_longest_wait(floor, other):
    floor.waiting(30)
    longest = floor.waiting(90)
    found = group_of(take(), floor)
    item = WorkItem.objects.get(item_id=longest.pk)
    assert (found["waiting"], found["oldest"]) == (2, millis(item.enqueued_at))
    assert (group_of(take(), other)["waiting"], group_of(take(), other)["oldest"]) == (0, None)


def test_who_is_being_asked_still_waits(floor):
    agent, waiting = floor.agent(), floor.waiting(10)
    WorkItem.objects.filter(item_id=waiting.pk).update(state=WorkState.OFFERED, agent=agent)
    snapshot = take()
    row = snapshot.conversations[str(waiting.pk)]
    assert group_of(snapshot, floor)["waiting"] == 1
    assert (row["state"], row["agent"], row["serves"]) == ("offered", str(agent.pk), None)
    assert agent_of(snapshot, agent)["load"] == 1


def test_who_is_being_transferred_is_served_and_does_not_wait(floor):
    moving = floor.conversation("transferring", floor.agent())
    WorkItemFactory(item_id=moving.pk, group=floor.group, is_transfer=True)
    assert group_of(take(), floor)["waiting"] == 0


def test_the_queue_is_in_the_order_of_service(floor):
    later, first = floor.waiting(10), floor.waiting(60)
    pushed = floor.waiting(5)
    WorkItem.objects.filter(item_id=pushed.pk).update(rank_at=ago(600), priority=9)
    rows = take().conversations
    places = [rows[str(one.pk)]["place"] for one in (pushed, first, later)]
    assert places == [1, 2, 3]
    assert rows[str(pushed.pk)]["priority"] == 9


def test_of_a_long_queue_only_the_head_is_listed_but_all_are_counted(floor, monkeypatch):
    monkeypatch.setattr(queries, "limit_of", lambda groups: 2)
    for seconds in (10, 20, 30):
        floor.waiting(seconds)
    snapshot = take()
    assert (len(snapshot.conversations), group_of(snapshot, floor)["waiting"]) == (2, 3)


def test_of_many_warnings_those_are_listed_who_wait_longest(floor, other, monkeypatch):
    monkeypatch.setattr(queries, "limit_of", lambda groups: 2)
    agent = floor.agent()
    waits = [floor.unanswered(seconds, agent) for seconds in (400, 300, 500)]
    theirs = other.unanswered(250)
    listed = {str(one.pk) for one in (waits[0], waits[2], theirs)}
    assert set(take().conversations) == listed


def test_the_fewer_groups_the_more_of_each_is_listed():
    assert [queries.limit_of(groups) for groups in (0, 1, 5, 50, 1000)] == [500, 500, 100, 10, 10]


def test_a_conversation_that_is_served_and_answered_is_not_listed(floor):
    floor.conversation("serving", floor.agent())
    floor.conversation("closed", floor.agent())
    assert take().conversations == {}


def test_the_waits_of_an_agent_oldest_first(floor):
    agent = floor.agent()
    new, old = floor.unanswered(5, agent), floor.unanswered(50, agent)
    floor.conversation("serving", agent)
    row = agent_of(take(), agent)
    assert row["waits"] == [millis(one.waiting_since) for one in (old, new)]
    assert (row["unanswered"], row["load"]) == (2, 3)


def test_served_today_counts_a_conversation_once_and_not_yesterdays(floor, other):
    agent = floor.agent()
    for _ in range(2):
        floor.conversation("closed", agent)
    again = floor.conversation("serving", agent)
    WorkItemFactory(item_id=again.pk, group=floor.group, agent=agent, state="done")
    before = floor.conversation("closed", agent)
    WorkItem.objects.update(assigned_at=timezone.now())
    WorkItem.objects.filter(item_id=before.pk).update(assigned_at=ago(25 * 3600))
    snapshot = take()
    assert agent_of(snapshot, agent)["served"] == 3
    assert (group_of(snapshot, floor)["served"], group_of(snapshot, other)["served"]) == (3, 0)


def test_what_was_served_is_taken_over_for_a_while(floor):
    agent = floor.agent()
    before = take()
    floor.conversation("serving", agent)
    soon = timezone.now() + dt.timedelta(seconds=COUNT_AGAIN / 2)
    later = timezone.now() + dt.timedelta(seconds=COUNT_AGAIN + 1)
    assert agent_of(take(before, soon), agent)["served"] == 0
    assert agent_of(take(before, later), agent)["served"] == 1


def test_a_break_that_lasts_too_long(floor):
    BreakReason.objects.create(name="午餐", max_minutes=30)
    lunch = floor.agent(status="break", status_reason="午餐", status_since=ago(60))
    other = floor.agent(status="break", status_reason="开会")
    ready = floor.agent(status="ready", status_reason="午餐")
    snapshot = take()
    assert agent_of(snapshot, lunch)["overdue"] == millis(lunch.status_since) + 30 * 60_000
    assert agent_of(snapshot, other)["overdue"] is None
    assert agent_of(snapshot, ready)["overdue"] is None


def test_a_break_asked_for_and_offers_missed(floor):
    agent = floor.agent(missed=2)
    reason = BreakReason.objects.create(name="培训", needs_approval=True)
    asked = BreakRequest.objects.create(agent=agent, reason=reason)
    BreakRequest.objects.create(agent=floor.agent(), reason=reason, state="rejected")
    row = agent_of(take(), agent)
    assert row["missed"] == 2
    assert row["ask"] == {"id": str(asked.pk), "reason": "培训", "at": millis(asked.asked_at)}
    assert sum(one["ask"] is not None for one in take().agents.values()) == 1


def test_an_agent_of_many_groups_and_one_of_none(floor, other):
    both = floor.agent(groups=[floor.group, other.group])
    alone = AgentFactory()
    snapshot = take()
    assert set(agent_of(snapshot, both)["groups"]) == {str(floor.group.pk), str(other.group.pk)}
    assert agent_of(snapshot, alone)["groups"] == []


def count_queries(function):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        function()
    return len(captured)


def test_as_many_queries_for_3_agents_as_for_60(floor):
    def fill(agents):
        for _ in range(agents):
            agent = floor.agent()
            floor.unanswered(500, agent, customer=CustomerFactory(level="VIP"))
            floor.waiting(500)

    fill(3)
    few = count_queries(take)
    fill(57)
    assert count_queries(take) == few == 14
