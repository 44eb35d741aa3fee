"""Programs with an agent's token."""

import pytest

from conversations.principals import agent_token
from tests.conversations.api.conftest import Caller


@pytest.fixture
def as_agent(agent):
    return Caller(agent_token(agent.user))


@pytest.fixture
def as_stranger(stranger):
    return Caller(agent_token(stranger.user))


@pytest.fixture
def as_supervisor(supervisor):
    return Caller(agent_token(supervisor))
