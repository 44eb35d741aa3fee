"""The pages of strategies: who enters, what they show, and what they refuse with which reason."""

import pytest
from django.urls import reverse

from lingxi.access.models import Role, Scope
from routing import kinds
from routing.admin.strategies.form import form
from routing.models import Strategy, StrategyVersion
from routing.strategy import actions, facts, versions
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.admin.strategy_pages import logged_in, post, published, rule, save, url

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


# -- who enters ----------------------------------------------------------------------------------

PAGES = ["change", "versions", "simulations"]
POSTS = ["check", "draft", "discard", "publish", "promote", "withdraw", "roll_back", "simulate"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.INSPECTOR, Role.AUDITOR, Role.PARTNER])
def test_only_leaders_come_near(role, strategy):
    client = logged_in(UserFactory(role=role, scope=Scope.ALL))
    for name in PAGES:
        assert client.get(url(name, strategy)).status_code == 302, name
    for name in POSTS:
        assert post(client, name, strategy, {"rules": [], "revision": 1}).status_code == 302, name
    assert not StrategyVersion.objects.exists()


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_while_there_is_nothing_yet(client, strategy, name):
    assert client.get(url(name, strategy)).status_code == 200


def test_the_list_leads_to_the_only_strategy(client, monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {"conversation": kinds.of("conversation")})
    response = client.get(reverse("admin:routing_strategy_changelist"))
    assert response.url == url("change", Strategy.objects.get())


def test_the_list_shows_a_strategy_for_each_kind_of_work(client):
    client.get(reverse("admin:routing_strategy_changelist"))
    made = set(Strategy.objects.values_list("kind", flat=True))
    assert made == {kind.name for kind in kinds.declared()}


def test_the_list_shows_several(client, strategy, group):
    versions.strategy_of("ticket")
    published(strategy, [rule(group)], percent=20)
    text = client.get(reverse("admin:routing_strategy_changelist")).text
    assert "会话路由策略" in text
    assert "v1 · 20%" in text
    assert "工单路由策略" in text


@pytest.mark.parametrize("name", ["check", "publish", "promote", "withdraw", "roll_back"])
def test_changes_are_posts(client, strategy, name):
    assert client.get(url(name, strategy)).status_code == 405


def test_the_page_itself_takes_no_post(client, strategy):
    assert client.post(url("change", strategy), {"name": "x"}).status_code == 403


# -- the form follows the declarations ------------------------------------------------------------


def test_every_declared_fact_and_action_can_be_picked(group):
    shown = form()
    assert {one["name"] for one in shown["facts"]} == {one.name for one in facts.all_facts()}
    assert [one["name"] for one in shown["actions"]] == [one.name for one in actions.all_actions()]


@pytest.mark.parametrize(
    ("fact", "operator", "kind"),
    [
        ("entry_page", "contains", "text"),
        ("entry_page", "contains_any", "tags"),
        ("pages_seen", ">=", "number"),
        ("pages_seen", "between", "range"),
        ("intent", "is", "choice"),
        ("weekday", "in", "choices"),
        ("time", "between", "time_range"),
        ("holiday", "is_true", "none"),
        ("custom_field", ">=", "number"),
    ],
)
def test_the_input_suits_the_value(fact, operator, kind):
    declared = next(one for one in form()["facts"] if one["name"] == fact)
    found = next(one for one in declared["operators"] if one["name"] == operator)
    assert found["value"]["kind"] == kind


def test_groups_and_agents_are_picked_by_name(group):
    params = {
        param["name"]: [choice["label"] for choice in param["choices"]]
        for action in form()["actions"]
        for param in action["params"]
        if param["name"] in {"group", "agent"} and action["name"] != "notify"
    }
    assert params["group"] == ["售后"]
    assert params["agent"] == [group.agents.get().name]


# -- drafts --------------------------------------------------------------------------------------


def test_what_is_saved_is_the_draft(client, zhou, strategy, group):
    answer = save(client, strategy, [rule(group)]).json()
    draft = strategy.versions.get()
    assert answer["revision"] == draft.revision
    assert "周主管" in answer["saved"]
    assert draft.edited_by == zhou
    assert draft.rules[0]["name"] == "规则1"
    again = save(client, strategy, [rule(group, name="改")], answer["revision"])
    assert again.json()["revision"] > answer["revision"]
    assert strategy.versions.get().rules[0]["name"] == "改"


def test_sentences_and_problems_while_typing(client, strategy, group):
    rules = [rule(group), rule(group, 2, page="")]
    rules[1]["then"] = []
    found = post(client, "check", strategy, {"rules": rules}).json()
    assert found["sentences"]["rule1"] == "当 入口页面 包含 “/order/” 时，进入 售后 组"
    assert [(one["rule_id"], one["level"]) for one in found["problems"]] == [("rule2", "error")]
    assert found["summary"] == "首次发布：2 条规则"
    assert not StrategyVersion.objects.exists()


@pytest.mark.parametrize(
    "rules", [[None], [{}], ["x"], [{"id": 7}], [{"id": "a", "when": 3, "then": {}}]]
)
def test_nonsense_is_judged_not_tripped_over(client, strategy, rules):
    found = post(client, "check", strategy, {"rules": rules})
    assert found.status_code == 200
    assert found.json()["problems"]
    assert save(client, strategy, rules).status_code == 400


@pytest.mark.parametrize("body", ['{"rules": {}}', "[]", "{", '{"revision": 1}'])
def test_a_body_that_is_no_draft_is_refused(client, strategy, body):
    answer = client.post(url("draft", strategy), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def bad_rules(group):
    empty = SkillGroupFactory(name="空组")
    gone = SkillGroupFactory(name="已删")
    to_gone = rule(gone)
    gone.delete()
    pattern = rule(group)
    pattern["when"]["items"][0] |= {"operator": "pattern", "value": r"(a)\1"}
    unknown = rule(group)
    unknown["when"]["items"][0]["fact"] = "moon_phase"
    return {
        "没有成员": [rule(empty)],
        "已删除": [to_gone],
        "正则": [pattern],
        "已不存在": [unknown],
        "第 1 条先满足": [rule(group, 1, page=""), rule(group, 2)],
        "至少需要一个动作": [rule(group, then=[])],
    }


def test_bad_rules_are_refused_with_the_reason(client, strategy, group):
    for reason, rules in bad_rules(group).items():
        answer = save(client, strategy, rules)
        assert answer.status_code == 400, reason
        assert reason in answer.json()["detail"]
    assert not StrategyVersion.objects.exists()


def test_the_slower_of_two_supervisors_is_told_who_was_faster(client, strategy, group):
    revision = save(client, strategy, [rule(group, name="周的")]).json()["revision"]
    wu = logged_in(UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL, first_name="吴主管"))
    assert save(wu, strategy, [rule(group, name="吴的")], revision).status_code == 200
    answer = save(client, strategy, [rule(group, name="又是周的")], revision)
    assert answer.status_code == 409
    assert "吴主管" in answer.json()["detail"]
    assert strategy.versions.get().rules[0]["name"] == "吴的"


def test_two_first_drafts_do_not_overwrite_each_other(client, strategy, group):
    wu = logged_in(UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL, first_name="吴主管"))
    assert save(wu, strategy, [rule(group, name="吴的")]).status_code == 200
    answer = save(client, strategy, [rule(group, name="周的")])
    assert answer.status_code == 409
    assert "吴主管" in answer.json()["detail"]
    assert strategy.versions.get().rules[0]["name"] == "吴的"


def test_a_draft_from_an_old_version_does_not_undo_a_newer_one(client, strategy, group):
    old = published(strategy, [rule(group)])
    wu = UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL, first_name="吴主管")
    published(strategy, [rule(group, name="吴的")], by=wu)
    answer = save(client, strategy, [rule(group, name="周的")], base=str(old.pk))
    assert answer.status_code == 409
    assert "吴主管" in answer.json()["detail"]
    assert save(client, strategy, [rule(group)], base=str(strategy.current_id)).status_code == 200


def test_a_discarded_draft_is_gone(client, strategy, group):
    published(strategy, [rule(group)])
    base = str(strategy.current_id)
    revision = save(client, strategy, [rule(group, name="改")], base=base).json()["revision"]
    assert post(client, "discard", strategy, {"revision": revision}).status_code == 200
    found = client.get(url("draft", strategy)).json()
    assert (found["revision"], found["rules"][0]["name"]) == (0, "规则1")
    assert found["saved"] == "与 v1 相同，尚无草稿"


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_discarded(client, strategy, group):
    revision = save(client, strategy, [rule(group)]).json()["revision"]
    wu = logged_in(UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL, first_name="吴主管"))
    save(wu, strategy, [rule(group, name="吴的")], revision)
    answer = post(client, "discard", strategy, {"revision": revision})
    assert answer.status_code == 409
    assert "吴主管" in answer.json()["detail"]
    assert strategy.versions.get().rules[0]["name"] == "吴的"


# -- publishing ----------------------------------------------------------------------------------


def test_published_for_all(client, zhou, strategy, group):
    revision = save(client, strategy, [rule(group)]).json()["revision"]
    body = {"revision": revision, "percent": 100, "note": " 先试试 "}
    assert post(client, "publish", strategy, body).json() == {"number": 1}
    strategy.refresh_from_db()
    assert (strategy.current.note, strategy.current.published_by) == ("先试试", zhou)
    text = client.get(url("change", strategy)).text
    assert "v1 已发布，对所有新会话生效" in text
    assert "正在生效" in text


def test_released_to_a_part_then_to_all(client, strategy, group):
    published(strategy, [rule(group)])
    made = published(strategy, [rule(group, page="/vip/")], percent=20)
    text = client.get(url("change", strategy)).text
    assert "20% 的新会话按 v2" in text
    assert post(client, "promote", strategy, {"percent": 50}).status_code == 200
    strategy.refresh_from_db()
    assert (strategy.candidate_id, strategy.percent) == (made.pk, 50)
    assert post(client, "promote", strategy, {"percent": 0}).status_code == 400
    assert post(client, "promote", strategy, {}).status_code == 200
    strategy.refresh_from_db()
    assert (strategy.current_id, strategy.candidate_id) == (made.pk, None)
    assert post(client, "promote", strategy, {}).status_code == 409


def test_a_release_can_be_withdrawn(client, strategy, group):
    first = published(strategy, [rule(group)])
    published(strategy, [rule(group, page="/vip/")], percent=20)
    assert post(client, "withdraw", strategy, {}).status_code == 200
    strategy.refresh_from_db()
    assert (strategy.current_id, strategy.candidate_id) == (first.pk, None)


@pytest.mark.parametrize(
    "change",
    [
        {"percent": 0},
        {"percent": 101},
        {"percent": "x"},
        {"note": "长" * 201},
        {"note": 3},
        {"revision": None},
    ],
)
def test_odd_publishing_is_refused(client, strategy, group, change):
    revision = save(client, strategy, [rule(group)]).json()["revision"]
    body = {"revision": revision, "percent": 100, "note": ""} | change
    answer = post(client, "publish", strategy, body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == list(change)
    assert not strategy.versions.filter(state="published").exists()


def test_publishing_what_somebody_else_published_says_who(client, strategy, group):
    revision = save(client, strategy, [rule(group)]).json()["revision"]
    wu = UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL, first_name="吴主管")
    versions.publish(strategy, by=wu, revision=revision)
    answer = post(client, "publish", strategy, {"revision": revision, "percent": 100})
    assert answer.status_code == 409
    assert "吴主管" in answer.json()["detail"]
    assert "v1" in answer.json()["detail"]


def test_during_a_release_the_reason_is_not_somebody_else(client, strategy, group):
    published(strategy, [rule(group)], percent=20)
    base = str(strategy.candidate_id)
    revision = save(client, strategy, [rule(group, name="改")], base=base).json()["revision"]
    answer = post(client, "publish", strategy, {"revision": revision, "percent": 100})
    assert answer.status_code == 409
    assert "灰度" in answer.json()["detail"]
    assert "faster" not in answer.json()["fields"]
