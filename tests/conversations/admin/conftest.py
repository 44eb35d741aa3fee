"""People who may use the admin."""

import pytest
from django.test import Client
from guardian.shortcuts import assign_perm

from tests.factories import ChannelFactory, SkillGroupFactory, UserFactory


def browser_of(user):
    """A browser in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def group(db):
    return SkillGroupFactory(name="售前")


@pytest.fixture
def channel(group):
    return ChannelFactory(group=group, name="官网")


@pytest.fixture
def administrator(db):
    return browser_of(UserFactory(role="admin", scope="all"))


@pytest.fixture
def supervisor(group):
    """Of the one group."""
    user = UserFactory(role="supervisor", scope="group")
    assign_perm("supervise_skillgroup", user, group)
    return browser_of(user)
