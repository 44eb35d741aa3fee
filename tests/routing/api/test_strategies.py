"""Strategies by API."""

import orjson
import pytest
from django.test import Client

from conversations.principals import agent_token
from routing.models import Strategy
from routing.strategy import versions
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/routing/"


class Api:
    """Calls as one person."""

    def __init__(self, user):
        self.client = Client(headers={"Authorization": f"Bearer {agent_token(user)}"})

    def __call__(self, method, path, body=None):
        data = body if isinstance(body, bytes) else orjson.dumps(body or {})
        return self.client.generic(method, BASE + path, data, "application/json")

    def get(self, path):
        return self("GET", path)

    def save(self, rules, revision=0):
        return self("PUT", "strategy/draft", {"rules": rules, "revision": revision})

    def publish(self, revision, **more):
        return self("POST", "strategy/publish", {"revision": revision, **more})


@pytest.fixture
def by():
    return UserFactory(role="supervisor", first_name="主管甲")


@pytest.fixture
def api(by):
    return Api(by)


@pytest.fixture
def group():
    group = SkillGroupFactory(name="售前")
    AgentFactory(groups=[group])
    return group


def rules(group):
    vip = {"fact": "entry_page", "operator": "contains", "value": "/vip"}
    then = [{"action": "enqueue", "params": {"group": str(group.id)}}]
    return [{"id": "a", "name": "贵宾", "when": {"match": "all", "items": [vip]}, "then": then}]


def test_it_works(api, group):
    begun = api.get("strategy").json()
    assert begun["draft"] == {
        "revision": 0, "rules": [], "sentences": [], "problems": [], "edited_at": None,
        "edited_by": "",
    }  # fmt: skip
    assert (begun["current"], begun["candidate"], begun["percent"]) == (None, None, 0)
    saved = api.save(rules(group)).json()
    assert saved["draft"]["sentences"] == ["当 入口页面 包含 “/vip” 时，进入 售前 组"]
    assert saved["draft"]["edited_by"] == "主管甲"
    answer = api.publish(saved["draft"]["revision"], note=" 第一版 ")
    assert answer.status_code == 201
    current = answer.json()["current"]
    assert (current["number"], current["note"], current["published_by"]) == (1, "第一版", "主管甲")
    assert (current["in_force"], current["rules"][0]["id"]) == ("current", "a")


def test_reading_writes_nothing(api):
    assert api.get("strategy").status_code == 200
    assert api.get("strategy/versions").json() == {"versions": []}
    assert not Strategy.objects.exists()


def test_the_catalogue(api, group):
    found = api.get("catalogue").json()
    assert {"facts", "operators", "actions", "limits"} == set(found)
    assert "entry_page" in {fact["name"] for fact in found["facts"]}


def test_tickets_have_a_strategy_of_their_own(api, group):
    names = {one["name"] for one in api.get("catalogue?kind=ticket").json()["facts"]}
    assert {"ticket_priority", "issue_type", "customer_tags", "time"} <= names
    assert "entry_page" not in names
    refused = api("PUT", "strategy/draft?kind=ticket", {"rules": rules(group), "revision": 0})
    assert refused.status_code == 400
    assert "不适用于工单" in refused.text
    urgent = {"fact": "ticket_priority", "operator": "is", "value": "urgent"}
    body = [{**rules(group)[0], "when": {"match": "all", "items": [urgent]}}]
    saved = api("PUT", "strategy/draft?kind=ticket", {"rules": body, "revision": 0}).json()
    assert saved["draft"]["sentences"] == ["当 工单优先级 是 紧急 时，进入 售前 组"]
    revision = {"revision": saved["draft"]["revision"]}
    published = api("POST", "strategy/publish?kind=ticket", revision)
    assert (published.status_code, published.json()["name"]) == (201, "工单路由策略")
    assert api.get("strategy").json()["current"] is None


def test_gradual_release_and_back(api, group):
    api.publish(api.save(rules(group)).json()["draft"]["revision"])
    second = api.save([], 0).json()["draft"]["revision"]
    found = api.publish(second, percent=20).json()
    assert (found["candidate"]["number"], found["percent"]) == (2, 20)
    assert api("POST", "strategy/promote", {"percent": 50}).json()["percent"] == 50
    found = api("POST", "strategy/withdraw").json()
    assert (found["candidate"], found["current"]["number"]) == (None, 1)
    third = api.publish(api.save([], 0).json()["draft"]["revision"], percent=5).json()
    assert third["candidate"]["number"] == 3
    assert api("POST", "strategy/promote").json()["current"]["number"] == 3
    back = api("POST", "strategy/rollback", {"number": 1})
    assert back.status_code == 201
    assert back.json()["current"]["number"] == 4
    listed = api.get("strategy/versions").json()["versions"]
    assert [(one["number"], one["in_force"]) for one in listed] == [
        (4, "current"), (3, ""), (2, ""), (1, "")
    ]  # fmt: skip


def test_a_draft_somebody_else_changed_is_a_conflict(api, group):
    seen = api.save([], 0).json()["draft"]["revision"]
    assert api.save(rules(group), seen).status_code == 200
    for answer in (api.save([], seen), api.save([], 0), api.publish(seen)):
        assert answer.status_code == 409
        assert answer.json()["code"] == "conflict"


def test_errors_in_rules_name_the_rule(api, group):
    bad = rules(group)
    bad[0]["when"]["items"][0]["operator"] = ">"
    answer = api.save(bad)
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"rules.0.when.items.0": ["第 1 条：“入口页面”不能用“>”比较"]}
    assert api.get("strategy").json()["draft"]["revision"] == 0


def test_problems_that_came_later_are_shown(api, group):
    api.save(rules(group))
    group.delete()
    (problem,) = api.get("strategy").json()["draft"]["problems"]
    assert (problem["level"], problem["rule_id"]) == ("error", "a")
    assert "技能组已删除" in problem["message"]


NOTHING = "strategy/publish strategy/promote strategy/withdraw".split()


@pytest.mark.parametrize("path", NOTHING)
def test_there_is_nothing_to_publish_promote_or_withdraw(api, path):
    body = {"revision": 1} if path == "strategy/publish" else {}
    assert api("POST", path, body).status_code == 409


def test_a_version_that_is_not(api):
    assert api("POST", "strategy/rollback", {"number": 7}).status_code == 404


BAD = [
    ("PUT", "strategy/draft", [], 400),
    ("PUT", "strategy/draft", {"rules": []}, 400),
    ("PUT", "strategy/draft", {"rules": {}, "revision": 0}, 400),
    ("PUT", "strategy/draft", {"rules": [], "revision": "0"}, 400),
    ("PUT", "strategy/draft", {"rules": [], "revision": True}, 400),
    ("PUT", "strategy/draft", {"rules": [], "revision": 0, "x": 1}, 400),
    ("PUT", "strategy/draft", {"rules": [{"id": "a\x00"}], "revision": 0}, 400),
    ("PUT", "strategy/draft", b"{", 400),
    (
        "PUT",
        "strategy/draft",
        b'{"rules": [' + b'"' + b"a" * 1_100_000 + b'"], "revision": 0}',
        413,
    ),
    ("POST", "strategy/publish", {}, 400),
    ("POST", "strategy/publish", {"revision": 0}, 400),
    ("POST", "strategy/publish", {"revision": 1, "percent": 0}, 400),
    ("POST", "strategy/publish", {"revision": 1, "percent": 101}, 400),
    ("POST", "strategy/publish", {"revision": 1, "percent": 5.5}, 400),
    ("POST", "strategy/publish", {"revision": 1, "note": 5}, 400),
    ("POST", "strategy/publish", {"revision": 1, "note": "长" * 201}, 400),
    ("POST", "strategy/promote", {"percent": "all"}, 400),
    ("POST", "strategy/withdraw", {"percent": 5}, 400),
    ("POST", "strategy/rollback", {"number": "1"}, 400),
    ("POST", "strategy/rollback", {"number": 2**40}, 400),
    ("GET", "strategy?kind=moon", None, 400),
    ("DELETE", "strategy", None, 405),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_bad_requests(api, case):
    method, path, body, status = BAD[case]
    answer = api(method, path, body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "number", "detail", "fields", "request_id"}


@pytest.mark.parametrize("role", ["agent", "inspector", "auditor", "partner", None])
def test_others_may_not(role, group):
    api = Api(UserFactory(role=role, scope="all"))
    draft = versions.strategy_of("conversation")
    for answer in (
        api.get("catalogue"), api.get("strategy"), api.get("strategy/versions"),
        api.save([]), api.publish(1), api("POST", "strategy/promote"),
        api("POST", "strategy/withdraw"), api("POST", "strategy/rollback", {"number": 1}),
    ):  # fmt: skip
        assert answer.status_code == 403
    assert not draft.versions.exists()


def test_nobody_may_not():
    assert Client().get(f"{BASE}strategy").status_code == 401


def test_it_is_in_the_api_document(client):
    document = client.get("/api/v1/schema/", headers={"accept": "application/json"}).content
    for name in ("routing_catalogue", "routing_strategy_draft", "routing_strategy_rollback"):
        assert name.encode() in document


def test_the_list_of_versions_does_not_query_per_version(api, group, django_assert_max_num_queries):
    for _ in range(4):
        api.publish(api.save(rules(group)).json()["draft"]["revision"])
    with django_assert_max_num_queries(6):
        assert len(api.get("strategy/versions").json()["versions"]) == 4
