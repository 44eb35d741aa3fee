"""The sweep does what it can: what fails is left to the next one and hinders nothing else."""

import pytest

from conversations import tasks
from conversations.models import State
from lingxi.errors import Conflict
from lingxi.sweeps import attempt
from routing import assignment
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def broken(*args):
    raise ValueError("not foreseen")


def test_a_step_that_fails_does_not_keep_the_others_from_being_done(monkeypatch):
    monkeypatch.setattr(tasks.overflow, "flow_over", broken)
    channel = factories.ChannelFactory()
    waiting = factories.ConversationFactory(channel=channel)
    factories.AgentFactory(groups=[channel.group], ready=True)
    gone = factories.ConversationFactory(state=State.SERVING)
    gone.agent.presences.all().delete()
    type(gone.agent).objects.filter(pk=gone.agent_id).update(status_since="2026-01-01T00:00:00Z")
    done = tasks.sweep()
    assert (done["assigned"], done["overflowed"], done["requeued"]) == (1, 0, 1)
    waiting.refresh_from_db()
    assert waiting.state == State.SERVING


def test_a_group_that_fails_does_not_keep_the_others_waiting(monkeypatch):
    channels = factories.ChannelFactory.create_batch(2)
    for channel in channels:
        factories.ConversationFactory(channel=channel)
        factories.AgentFactory(groups=[channel.group], ready=True)
    bad, assign = channels[0].group_id, assignment.assign_waiting
    monkeypatch.setattr(
        assignment, "assign_waiting", lambda pk: broken() if pk == bad else assign(pk)
    )
    assert assignment.assign_everywhere() == 1


@pytest.mark.parametrize(
    ("work", "counted"),
    [(lambda: 3, 3), (lambda: True, 1), (lambda: False, 0), (lambda: None, 1), (broken, 0)],
    ids=["number", "done", "not done", "nothing said", "failed"],
)
def test_what_counts_as_done(work, counted):
    assert attempt(work) == counted


def test_a_refusal_is_left_to_the_next_sweep():
    def refused():
        raise Conflict

    assert attempt(refused) == 0
