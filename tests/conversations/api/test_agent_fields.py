"""Declared fields over the API."""

import orjson
import pytest

from conversations.principals import agent_token
from tests.conversations.api.conftest import Caller, refused
from tests.factories import ConversationFactory, UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
CITY = definition("city", label="城市")
SECRET = definition("id_card", sensitive=True)


@pytest.fixture
def paths(served):
    one = f"agent/conversations/{served.id}/fields"
    return {"conversation": one, "customer": f"agent/customers/{served.customer_id}/fields"}


@pytest.mark.parametrize("entity", ["customer", "conversation"])
def test_it_says_which_version_it_speaks(as_agent, paths, entity):
    assert as_agent.get_json(paths[entity]).json() == {"fields_version": None, "fields": {}}
    published(entity, CITY, SECRET)
    body = {"fields": {"city": "宁波", "id_card": "机密"}, "fields_version": 1}
    answer = as_agent.send_json("PATCH", paths[entity], body)
    assert orjson.loads(answer.content) == {
        "fields_version": 1, "fields": {"city": "宁波", "id_card": "••••"}
    }  # fmt: skip
    answer = as_agent.send_json("PATCH", paths[entity], {"fields": {"city": None}})
    assert answer.json()["fields"] == {"id_card": "••••"}


def test_refusals(as_agent, paths):
    path = paths["customer"]
    published("customer", CITY)
    send = lambda body: as_agent.send_json("PATCH", path, body)  # noqa: E731
    assert "fields.x" in refused(send({"fields": {"x": 1}}), 400, "invalid")["fields"]
    assert "fields.city" in refused(send({"fields": {"city": [1]}}), 400, "invalid")["fields"]
    assert refused(send({"fields": 5}), 400, "invalid")["fields"]
    assert refused(send({}), 400, "invalid")["fields"]
    assert refused(send({"fields": {}, "other": 1}), 400, "invalid")["fields"]
    stale = refused(send({"fields": {}, "fields_version": 2}), 409, "conflict")
    assert stale["fields"] == {"fields_version": 1}


def test_what_is_out_of_sight_does_not_exist(as_agent):
    other = ConversationFactory(state="serving")
    for path in (f"conversations/{other.id}", f"customers/{other.customer_id}"):
        refused(as_agent.get_json(f"agent/{path}/fields"), 404, "not_found")
        changed = as_agent.send_json("PATCH", f"agent/{path}/fields", {"fields": {}})
        refused(changed, 404, "not_found")


def test_an_inspector_reads_and_does_not_write(paths):
    caller = Caller(agent_token(UserFactory(role="inspector", scope="all")))
    for path in paths.values():
        assert caller.get_json(path).status_code == 200
        refused(caller.send_json("PATCH", path, {"fields": {}}), 403, "forbidden")
