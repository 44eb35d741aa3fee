"""A visitor who becomes another customer while the socket is open."""

import pytest
from channels.db import database_sync_to_async as in_db

from conversations.actions import open_conversation
from conversations.merging import merge
from conversations.principals import Visitor, visitor_token
from tests import factories
from tests.sockets import Closed, Socket

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_socket_is_asked_to_come_back_with_a_new_token():
    channel = await in_db(factories.ChannelFactory)()
    customer = await in_db(factories.CustomerFactory)()
    target = await in_db(factories.CustomerFactory)()
    opened, _ = await in_db(open_conversation)(Visitor(customer.id, channel.id), {}, {})
    token = visitor_token(customer, channel)
    async with Socket("/ws/visitor", token) as visitor:
        await visitor.entries(1)
        await in_db(merge)(customer, target)
        assert (await visitor.expect("bye"))["reason"] == "token_expired"
        with pytest.raises(Closed) as closed:
            await visitor.expect("never", 3)
        assert closed.value.code == 4401
    again = Socket("/ws/visitor", token)
    await again.connect()
    with pytest.raises((AssertionError, Closed)):
        await again.hello()
    await again.close()
    async with Socket("/ws/visitor", visitor_token(target, channel)) as visitor:
        await visitor.entries(1)
        await visitor.say(opened.id, "还在吗", "m1")
        await visitor.expect("ack")
