"""The protocol over WebSocket, both sides, on one server process."""

import asyncio
import uuid

import pytest
from channels.db import database_sync_to_async as in_db
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import transfers
from conversations.actions import close_conversation, open_conversation
from conversations.actors import SYSTEM, Actor
from conversations.ingest.batch import write_batch
from conversations.ingest.commands import Command
from conversations.models import Conversation, Participant
from conversations.principals import Visitor, agent_token, visitor_token
from conversations.realtime import hints
from conversations.receipts import delivery_status, of_other_side
from routing.models import Agent, Presence
from tests import factories
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """A visitor with an open conversation and an agent of the group, not yet connected."""

    def __init__(self):
        self.channel = factories.ChannelFactory()
        self.agent = factories.AgentFactory(status="ready", groups=[self.channel.group])
        self.customer = factories.CustomerFactory()
        self.visitor = Visitor(self.customer.id, self.channel.id)
        self.conversation, _ = open_conversation(self.visitor, {}, {})
        self.id = str(self.conversation.id)
        self.visitor_token = visitor_token(self.customer, self.channel)
        self.agent_token = agent_token(self.agent.user)

    def visitor_socket(self, seq=0, **kwargs):
        cursors = {self.id: {"epoch": 1, "seq": seq}}
        return Socket("/ws/visitor", self.visitor_token, cursors, **kwargs)

    def agent_socket(self, seq=0):
        return Socket("/ws/agent", self.agent_token, {self.id: {"epoch": 1, "seq": seq}})

    def write(self, *texts, kind="text", actor=None):
        """Write messages straight into the log, hinting nobody."""
        actor = actor or Actor.visitor(self.customer.id)
        write_batch(
            [
                Command(
                    self.conversation.id,
                    actor,
                    kind,
                    {"type": "text", "text": text},
                    uuid.uuid4().hex,
                )
                for text in texts
            ]
        )


async def scene() -> Scene:
    return await in_db(Scene)()


def texts(entries):
    return [one["content"]["text"] for one in entries if one["kind"] == "message"]


async def test_both_sides_see_every_message_once_and_in_order():
    one = await scene()
    async with one.visitor_socket() as visitor, one.agent_socket() as agent:
        kinds = [entry["kind"] for entry in await visitor.entries(3)]
        assert kinds == ["state", "assignment", "state"]
        for number in range(3):
            await visitor.say(one.id, f"问 {number}", f"v{number}")
            await visitor.expect("ack")
            await agent.say(one.id, f"答 {number}", f"a{number}")
            await agent.expect("ack")
        for socket in (visitor, agent):
            entries = await socket.logged(9)
            assert texts(entries) == ["问 0", "答 0", "问 1", "答 1", "问 2", "答 2"]
            assert [entry["seq"] for entry in entries] == list(range(1, 10))


async def test_the_agents_name_stands_by_the_agents_words():
    one = await scene()
    async with one.visitor_socket() as visitor, one.agent_socket() as agent:
        await visitor.entries(3)
        await agent.say(one.id, "您好", "a1")
        [entry] = await visitor.entries(1)
        assert entry["author"] == {
            "type": "agent", "id": str(one.agent.id), "name": one.agent.name,
        }  # fmt: skip


async def test_the_same_send_again_answers_the_old_seq_and_another_body_conflicts():
    one = await scene()
    async with one.visitor_socket() as visitor:
        await visitor.say(one.id, "在吗", "m1")
        first = await visitor.expect("ack")
        await visitor.say(one.id, "在吗", "m1")
        again = await visitor.expect("ack")
        assert (again["seq"], again["dup"]) == (first["seq"], True)
        await visitor.say(one.id, "不在吗", "m1")
        assert (await visitor.expect("nack"))["code"] == "conflict"


async def test_notes_are_for_staff_and_leave_no_gap():
    one = await scene()
    async with one.visitor_socket() as visitor, one.agent_socket() as agent:
        await visitor.entries(3)
        await agent.entries(3)
        await agent.say(one.id, "老客户，注意语气", "n1", kind="note")
        await agent.say(one.id, "您好", "a1")
        [entry] = await visitor.entries(1)
        assert (entry["seq"], entry["content"]["text"]) == (4, "您好")
        assert [one["kind"] for one in await agent.entries(2)] == ["note", "message"]


async def test_a_visitor_cannot_write_notes():
    one = await scene()
    async with one.visitor_socket() as visitor:
        await visitor.say(one.id, "悄悄", "n1", kind="note")
        assert (await visitor.expect("nack"))["code"] == "forbidden"


async def test_who_comes_back_gets_what_was_missed_and_nothing_else():
    one = await scene()
    await in_db(one.write)("一", "二", "三")
    async with one.visitor_socket(seq=2) as visitor:
        assert texts(await visitor.entries(2)) == ["二", "三"]
        assert await visitor.is_silent()


async def test_a_lost_hint_is_made_up_for_by_looking_again(settings, monkeypatch):
    one = await scene()
    monkeypatch.setitem(settings.LINGXI, "LOOK_AGAIN", 0.2)
    async with one.visitor_socket(seq=1) as visitor:
        monkeypatch.setattr(hints, "say", lambda hint: None)
        await in_db(one.write)("没有人告诉你")
        assert texts(await visitor.entries(1)) == ["没有人告诉你"]


async def test_hints_of_another_process_arrive_through_the_channel_layer():
    from channels.layers import get_channel_layer

    from conversations.ingest.log import Row

    one = await scene()
    async with one.visitor_socket(seq=1) as visitor:
        await asyncio.sleep(0.3)  # the hub subscribes in the background
        row = Row(
            one.conversation.id, "message", "agent", one.agent.id,
            {"type": "text", "text": "来自别处"}, seq=2, visitor_seq=2,
        )  # fmt: skip
        message = hints.message(hints.Hint(rows=[row])) | {"from": "another process"}
        await get_channel_layer().group_send(hints.GROUP, message)
        assert texts(await visitor.entries(1)) == ["来自别处"]


async def test_more_than_the_backlog_is_not_streamed(settings, monkeypatch):
    monkeypatch.setitem(settings.LINGXI, "MAX_BACKLOG", 5)
    one = await scene()
    await in_db(one.write)(*"一二三四五六七")
    async with one.visitor_socket(seq=0) as visitor:
        frame = await visitor.expect("resync")
        assert (frame["reason"], frame["conversation"]) == ("too_old", one.id)
        await visitor.say(one.id, "接着说", "m1")
        assert texts(await visitor.entries(1)) == ["接着说"]


async def test_another_epoch_makes_the_client_load_anew():
    one = await scene()
    await in_db(Conversation.objects.filter(pk=one.conversation.pk).update)(epoch=2)
    async with one.visitor_socket(seq=1) as visitor:
        assert (await visitor.expect("resync"))["reason"] == "epoch"


async def test_connecting_brings_a_ready_agent_the_waiting_visitor():
    one = await scene()
    async with Socket("/ws/agent", one.agent_token) as agent:
        entries = await agent.entries(3)
        assert entries[1]["content"]["agent"]["name"] == one.agent.name
    conversation = await in_db(Conversation.objects.get)(pk=one.conversation.pk)
    assert conversation.agent_id == one.agent.id


async def test_a_lease_lives_as_long_as_the_socket():
    one = await scene()
    async with one.agent_socket():
        assert await in_db(Presence.objects.filter(agent=one.agent).count)() == 1
    assert await in_db(Presence.objects.filter(agent=one.agent).count)() == 0


async def test_a_new_assignment_reaches_the_inbox_and_is_streamed():
    one = await scene()
    async with one.agent_socket() as agent:
        await agent.entries(3)
        customer = await in_db(factories.CustomerFactory)()
        visitor = Visitor(customer.id, one.channel.id)
        await in_db(open_conversation)(visitor, {}, {})
        inbox = await agent.expect("inbox")
        while not inbox["events"]:
            inbox = await agent.expect("inbox")
        assert inbox["events"][0]["change"] == "assigned"


async def test_a_transfer_moves_the_conversation_to_the_other_agents_socket():
    one = await scene()
    other = await in_db(factories.AgentFactory)(ready=False, status="busy")
    token = await in_db(agent_token)(other.user)
    async with one.agent_socket() as first, Socket("/ws/agent", token) as second:
        await first.entries(3)
        await in_db(transfers.transfer_conversation)(
            one.conversation.id, one.agent, to_agent=other, note="会讲粤语"
        )
        assert (await first.entries(1))[0]["content"]["status"] == "offered"
        await in_db(transfers.accept)(one.conversation.id, other)
        kinds = [entry["kind"] for entry in await second.entries(7)]
        start, moves = ["state", "assignment", "state"], ["transfer", "transfer"]
        assert kinds == [*start, *moves, "assignment", "state"]
        await first.entries(3)
        await first.say(one.id, "还在吗", "a1")
        assert (await first.expect("nack"))["code"] == "forbidden"
        await second.say(one.id, "您好，我来", "b1")
        assert (await second.expect("ack"))["dup"] is False


async def test_typing_with_preview_reaches_the_agent_and_without_it_the_visitor():
    one = await scene()
    async with one.visitor_socket() as visitor, one.agent_socket() as agent:
        await visitor.entries(3)
        await agent.entries(3)
        await visitor.send({"t": "typing", "conversation": one.id, "preview": "电话13812345678"})
        assert (await agent.expect("typing"))["preview"] == "电话138****5678"
        await agent.send({"t": "typing", "conversation": one.id, "preview": "草稿"})
        assert (await visitor.expect("typing"))["preview"] is None


async def test_delivery_goes_from_queued_to_read():
    one = await scene()

    def status():
        has_agent = Conversation.objects.get(pk=one.conversation.pk).agent_id is not None
        other = of_other_side(one.conversation.id, for_visitor=True)
        return delivery_status(2, other, has_agent=has_agent)

    async with one.visitor_socket() as visitor:
        await visitor.say(one.id, "在吗", "m1")
        assert (await visitor.expect("ack"))["seq"] == 2
        assert await in_db(status)() == "queued"
        async with one.agent_socket() as agent:
            await agent.entries(4)
            assert await in_db(status)() == "dispatched"
            await agent.send({"t": "received", "conversation": one.id, "seq": 4})
            assert (await visitor.expect("received"))["seq"] == 4
            assert await in_db(status)() == "delivered"
            await agent.send({"t": "read", "conversation": one.id, "seq": 4})
            assert (await visitor.expect("read"))["by"] == "agent"
            assert await in_db(status)() == "read"


async def test_receipts_never_go_back():
    one = await scene()
    async with one.agent_socket() as agent:
        await agent.entries(3)
        await agent.send({"t": "read", "conversation": one.id, "seq": 3})
        await asyncio.sleep(0.5)
        await agent.send({"t": "read", "conversation": one.id, "seq": 1})
        await asyncio.sleep(0.5)
    participant = await in_db(Participant.objects.get)(agent=one.agent)
    assert participant.read_seq == 3


async def test_the_waiting_visitor_hears_where_they_stand():
    one = await scene()
    async with one.visitor_socket():
        customer = await in_db(factories.CustomerFactory)()
        other = Visitor(customer.id, one.channel.id)
        await in_db(open_conversation)(other, {}, {})
        async with Socket("/ws/visitor", visitor_token(customer, one.channel)) as second:
            await second.entries(1)
            third = await in_db(factories.CustomerFactory)()
            await in_db(open_conversation)(Visitor(third.id, one.channel.id), {}, {})
            frame = await second.expect("queue")
            assert (frame["position"], frame["ahead"]) == (2, 1)


async def test_after_the_end_the_socket_says_closed_and_takes_no_more():
    one = await scene()
    async with one.visitor_socket(seq=1) as visitor:
        await in_db(close_conversation)(one.conversation.id, SYSTEM)
        [entry] = await visitor.entries(1)
        assert entry["content"]["state"] == "closed"
        await visitor.say(one.id, "等等", "m1")
        assert (await visitor.expect("nack"))["code"] == "closed"


async def test_an_agent_who_lost_the_role_is_let_go(settings, monkeypatch):
    from lingxi.access.models import RoleAssignment
    from tests.sockets import Closed

    monkeypatch.setitem(settings.LINGXI, "HEARTBEAT", 0.2)
    one = await scene()
    async with one.agent_socket() as agent:
        await agent.entries(3)
        await in_db(RoleAssignment.objects.all().delete)()
        with pytest.raises((AssertionError, Closed)):
            await agent.expect("never", 3)


async def test_a_peer_that_does_not_read_is_cut_off_and_resumes(settings, monkeypatch):
    monkeypatch.setitem(settings.LINGXI, "SLOW_READER", 0.5)
    one = await scene()
    socket = one.visitor_socket(seq=1)
    stuck = asyncio.Event()

    class Full(asyncio.Queue):
        """A socket whose send buffer is full after the welcome."""

        async def put(self, message):
            if message["type"] == "websocket.send" and b"events" in message["text"].encode():
                stuck.set()
                await asyncio.sleep(60)
            await super().put(message)

    socket._out = Full()
    await socket.connect()
    await socket.hello()
    await in_db(one.write)("你读吗")
    hint_free = await in_db(Agent.objects.count)()
    assert hint_free == 1
    await asyncio.wait_for(stuck.wait(), 8)
    message = await asyncio.wait_for(socket._out.get(), 8)
    while message["type"] != "websocket.close":
        message = await asyncio.wait_for(socket._out.get(), 8)
    assert message["code"] == 4408
    await socket.close()
    async with one.visitor_socket(seq=1) as visitor:
        assert texts(await visitor.entries(1)) == ["你读吗"]


# -- replay: whatever is cut, everything is shown once and in order -------------------------------

steps = st.lists(st.sampled_from(["visitor", "note", "cut", "resume"]), min_size=1, max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_replay_shows_everything_once_and_in_order_however_often_it_is_cut(steps):
    asyncio.run(_replay(steps))


async def _replay(steps):
    one = await scene()
    shown, last = [], 1
    said = []
    socket = None
    for number, step in enumerate(steps):
        if step in {"cut", "resume"} and socket is not None:
            last = await _drain(socket, shown, last)
            await socket.close()
            socket = None
        if step == "resume":
            socket = one.visitor_socket(seq=last)
            await socket.connect()
            await socket.hello()
        elif step in {"visitor", "note"}:
            by_agent = {"kind": "note", "actor": Actor.agent(one.agent)}
            await in_db(one.write)(f"{number}", **(by_agent if step == "note" else {}))
            said += [] if step == "note" else [f"{number}"]
    if socket is not None:
        last = await _drain(socket, shown, last)
        await socket.close()
    async with one.visitor_socket(seq=last) as final:
        await _drain(final, shown, last)
    assert shown == said


async def _drain(socket, shown, last):
    """Take what has come, as a client does: next in sequence is shown, older is dropped."""
    while True:
        try:
            frame = await socket.expect("events", 0.25)
        except TimeoutError:
            return last
        for entry in frame["events"]:
            if entry["seq"] <= last:
                continue
            assert entry["seq"] == last + 1
            last = entry["seq"]
            shown.append(entry["content"]["text"])


async def test_a_conversation_opened_later_is_watched_without_asking():
    channel = await in_db(factories.ChannelFactory)()
    customer = await in_db(factories.CustomerFactory)()
    async with Socket("/ws/visitor", visitor_token(customer, channel)) as visitor:
        opened = await in_db(open_conversation)(Visitor(customer.id, channel.id), {}, {})
        [entry] = await visitor.entries(1)
        assert entry["content"]["state"] == "queued"
        await visitor.say(opened[0].id, "在吗", "m1")
        assert texts(await visitor.entries(1)) == ["在吗"]


async def test_one_who_comes_back_to_the_queue_hears_where_they_stand():
    one = await scene()
    async with one.visitor_socket() as visitor:
        assert (await visitor.expect("queue"))["position"] == 1


async def test_a_new_password_ends_open_sockets_at_once():
    from tests.sockets import Closed

    one = await scene()
    async with one.agent_socket() as agent:
        await agent.entries(3)

        def change():
            one.agent.user.set_password("another-password")
            one.agent.user.save()

        await in_db(change)()
        with pytest.raises((AssertionError, Closed)):
            await agent.expect("never", 3)


async def test_a_token_of_one_channel_does_not_write_into_another():
    one = await scene()
    other = await in_db(factories.ChannelFactory)()
    async with Socket("/ws/visitor", visitor_token(one.customer, other)) as visitor:
        await visitor.say(one.id, "串台", "m1")
        assert (await visitor.expect("nack"))["code"] == "forbidden"
