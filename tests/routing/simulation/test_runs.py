"""Trials as rows: asked for, worked on, cancelled, given up, taken up again."""

import datetime as dt

import pytest
from django.utils import timezone

from lingxi.celery import app
from lingxi.errors import Conflict, Forbidden, Invalid
from routing import tasks
from routing.models import AgentStatus, SimulationRun, SimulationState, StatusPeriod, Strategy
from routing.simulation import runs, simulate
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory, WorkItemFactory
from tests.routing.simulation.traffic import SINCE, UNTIL, rule_to, traffic

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor():
    return UserFactory(role="supervisor", scope="all")


@pytest.fixture
def strategy():
    return Strategy.objects.create(kind="conversation", name="会话")


@pytest.fixture
def woken(monkeypatch):
    found: list[str] = []
    monkeypatch.setattr(tasks.run_simulation, "delay", found.append)
    return found


@pytest.fixture
def run(strategy):
    return SimulationRun.objects.create(strategy=strategy, rules=[], since=SINCE, until=UNTIL)


@pytest.fixture
def every_beat(monkeypatch):
    monkeypatch.setattr(runs.LEASE, "beat", 0)
    monkeypatch.setattr(simulate, "EACH", 1)


def fresh(run):
    return SimulationRun.objects.get(pk=run.pk)


def test_a_trial_says_what_would_go_elsewhere(strategy, supervisor, woken):
    sales, care = SkillGroupFactory(name="销售"), SkillGroupFactory(name="售后")
    traffic(sales, care)
    run = runs.start(strategy, [rule_to(care)], SINCE, UNTIL, supervisor)
    assert runs.work_on(run.pk)
    run = fresh(run)
    assert (run.state, run.error, run.attempts) == (SimulationState.DONE, "", 1)
    assert run.done == run.total == 20
    assert run.finished_at is not None
    (move,) = run.result["moves"]
    assert (move["from"]["name"], move["to"]["name"], move["count"]) == ("销售", "售后", 10)
    assert move["rule"] == {"id": "r1", "name": "高意向客户"}
    assert run.result["moved"] == 10
    figures = {one["group"]["name"]: one for one in run.result["groups"]}
    assert figures["销售"]["before"]["queue_p90"] > figures["销售"]["after"]["queue_p90"]
    assert figures["销售"]["before"]["count"] == figures["销售"]["actual"]["count"] == 20
    assert run.result["definitions"]["before"]
    assert run.result["presence"]["recorded_periods"] == 2


def test_without_rules_nothing_goes_elsewhere(run):
    traffic(SkillGroupFactory(), SkillGroupFactory())
    runs.work_on(run.pk)
    result = fresh(run).result
    assert result["moved"] == 0
    assert result["total"]["before"] == result["total"]["after"]


def test_no_traffic_at_all_is_a_result(run):
    runs.work_on(run.pk)
    assert fresh(run).result["total"]["actual"]["count"] == 0


def test_rules_see_the_simulated_queue(run):
    sales, care = SkillGroupFactory(), SkillGroupFactory()
    traffic(sales, care)
    busy = {"fact": "group_waiting", "subject": str(sales.id), "operator": ">=", "value": 3}
    SimulationRun.objects.update(rules=[rule_to(care, busy)])
    runs.work_on(run.pk)
    assert 0 < fresh(run).result["moved"] < 20


@pytest.mark.django_db(transaction=True)
def test_a_trial_wakes_a_worker_once_it_is_stored(strategy, supervisor, woken):
    run = runs.start(strategy, [], SINCE, UNTIL, supervisor)
    assert woken == [str(run.pk)]
    assert (run.state, run.asked_by) == (SimulationState.WAITING, supervisor)


def test_only_who_manages_routing_may_try_or_cancel(strategy, run):
    agent = UserFactory(role="agent")
    with pytest.raises(Forbidden):
        runs.start(strategy, [], SINCE, UNTIL, agent)
    with pytest.raises(Forbidden):
        runs.cancel(run, agent)


NOW = timezone.now()


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [(1, 1, "until"), (1, 2, "until"), (40, 1, "since"), (1, -1, "until")],
)
def test_a_period_that_makes_no_sense_is_refused(strategy, supervisor, since, until, field):
    start, end = NOW - dt.timedelta(days=since), NOW - dt.timedelta(days=until)
    with pytest.raises(Invalid) as refused:
        runs.start(strategy, [], start, end, supervisor)
    assert list(refused.value.fields) == [field]


def test_rules_with_errors_are_refused(strategy, supervisor):
    with pytest.raises(Invalid) as refused:
        runs.start(strategy, [rule_to(None)], SINCE, UNTIL, supervisor)
    assert refused.value.fields
    assert not SimulationRun.objects.exists()


@pytest.mark.parametrize("state", runs.UNFINISHED)
def test_one_at_a_time_for_each_strategy(strategy, supervisor, run, state):
    SimulationRun.objects.update(state=state)
    with pytest.raises(Conflict):
        runs.start(strategy, [], SINCE, UNTIL, supervisor)


def test_another_may_follow(strategy, supervisor, run, woken):
    assert runs.cancel(run, supervisor)
    runs.start(strategy, [], SINCE, UNTIL, supervisor)
    assert SimulationRun.objects.count() == 2


def test_who_is_at_work_is_left_alone(run):
    SimulationRun.objects.update(state=SimulationState.RUNNING, beat_at=timezone.now(), attempts=1)
    assert runs.due() == []
    assert not runs.work_on(run.pk)


def test_a_run_without_a_sign_of_life_is_taken_up_again(run, woken):
    long_ago = timezone.now() - dt.timedelta(seconds=runs.LEASE.stale + 1)
    SimulationRun.objects.update(state=SimulationState.RUNNING, beat_at=long_ago, attempts=2)
    assert tasks.sweep_simulations() == 1
    assert woken == [str(run.pk)]
    assert tasks.run_simulation(str(run.pk))
    assert (fresh(run).state, fresh(run).attempts) == (SimulationState.DONE, 3)


def test_the_sweep_is_on_the_clock():
    entry = app.conf.beat_schedule["take-up-simulations"]
    assert (entry["task"], entry["schedule"]) == (tasks.sweep_simulations.name, 15)


def test_after_three_kills_it_has_failed(run):
    long_ago = timezone.now() - dt.timedelta(seconds=runs.LEASE.stale + 1)
    SimulationRun.objects.update(state=SimulationState.RUNNING, beat_at=long_ago, attempts=3)
    assert not runs.work_on(run.pk)
    assert fresh(run).state == SimulationState.FAILED
    assert fresh(run).error == "尝试 3 次未完成：处理进程中断"


def test_after_three_errors_it_has_failed_and_says_why_without_details(run, monkeypatch):
    def broken(*args):
        raise ValueError("13812345678")

    monkeypatch.setattr(runs, "simulate", broken)
    for state in ("waiting", "waiting", "failed"):
        assert runs.work_on(run.pk)
        assert fresh(run).state == state
    assert fresh(run).error == "尝试 3 次未完成：ValueError"
    assert runs.due() == []


def test_a_cancelled_run_stops_at_the_next_beat(run, supervisor, monkeypatch, every_beat):
    traffic(SkillGroupFactory(), SkillGroupFactory())
    seen = []
    feed = simulate.Comparison.feed

    def cancel_at_third(comparison, item):
        seen.append(item)
        if len(seen) == 3:
            assert runs.cancel(run, supervisor)
        feed(comparison, item)

    monkeypatch.setattr(simulate.Comparison, "feed", cancel_at_third)
    runs.work_on(run.pk)
    assert len(seen) == 3
    assert (fresh(run).state, fresh(run).result) == (SimulationState.CANCELLED, {})
    assert not runs.cancel(run, supervisor)


def test_who_was_given_up_for_dead_does_not_write_over_the_other(run, monkeypatch, every_beat):
    traffic(SkillGroupFactory(), SkillGroupFactory())
    finish = simulate.Comparison.finish

    def overtaken(comparison, at):
        SimulationRun.objects.update(attempts=2)
        return finish(comparison, at)

    monkeypatch.setattr(simulate.Comparison, "finish", overtaken)
    runs.work_on(run.pk)
    assert (fresh(run).state, fresh(run).result) == (SimulationState.RUNNING, {})


def test_progress_is_written_while_it_works(run, monkeypatch, every_beat):
    traffic(SkillGroupFactory(), SkillGroupFactory())
    seen = []
    feed = simulate.Comparison.feed

    def look(comparison, item):
        seen.append((fresh(run).done, fresh(run).total))
        feed(comparison, item)

    monkeypatch.setattr(simulate.Comparison, "feed", look)
    runs.work_on(run.pk)
    assert seen == [(number, 20) for number in range(20)]


def test_progress_costs_two_writes_a_second_at_most(run, django_assert_max_num_queries):
    traffic(SkillGroupFactory(), SkillGroupFactory())
    with django_assert_max_num_queries(25):
        runs.work_on(run.pk)


def test_a_group_that_is_gone_is_no_obstacle(run):
    sales, care = SkillGroupFactory(), SkillGroupFactory()
    traffic(sales, care)
    gone = SkillGroupFactory()
    SimulationRun.objects.update(rules=[rule_to(gone)])
    gone.delete()
    runs.work_on(run.pk)
    assert fresh(run).state == SimulationState.DONE


def test_the_row_of_another_kind_of_work_stays_out(run):
    agent = AgentFactory()
    StatusPeriod.objects.create(agent=agent, status=AgentStatus.READY, started_at=SINCE)
    WorkItemFactory(kind="ticket", enqueued_at=SINCE)
    runs.work_on(run.pk)
    assert fresh(run).total == 0
