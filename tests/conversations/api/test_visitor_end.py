"""A visitor reads, ends and rates over HTTP, and every refusal on the way."""

import pytest

from conversations.models import Participant, Rating
from tests.conversations.api.conftest import refused
from tests.factories import ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN_ID = "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11"


def path(conversation, action):
    return f"visitor/conversations/{conversation.id}/{action}"


class TestReading:
    def test_it_works(self, visitor, waiting):
        MessageFactory(conversation=waiting)
        assert visitor.post_json(path(waiting, "read"), {"seq": 1}).status_code == 200
        assert Participant.objects.get(agent=None).read_seq == 1

    @pytest.mark.parametrize("seq", [-1, 2**31, 1.5, "1", True, None])
    def test_bad_input(self, visitor, waiting, seq):
        refused(visitor.post_json(path(waiting, "read"), {"seq": seq}), 400, "invalid")

    def test_anothers(self, other_visitor, waiting):
        refused(other_visitor.post_json(path(waiting, "read"), {"seq": 1}), 404, "not_found")


class TestClosing:
    def test_it_works(self, visitor, served):
        answer = visitor.post_json(path(served, "close"))
        assert (answer.status_code, answer.json()["state"]) == (200, "closed")
        served.refresh_from_db()
        assert (served.state, served.closed_by) == ("closed", "visitor")

    def test_twice(self, visitor, waiting):
        visitor.post_json(path(waiting, "close"))
        refused(visitor.post_json(path(waiting, "close")), 409, "conversation_closed")

    def test_anothers(self, other_visitor, waiting):
        refused(other_visitor.post_json(path(waiting, "close")), 404, "not_found")
        waiting.refresh_from_db()
        assert waiting.state == "queued"

    @pytest.mark.parametrize("pk", ["x", "1", "%00", UNKNOWN_ID])
    def test_nothing(self, visitor, pk):
        refused(visitor.post_json(f"visitor/conversations/{pk}/close"), 404, "not_found")


class TestRating:
    @pytest.fixture
    def closed(self, customer, channel, agent):
        return ConversationFactory(customer=customer, channel=channel, agent=agent, state="closed")

    def test_it_works(self, visitor, closed, agent):
        said = {"score": 5, "resolved": True, "comment": "<b>很好</b>"}
        answer = visitor.post_json(path(closed, "rating"), said)
        assert (answer.status_code, answer.json()) == (200, said)
        assert Rating.objects.get().agent == agent

    def test_again_with_the_same_and_with_another(self, visitor, closed):
        for _ in range(2):
            answer = visitor.post_json(path(closed, "rating"), {"score": 4})
            assert answer.status_code == 200
        refused(visitor.post_json(path(closed, "rating"), {"score": 1}), 409, "conflict")
        assert Rating.objects.get().score == 4

    def test_before_the_end(self, visitor, waiting):
        answer = visitor.post_json(path(waiting, "rating"), {"score": 4})
        refused(answer, 409, "transition_not_allowed")

    def test_anothers(self, other_visitor, closed):
        refused(other_visitor.post_json(path(closed, "rating"), {"score": 4}), 404, "not_found")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"score": 0},
            {"score": 6},
            {"score": "5"},
            {"score": 4.5},
            {"score": True},
            {"score": 5, "resolved": "yes"},
            {"score": 5, "comment": 5},
            {"score": 5, "comment": "a\x00"},
            {"score": 5, "agent": "x"},
        ],
        ids=str,
    )
    def test_bad_input(self, visitor, closed, body):
        refused(visitor.post_json(path(closed, "rating"), body), 400, "invalid")

    def test_too_long(self, visitor, closed):
        body = {"score": 5, "comment": "好" * 1001}
        refused(visitor.post_json(path(closed, "rating"), body), 413, "too_long")
