"""People who manage routing, logged in."""

import pytest
from django.test import Client
from guardian.shortcuts import assign_perm

from lingxi.access.models import Role, Scope
from tests.factories import UserFactory


def client_of(user):
    """A browser of theirs."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator():
    return client_of(UserFactory(role=Role.ADMIN, scope=Scope.ALL))


@pytest.fixture
def supervisor_of():
    """Makes a browser of somebody who supervises these groups."""

    def make(*groups):
        user = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP)
        for group in groups:
            assign_perm("routing.supervise_skillgroup", user, group)
        return client_of(user)

    return make
