"""An agent at work."""

from typing import Any

import pytest
from django.test import Client

from routing.models import Agent, SkillGroup
from tests.factories import AgentFactory, ChannelFactory, ConversationFactory, SkillGroupFactory


@pytest.fixture
def group(db: None) -> SkillGroup:
    return SkillGroupFactory(name="售前")


@pytest.fixture
def channel(group: SkillGroup) -> Any:
    return ChannelFactory(group=group, name="官网")


@pytest.fixture
def agent(group: SkillGroup) -> Agent:
    return AgentFactory(ready=True, groups=[group], name="李雯")


@pytest.fixture
def page(agent: Agent) -> Client:
    """The agent's browser."""
    client = Client()
    client.force_login(agent.user)
    return client


@pytest.fixture
def serving(agent: Agent, channel: Any) -> Any:
    """A conversation that the agent serves."""
    return ConversationFactory(state="serving", agent=agent, channel=channel)
