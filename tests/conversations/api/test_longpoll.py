"""Long polling: who waits, who does not, and what waiting costs."""

import asyncio
import threading
import time

import httpx
import pytest
from asgiref.sync import sync_to_async

from conversations.actors import Actor
from conversations.ingest import Command, send
from conversations.principals import visitor_token
from conversations.realtime import hub
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def http(customer, channel):
    from lingxi.asgi import application

    token = visitor_token(customer, channel)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client
    for one in hub.running_hubs():
        if one.loop is asyncio.get_running_loop():
            for task in one._tasks:
                task.cancel()
            await asyncio.gather(*one._tasks, return_exceptions=True)


def events(http, conversation, wait, **headers):
    url = f"/api/v1/visitor/events?conversation={conversation.id}&wait={wait}"
    return http.get(url, headers=headers)


async def say(conversation):
    actor = Actor.visitor(conversation.customer_id)
    command = Command(conversation.id, actor, "text", {"type": "text", "text": "你好"}, "m1")
    await sync_to_async(send, thread_sensitive=False)(command)


async def test_one_who_waits_is_woken(http, waiting):
    started = time.monotonic()
    poll = asyncio.create_task(events(http, waiting, 20))
    await asyncio.sleep(1)
    assert not poll.done()
    await say(waiting)
    answer = await poll
    assert [event["content"]["text"] for event in answer.json()["events"]] == ["你好"]
    assert time.monotonic() - started < 15


async def test_one_who_has_all_waits_in_vain(http, waiting):
    started = time.monotonic()
    answer = await events(http, waiting, 1)
    assert (answer.status_code, answer.json()["events"]) == (200, [])
    assert time.monotonic() - started >= 1


async def test_one_who_lacks_something_does_not_wait(http, waiting):
    await sync_to_async(MessageFactory)(conversation=waiting)
    answer = await asyncio.wait_for(events(http, waiting, 25), 15)
    assert len(answer.json()["events"]) == 1


async def test_a_closed_conversation_is_not_waited_for(http, waiting):
    waiting.state = "closed"
    await sync_to_async(waiting.save)()
    answer = await asyncio.wait_for(events(http, waiting, 25), 15)
    assert answer.json()["state"] == "closed"


async def test_the_token_is_checked_before_the_wait(http, waiting):
    refused = events(http, waiting, 25, Authorization="Bearer forged")
    assert (await asyncio.wait_for(refused, 15)).status_code == 401


async def test_waiting_holds_no_thread_and_no_connection(http, waiting):
    await events(http, waiting, 0)
    before = threading.active_count()
    polls = [asyncio.create_task(events(http, waiting, 4)) for _ in range(30)]
    await asyncio.sleep(2.5)
    # The realtime pool has a few threads of its own; thirty requests do not have thirty.
    assert threading.active_count() < before + 15
    assert all(answer.status_code == 200 for answer in await asyncio.gather(*polls))
