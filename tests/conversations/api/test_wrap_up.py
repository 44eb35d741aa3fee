"""Wrap-ups over the API."""

import uuid

import pytest

from conversations.models import WrapUp, WrapUpCategory
from tests.conversations.api.conftest import refused
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(channel, agent):
    return ConversationFactory(state="closed", channel=channel, agent=agent)


def path(conversation, more=""):
    return f"agent/conversations/{conversation.id}/wrap-up{more}"


def test_it_works(as_agent, ended):
    category = WrapUpCategory.objects.create(name="售后")
    found = as_agent.get_json(path(ended, "/categories")).json()
    assert found == [{"id": str(category.id), "path": "售后"}]
    said = {"category": str(category.id), "resolved": True, "note": "电 13812345678"}
    answer = as_agent.post_json(path(ended), said)
    assert answer.status_code == 200
    assert answer.json()["category_path"] == "售后"
    assert answer.json()["note"] == "电 138****5678"
    assert WrapUp.objects.get().note == "电 13812345678"


@pytest.mark.parametrize(
    "said",
    [
        {"resolved": "yes"},
        {"category": str(uuid.UUID(int=5))},
        {"note": 5},
        {"stars": 5},
    ],
)
def test_nonsense_is_refused(as_agent, ended, said):
    refused(as_agent.post_json(path(ended), said), 400, "invalid")
    assert not WrapUp.objects.exists()


def test_an_open_one_and_a_strangers(as_agent, as_stranger, served, ended):
    refused(as_agent.post_json(path(served), {}), 409, "transition_not_allowed")
    refused(as_stranger.post_json(path(ended), {}), 404, "not_found")
    refused(as_stranger.get_json(path(ended, "/categories")), 404, "not_found")
