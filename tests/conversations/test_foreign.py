"""What an agent may not do to a conversation that is a colleague's, on whatever way."""

import pytest

from conversations.actions import close_conversation
from conversations.actors import Actor
from conversations.models import Message
from conversations.principals import agent_token
from lingxi.errors import Forbidden
from tests.factories import AgentFactory, ConversationFactory, SkillGroupFactory, UserFactory
from tests.sockets import Socket


@pytest.fixture
def stranger():
    user = UserFactory(role="agent", scope="own")
    return AgentFactory(user=user, groups=[SkillGroupFactory()])


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["queued", "serving", "transferring"])
def test_only_who_serves_ends_it(state, stranger):
    conversation = ConversationFactory(state=state)
    with pytest.raises(Forbidden):
        close_conversation(conversation.id, Actor.agent(stranger))
    conversation.refresh_from_db()
    assert conversation.state == state


@pytest.mark.django_db(transaction=True)
async def test_no_note_by_socket_into_what_the_agent_does_not_see(stranger):
    from asgiref.sync import sync_to_async

    conversation = await sync_to_async(ConversationFactory)(state="serving")
    token = await sync_to_async(agent_token)(stranger.user)
    async with Socket("/ws/agent", token) as socket:
        await socket.say(conversation.id, "我来过", "n1", kind="note")
        assert (await socket.expect("nack"))["code"] == "forbidden"
    assert not await Message.objects.aexists()
