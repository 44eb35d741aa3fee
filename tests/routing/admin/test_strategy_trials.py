"""Trials of a strategy in admin: started, watched, cancelled, read; and what is refused."""

import datetime as dt

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from lingxi.access.models import Role, Scope
from routing.admin.strategies import trials
from routing.models import SimulationRun
from routing.strategy import versions
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.admin.strategy_pages import logged_in, post, rule, save, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou():
    return UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP, first_name="周主管")


@pytest.fixture
def client(zhou):
    return logged_in(zhou)


@pytest.fixture
def group():
    found = SkillGroupFactory(name="售后")
    AgentFactory(groups=[found])
    return found


@pytest.fixture
def strategy():
    return versions.strategy_of("conversation")


def test_a_trial_is_a_row_that_a_worker_takes_up(client, zhou, strategy, group):
    save(client, strategy, [rule(group)])
    answer = post(client, "simulate", strategy, {"days": 7}).json()
    run = SimulationRun.objects.get()
    assert answer["url"] == url("simulation", strategy, run.pk)
    assert (run.asked_by, run.state, run.rules) == (zhou, "waiting", strategy.versions.get().rules)
    assert run.until - run.since == dt.timedelta(days=7)
    assert "取消试算" in client.get(answer["url"]).text
    assert client.get(url("progress", strategy, run.pk)).json()["finished"] is False
    SimulationRun.objects.update(state="running", total=200, done=50)
    found = client.get(url("progress", strategy, run.pk)).json()
    assert (found["percent"], found["words"]) == (25, "50 / 200 个会话")
    assert post(client, "cancel", strategy, {}, run.pk).status_code == 200
    assert "试算已取消" in client.get(answer["url"]).text


def test_whole_days_are_tried(client, strategy, group):
    save(client, strategy, [rule(group)])
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    body = {"since": yesterday.isoformat(), "until": yesterday.isoformat()}
    assert post(client, "simulate", strategy, body).status_code == 200
    run = SimulationRun.objects.get()
    assert timezone.localtime(run.since).hour == 0
    assert run.until - run.since == dt.timedelta(days=1)
    assert trials.period(run) == yesterday.isoformat()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 400}, "days"),
        ({"days": "7"}, "days"),
        ({}, "since"),
        ({"since": "2026-02-30", "until": "2026-03-01"}, "since"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"since": "2025-01-01", "until": "2026-01-01"}, "until"),
        ({"since": "2199-01-01", "until": "2199-01-01"}, "since"),
    ],
)
def test_odd_periods_are_refused(client, strategy, group, body, field):
    save(client, strategy, [rule(group)])
    answer = post(client, "simulate", strategy, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_nothing_to_try_is_said(client, strategy):
    answer = post(client, "simulate", strategy, {"days": 7})
    assert answer.status_code == 400
    assert "还没有规则" in answer.json()["detail"]


def figures(count, p90):
    return {
        "count": count,
        "queue_p50": p90 / 2,
        "queue_p90": p90,
        "abandoned_share": 0.05,
        "unserved_share": 0.1,
    }


def sides(before, after):
    return {"before": before, "after": after, "actual": before}


@pytest.fixture
def done(strategy, zhou, group):
    hidden = SkillGroupFactory(name="别组")
    assign_perm("routing.supervise_skillgroup", zhou, group)
    place = {"id": str(group.pk), "name": "售后"}
    example = {
        "item_id": "019f0000-0000-7000-8000-000000000000",
        "at": timezone.now().timestamp(),
        "facts": {"entry_page": "shop.example.com/order/1"},
        "rule": "规则1",
        "from": place,
        "to": {"id": "bot", "name": "交给机器人"},
    }
    move = {"from": place, "to": example["to"], "rule": {"id": "rule1", "name": "规则1"}}
    elsewhere = example | {"from": {"id": str(hidden.pk), "name": "别组"}}
    now = timezone.now()
    return SimulationRun.objects.create(
        strategy=strategy,
        rules=[rule(group)],
        since=now - dt.timedelta(days=7),
        until=now,
        asked_at=now,
        asked_by=zhou,
        state="done",
        result={
            "total": sides(figures(900, 40.0), figures(900, 30.0)),
            "groups": [
                {"group": place, **sides(figures(500, 41.0), figures(286, 28.0))},
                {
                    "group": elsewhere["from"],
                    **sides(figures(400, 20.0), figures(614, 21.0)),
                },
            ],
            "moved": 214,
            "moves": [move | {"count": 214}],
            "examples": [example, elsewhere],
            "definitions": {"queue": "从入队到分配的秒数。"},
        },
    )


def test_the_result_in_one_sentence(done):
    assert trials.headline(done) == (
        "最近 7 天：214 个会话会去往别处；售后 排队 P90 从 41 秒到 28 秒"
    )


def test_the_result_with_figures_and_their_definitions(client, strategy, done):
    text = client.get(url("simulation", strategy, done.pk)).text
    assert "214 个会话会去往别处" in text
    assert "从入队到分配的秒数。" in text
    assert "合计" in text
    assert "is-better" in text
    assert "查看会话" in text
    assert "入口页面：shop.example.com/order/1" in text
    assert "214 个会话" in client.get(url("simulations", strategy)).text


def test_examples_of_groups_out_of_sight_are_left_out(client, zhou, strategy, done):
    shown = trials.result(done, zhou)
    assert (len(shown["examples"]), shown["hidden"]) == (1, 1)
    assert (
        "另有 1 个样本不在您的数据范围内" in client.get(url("simulation", strategy, done.pk)).text
    )


def test_trials_of_another_strategy_are_not_found(client, done):
    other = versions.strategy_of("ticket")
    for name in ("simulation", "progress"):
        assert client.get(url(name, other, done.pk)).status_code == 404
    assert post(client, "cancel", other, {}, done.pk).status_code == 404


def test_without_traffic_it_says_so(done):
    done.result = {"total": sides(figures(0, 0.0), figures(0, 0.0)), "groups": [], "moved": 0}
    assert trials.headline(done) == "最近 7 天：没有可试算的会话"
