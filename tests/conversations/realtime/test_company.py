"""Who else is in a conversation, over the sockets: helpers, supervisors, and who is unseen."""

from typing import Any

import orjson
import pytest
from channels.db import database_sync_to_async as in_db

from conversations import participation, supervision, transfers
from conversations.models import Participant
from conversations.principals import agent_token
from routing.models import Agent
from tests import factories
from tests.conversations.realtime.test_sockets import Scene, scene
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


@in_db
def supervisor() -> tuple[Any, str]:
    """A supervisor with a line of their own, and their token."""
    user = factories.UserFactory(role="supervisor", scope="all", first_name="王主管")
    supervision.agent_for(user)
    return user, agent_token(user)


@in_db
def colleague() -> tuple[Agent, str]:
    """An agent of another group, who is there."""
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(status="busy", present=True, groups=[group])
    return agent, agent_token(agent.user)


def looking(one: Scene, token: str) -> Socket:
    return Socket("/ws/agent", token, {one.id: {"epoch": 1, "seq": 0}})


async def everything(socket: Socket, seconds: float = 0.5) -> list[dict[str, Any]]:
    """All frames until nothing more comes."""
    frames = []
    try:
        while True:
            frames.append(await socket.receive(seconds))
    except TimeoutError:
        return frames


async def test_a_whisper_reaches_staff_and_leaves_the_visitor_no_gap():
    one = await scene()
    _, token = await supervisor()
    async with one.agent_socket() as agent, looking(one, token) as boss:
        async with one.visitor_socket() as visitor:
            await visitor.logged(3)
            await agent.logged(3)
            await boss.say(one.id, "打九折", "w1", kind="whisper")
            assert (await boss.expect("ack"))["seq"] == 4
            (entry,) = await agent.entries(1)
            assert (entry["kind"], entry["content"]["text"]) == ("whisper", "打九折")
            await agent.say(one.id, "给您九折", "a1")
            (said,) = await visitor.entries(1)
            assert (said["seq"], said["content"]["text"]) == (4, "给您九折")
            assert "打九折" not in orjson.dumps(visitor.log).decode()
        async with one.visitor_socket() as again:
            log = await again.logged(4)
            assert [entry["seq"] for entry in log] == [1, 2, 3, 4]
            assert "打九折" not in orjson.dumps(log).decode()


async def test_nobody_but_a_supervisor_whispers():
    one = await scene()
    async with one.agent_socket() as agent, one.visitor_socket() as visitor:
        for socket in (agent, visitor):
            await socket.say(one.id, "嘘", "w1", kind="whisper")
            assert (await socket.expect("nack"))["code"] == "forbidden"


async def test_who_monitors_is_not_noticed():
    one = await scene()
    user, token = await supervisor()
    async with (
        one.agent_socket(),
        one.visitor_socket() as visitor,
        looking(one, token) as boss,
    ):
        await visitor.logged(3)
        await in_db(supervision.monitor)(one.conversation.id, user)
        await everything(visitor, 0.2)
        for t in ("typing", "read", "received"):
            await boss.send({"t": t, "conversation": one.id, "seq": 3, "preview": "x"})
        await boss.say(one.id, "您好", "t1")
        assert (await boss.expect("nack"))["code"] == "forbidden"
        kinds = {frame["t"] for frame in await everything(visitor)}
        assert kinds <= {"head", "queue"}
    people = await in_db(list)(Participant.objects.filter(agent__user=user))
    assert [row.read_seq for row in people] == [0]


async def test_who_barges_in_is_heard():
    one = await scene()
    user, token = await supervisor()
    async with one.agent_socket(), one.visitor_socket() as visitor:
        await visitor.logged(3)
        await in_db(supervision.barge_in)(one.conversation.id, user)
        async with Socket("/ws/agent", token) as boss:
            await boss.entries(4)  # streamed without being asked for
            await boss.send({"t": "typing", "conversation": one.id})
            assert (await visitor.expect("typing"))["author"]["name"] == "王主管"
            await boss.say(one.id, "我是主管", "b1")
            assert (await boss.expect("ack"))["dup"] is False
        log = await visitor.logged(5)
        assert [entry["kind"] for entry in log[3:]] == ["join", "message"]
        assert log[3]["content"].keys() == {"agent"}


async def test_a_helper_is_told_and_streams_what_they_assist_in():
    one = await scene()
    helper, token = await colleague()
    async with one.agent_socket() as serving, Socket("/ws/agent", token) as socket:
        await serving.logged(3)
        await in_db(participation.invite)(one.conversation.id, one.agent, helper)
        inbox = await socket.expect("inbox")
        while not inbox["events"]:
            inbox = await socket.expect("inbox")
        assert inbox["events"][0]["change"] == "assist"
        assert [entry["kind"] for entry in await socket.logged(4)][-1] == "join"
        await socket.say(one.id, "我来帮忙", "h1")
        await socket.expect("ack")
        await in_db(participation.leave)(one.conversation.id, helper)
        await socket.say(one.id, "还有", "h2")
        assert (await socket.expect("nack"))["code"] == "forbidden"


async def test_an_offer_tells_both_inboxes():
    one = await scene()
    other, token = await colleague()
    async with Socket("/ws/agent", token) as socket, one.agent_socket() as giver:
        await giver.logged(3)
        await in_db(transfers.transfer_conversation)(one.conversation.id, one.agent, to_agent=other)
        await in_db(transfers.refuse)(one.conversation.id, other)
        assert "transfer_offered" in await changes(socket)
        assert {"transferred", "transfer_ended"} <= set(await changes(giver))
        assert not socket.log, "who refuses has not read it"


async def changes(socket: Socket) -> list[str]:
    """What the inbox said until it was silent."""
    frames = await everything(socket, 1)
    return [one["change"] for frame in frames if frame["t"] == "inbox" for one in frame["events"]]
