"""Ready people: a visitor with a token, an agent who serves, a stranger."""

import uuid
from typing import Any

import orjson
import pytest
from django.test import Client

from conversations.principals import agent_token, visitor_token
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    SkillGroupFactory,
    UserFactory,
)

COOKIE = "3e0a7c52-7b0e-4c58-9d43-1f2a90b6f1de"


class Caller(Client):
    """A client that speaks JSON with a bearer token; `last` is the parsed answer."""

    def __init__(self, token: str | None = None, **defaults: Any) -> None:
        if token:
            defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        super().__init__(raise_request_exception=False, **defaults)

    def send_json(self, method: str, path: str, body: Any = None, **extra: Any) -> Any:
        """The response; `body` may be bytes to send as they are."""
        data = body if isinstance(body, bytes) else orjson.dumps(body if body is not None else {})
        return self.generic(method, f"/api/v1/{path}", data, "application/json", **extra)

    def post_json(self, path: str, body: Any = None, **extra: Any) -> Any:
        return self.send_json("POST", path, body, **extra)

    def put_json(self, path: str, body: Any = None, **extra: Any) -> Any:
        return self.send_json("PUT", path, body, **extra)

    def get_json(self, path: str, **extra: Any) -> Any:
        return self.get(f"/api/v1/{path}", **extra)


def message(conversation: Any, text: str = "你好", /, **changes: Any) -> dict[str, Any]:
    """The body of a message."""
    return {
        "conversation": str(conversation.id),
        "client_msg_id": str(uuid.uuid4()),
        "kind": "text",
        "content": {"text": text},
        **changes,
    }


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this member of the error family; the parsed body."""
    body = orjson.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code), body
    assert set(body) == {"code", "number", "detail", "fields", "request_id"}
    assert body["request_id"] == response["X-Request-ID"]
    assert "Traceback" not in response.content.decode()
    return body


@pytest.fixture
def anyone():
    return Caller()


@pytest.fixture
def group():
    return SkillGroupFactory()


@pytest.fixture
def channel(group):
    return ChannelFactory(group=group, key="shop", greeting="您好")


@pytest.fixture
def customer():
    return CustomerFactory(name="王芳")


@pytest.fixture
def visitor(customer, channel):
    return Caller(visitor_token(customer, channel))


@pytest.fixture
def other_visitor(channel):
    return Caller(visitor_token(CustomerFactory(), channel))


@pytest.fixture
def agent(group):
    return AgentFactory(ready=True, groups=[group])


@pytest.fixture
def as_agent(agent):
    return Caller(agent_token(agent.user))


@pytest.fixture
def as_colleague(group):
    return Caller(agent_token(AgentFactory(ready=True, groups=[group]).user))


@pytest.fixture
def as_stranger():
    """An agent of another group."""
    return Caller(agent_token(AgentFactory(ready=True, groups=[SkillGroupFactory()]).user))


@pytest.fixture
def as_supervisor():
    return Caller(agent_token(UserFactory(role="supervisor", scope="all")))


@pytest.fixture
def served(customer, channel, agent):
    """A conversation the agent serves."""
    return ConversationFactory(customer=customer, channel=channel, agent=agent, state="serving")


@pytest.fixture
def waiting(customer, channel):
    """A conversation nobody serves."""
    return ConversationFactory(customer=customer, channel=channel)
