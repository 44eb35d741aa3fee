"""A small desk: a group with a supervisor and two agents, and a type of tickets it handles."""

from typing import Any

import pytest
from django.test import Client

from tests import factories as base
from tests.tickets import factories


@pytest.fixture
def group() -> Any:
    """The group that handles the type."""
    return base.SkillGroupFactory(name="售后")


@pytest.fixture
def type(group: Any) -> Any:
    """A type with the standard workflow."""
    return factories.TicketTypeFactory(key="refund", name="退款", group=group)


@pytest.fixture
def agent(group: Any) -> Any:
    """An agent of the group."""
    return base.AgentFactory(name="王芳", groups=[group])


@pytest.fixture
def colleague(group: Any) -> Any:
    """Another one."""
    return base.AgentFactory(name="李雷", groups=[group])


@pytest.fixture
def stranger() -> Any:
    """An agent of another group."""
    return base.AgentFactory(groups=[base.SkillGroupFactory()])


@pytest.fixture
def supervisor() -> Any:
    """A supervisor of everything."""
    return base.UserFactory(role="supervisor", scope="all", first_name="主管")


@pytest.fixture
def customer() -> Any:
    """A customer."""
    return base.CustomerFactory(name="张三", phone="13812345678")


def client_of(user: Any) -> Client:
    """A browser logged in as `user`."""
    client = Client()
    client.force_login(user)
    return client
