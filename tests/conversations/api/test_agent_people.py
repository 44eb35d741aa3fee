"""Agents themselves: log-in, status, capacity, colleagues and groups."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lingxi import accounts, limits
from lingxi.redis import client
from routing.models import Agent
from tests.conversations.api.conftest import Caller, refused
from tests.factories import PASSWORD, AgentFactory, ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


def log_in(caller, username, password=PASSWORD, **extra):
    body = {"username": username, "password": password}
    return caller.post_json("agent/sessions", body, **extra)


class TestLogIn:
    def test_it_works(self, anyone, agent, group):
        answer = log_in(anyone, agent.user.username)
        body = answer.json()
        assert answer.status_code == 201
        assert set(body) == {"token", "agent", "expires_at", "ws_path"}
        assert body["ws_path"] == "/ws/agent"
        assert body["agent"] == {
            "id": str(agent.id),
            "name": agent.name,
            "groups": [{"id": str(group.id), "name": group.name}],
            "capacity": 10,
            "status": "ready",
        }
        assert Caller(body["token"]).get_json("agent/conversations").status_code == 200

    def test_every_failure_has_the_same_answer(self, anyone, agent):
        inactive = AgentFactory(user=UserFactory(is_active=False))
        no_agent, no_role = UserFactory(), AgentFactory(user=UserFactory(role=None))
        answers = [
            log_in(anyone, agent.user.username, "wrong"),
            log_in(anyone, "nobody"),
            log_in(anyone, inactive.user.username),
            log_in(anyone, no_agent.username),
            log_in(anyone, no_role.user.username),
        ]
        bodies = [refused(answer, 401, "not_authenticated") for answer in answers]
        for body in bodies:
            del body["request_id"]
        assert all(body == bodies[0] for body in bodies)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"username": "a"},
            {"username": "a", "password": 5},
            {"username": "a\x00", "password": "b"},
        ],
        ids=str,
    )
    def test_bad_input(self, anyone, body):
        refused(anyone.post_json("agent/sessions", body), 400, "invalid")

    def test_too_many_attempts(self, anyone, agent):
        name = agent.user.username
        for _ in range(accounts.ATTEMPTS):
            refused(log_in(anyone, name, "wrong"), 401, "not_authenticated")
        answer = log_in(anyone, f" {name.upper()}")
        refused(answer, 429, "rate_limited")
        assert 1 <= int(answer["Retry-After"]) <= accounts.WINDOW
        # Nobody can lock somebody out from elsewhere.
        assert log_in(anyone, name, REMOTE_ADDR="203.0.113.9").status_code == 201

    def test_a_success_forgets_the_failures(self, anyone, agent):
        for _ in range(2):
            for _ in range(accounts.ATTEMPTS - 1):
                log_in(anyone, agent.user.username, "wrong")
            assert log_in(anyone, agent.user.username).status_code == 201

    def test_many_names_from_one_address(self, anyone, monkeypatch):
        monkeypatch.setattr(accounts, "ATTEMPTS_OF_ADDRESS", 3)
        codes = [log_in(anyone, f"name{i}").status_code for i in range(4)]
        assert codes == [401, 401, 401, 429]

    def test_the_page_shares_the_count(self, anyone, agent):
        for _ in range(accounts.ATTEMPTS):
            log_in(anyone, agent.user.username, "wrong")
        answer = anyone.post("/login/", {"username": agent.user.username, "password": PASSWORD})
        assert answer.status_code == 429


class TestLimits:
    def test_the_window_ends(self):
        limits.hit("test", "a", 1, 60)
        assert 0 < client().pttl("limit:test:a") <= 60_000

    def test_without_redis_each_process_counts(self, monkeypatch):
        dead = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
        monkeypatch.setattr(limits, "client", lambda: dead)
        monkeypatch.setattr(limits, "_local", {})
        monkeypatch.setattr(limits, "_away_until", 0.0)
        limits.hit("test", "b", 1, 60)
        with pytest.raises(limits.RateLimited):
            limits.hit("test", "b", 1, 60)
        limits.forget("test", "b")
        limits.hit("test", "b", 1, 60)


class TestStatus:
    def test_it_works(self, as_agent, agent):
        answer = as_agent.put_json("agent/status", {"status": "break", "reason": "午饭"})
        assert (answer.status_code, answer.json()["status"]) == (200, "break")
        agent.refresh_from_db()
        assert (agent.status, agent.status_reason) == ("break", "午饭")

    @pytest.mark.parametrize(
        "body",
        [{}, {"status": "gone"}, {"status": 1}, {"status": "ready", "reason": "a\nb"}],
        ids=str,
    )
    def test_bad_input(self, as_agent, body):
        answer = as_agent.put_json("agent/status", body)
        assert refused(answer, 400, "invalid")["fields"]

    def test_not_for_people_who_do_not_serve(self, as_supervisor):
        refused(as_supervisor.put_json("agent/status", {"status": "ready"}), 403, "forbidden")


class TestCapacity:
    def test_it_works(self, as_agent, agent):
        assert as_agent.put_json("agent/capacity", {"capacity": 3}).json()["capacity"] == 3
        agent.refresh_from_db()
        assert agent.capacity == 3

    @pytest.mark.parametrize("capacity", [0, 201, -1, "5", 1.5, True, None, 10**15])
    def test_bad_input(self, as_agent, capacity):
        refused(as_agent.put_json("agent/capacity", {"capacity": capacity}), 400, "invalid")


class TestColleagues:
    def test_it_works(self, as_agent, agent, served, group):
        away = AgentFactory(name="不在", groups=[group])
        stepped_in = AgentFactory(name="主管")
        rows = {row["id"]: row for row in as_agent.get_json("agent/agents").json()}
        assert (rows[str(agent.id)]["load"], rows[str(agent.id)]["reachable"]) == (1, True)
        assert (rows[str(away.id)]["load"], rows[str(away.id)]["reachable"]) == (0, False)
        assert str(stepped_in.id) not in rows, "who is in no group is handed nothing"

    def test_groups(self, as_agent, agent, group, channel):
        ConversationFactory(channel=channel)
        (row,) = as_agent.get_json("agent/groups").json()
        assert row == {"id": str(group.id), "name": group.name, "waiting": 1, "ready": 1}

    def test_the_number_of_queries_is_constant(
        self, as_agent, group, django_assert_max_num_queries
    ):
        for _ in range(5):
            AgentFactory(ready=True, groups=[group])
        with django_assert_max_num_queries(6):
            as_agent.get_json("agent/agents")
        with django_assert_max_num_queries(6):
            as_agent.get_json("agent/groups")
        assert Agent.objects.count() == 6
