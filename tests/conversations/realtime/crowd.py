"""A visitor and a bystander, both served by one agent, and ways to see that they still are."""

import time
import uuid

from channels.db import database_sync_to_async as in_db

from conversations.principals import agent_token, visitor_token
from tests import factories
from tests.sockets import Socket


class World:
    """A visitor and a bystander, both served by one agent, and a stranger's conversation."""

    def __init__(self):
        self.channel = factories.ChannelFactory()
        self.agent = factories.AgentFactory(status="busy", groups=[self.channel.group])
        self.mine, self.beside = (self._served(self.agent) for _ in range(2))
        self.foreign = self._served(factories.AgentFactory(groups=[factories.SkillGroupFactory()]))
        self.closed = factories.ConversationFactory(
            customer=self.mine.customer, channel=self.channel, agent=self.agent, state="closed"
        )
        self.visitor_token = visitor_token(self.mine.customer, self.channel)
        self.agent_token = agent_token(self.agent.user)

    def _served(self, agent):
        conversation = factories.ConversationFactory(
            channel=self.channel, agent=agent, state="serving"
        )
        factories.MessageFactory(conversation=conversation)
        return conversation

    def visitor(self, cursors=None, **kwargs):
        return Socket("/ws/visitor", self.visitor_token, cursors, **kwargs)

    def bystander(self):
        return Socket("/ws/visitor", visitor_token(self.beside.customer, self.channel))

    def staff(self, cursors=None, **kwargs):
        return Socket("/ws/agent", self.agent_token, cursors, **kwargs)


async def world() -> World:
    return await in_db(World)()


async def serves(socket, conversation):
    """Whether a message goes through, and how long it took."""
    client_msg_id, began = uuid.uuid4().hex, time.monotonic()
    await socket.say(conversation.id, "我也在", client_msg_id)
    ack = await socket.expect("ack")
    while ack["client_msg_id"] != client_msg_id:
        ack = await socket.expect("ack")
    return time.monotonic() - began


async def seqs(socket, conversation, last):
    """The seqs of the entries of one conversation that come, until `last`."""
    found = [0]
    while found[-1] < last:
        frame = await socket.expect("events")
        if frame["conversation"] == str(conversation.id):
            found += [entry["seq"] for entry in frame["events"]]
    return found[1:]


async def answers_of(socket, count):
    """The next acks and nacks."""
    found = []
    while len(found) < count:
        frame = await socket.receive()
        found += [frame] if frame["t"] in {"ack", "nack"} else []
    return found
