"""Every factory makes a row that the database accepts."""

import pytest

from conversations.models import Message, Participant, State
from lingxi.access.permissions import role_of, scope_of
from routing.models import Agent, WorkItem
from tests import factories

pytestmark = pytest.mark.django_db

EVERY = [
    item
    for name, item in vars(factories).items()
    if name.endswith("Factory") and not item._meta.abstract
]


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.__name__)
def test_it_works(each):
    assert each().pk
    assert each().pk


@pytest.mark.parametrize("state", State.values)
def test_a_conversation_in_every_state_has_matching_work(state):
    conversation = factories.ConversationFactory(state=state)
    item = WorkItem.objects.get(item_id=conversation.id)
    people = Participant.objects.filter(conversation=conversation).count()
    served = state in factories.SERVED_STATES
    assert (item.agent_id is not None, conversation.agent_id is not None) == (served, served)
    assert people == 1 + served


def test_a_role_and_scope_can_be_chosen():
    user = factories.UserFactory(role="supervisor", scope="group")
    assert (role_of(user), scope_of(user)) == ("supervisor", "group")
    assert role_of(factories.UserFactory(role=None)) is None


def test_a_present_agent_is_reachable():
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(ready=True, groups=[group])
    factories.AgentFactory(status="ready", groups=[group])
    assert list(Agent.objects.reachable()) == [agent]
    assert list(agent.groups.all()) == [group]


def test_messages_are_numbered_densely_and_notes_are_hidden_from_the_visitor():
    conversation = factories.ConversationFactory(state="serving")
    for kind in ("message", "note", "message"):
        factories.MessageFactory(conversation=conversation, kind=kind)
    rows = Message.objects.values_list("seq", "visitor_seq").order_by("seq")
    assert list(rows) == [(1, 1), (2, None), (3, 2)]
