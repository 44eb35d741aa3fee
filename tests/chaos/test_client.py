"""The rules of the client, without a server."""

from typing import Any

import httpx
import pytest

from tests.chaos.api import Api
from tests.chaos.client import HONEST, NO_DEDUPLICATION, NO_REPLAY, Rules
from tests.chaos.faults import plan
from tests.chaos.ledger import Ledger, Screen
from tests.chaos.visitors import Visitor


def _visitor(rules: Rules = HONEST) -> Visitor:
    api = Api([1], httpx.AsyncClient())
    visitor = Visitor("v", api, Ledger(), rules, 1, channel="main", pause=1)
    visitor.screens["c"] = Screen("c")
    visitor.on_welcome({})
    return visitor


def _sent(visitor: Visitor) -> list[dict[str, Any]]:
    found = []
    while not visitor._out.empty():
        found.append(visitor._out.get_nowait())
    return [frame for frame in found if frame["t"] == "send"]


def _ack(frame: dict[str, Any], seq: int = 1) -> dict[str, Any]:
    return {**frame, "t": "ack", "message_id": "m", "seq": seq, "dup": False}


def _events(*seqs: int) -> dict[str, Any]:
    when = "2100-01-01T00:00:00Z"
    event = {"kind": "state", "content": {}, "created_at": when}
    return {"conversation": "c", "events": [{**event, "seq": n, "id": f"m{n}"} for n in seqs]}


async def test_one_message_is_in_flight_and_the_next_follows_the_ack() -> None:
    visitor = _visitor()
    visitor.say("c")
    visitor.say("c")
    [first] = _sent(visitor)
    visitor.on_ack(_ack(first))
    [second] = _sent(visitor)
    assert "#000002" in second["content"]["text"]


async def test_what_is_not_acked_goes_again_under_its_id_after_welcome() -> None:
    visitor = _visitor()
    visitor.say("c")
    [first] = _sent(visitor)
    visitor.on_welcome({})
    assert _sent(visitor) == [first]
    assert visitor.ledger.repeats == 1


async def test_busy_is_tried_again_and_closed_is_not() -> None:
    visitor = _visitor()
    visitor.say("c")
    [first] = _sent(visitor)
    visitor.on_nack({**first, "t": "nack", "code": "busy", "retry_after": 0})
    visitor.lanes["c"][0].not_before = 0
    visitor.pump()
    assert _sent(visitor) == [first]
    visitor.on_nack({**first, "t": "nack", "code": "closed", "retry_after": None})
    assert not visitor.unacked
    assert visitor.ledger.refused == {("v", 1): "closed"}


async def test_entries_are_shown_in_order_and_once() -> None:
    visitor = _visitor()
    visitor.on_events(_events(1, 2))
    visitor.on_events(_events(2, 3))
    visitor.on_events(_events(5))
    assert [entry.seq for entry in visitor.screens["c"].entries] == [1, 2, 3]
    assert visitor.ledger.gaps == 1


async def test_the_control_without_deduplication_changes_the_id() -> None:
    visitor = _visitor(NO_DEDUPLICATION)
    visitor.say("c")
    [first] = _sent(visitor)
    visitor.on_welcome({})
    [again] = _sent(visitor)
    assert again["content"] == first["content"]
    assert again["client_msg_id"] != first["client_msg_id"]


async def test_the_control_without_replay_forgets_and_shows_what_comes() -> None:
    visitor = _visitor(NO_REPLAY)
    visitor.say("c")
    visitor.on_welcome({})
    assert not visitor.unacked
    assert visitor.cursors() == {}
    visitor.on_events(_events(1, 5))
    assert [entry.seq for entry in visitor.screens["c"].entries] == [1, 5]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_target_is_struck_once_a_round(seed: int) -> None:
    order = plan(["a", "b", "c"], 2, seed)
    assert sorted(order[:3]) == sorted(order[3:]) == ["a", "b", "c"]
    assert order == plan(["a", "b", "c"], 2, seed)
