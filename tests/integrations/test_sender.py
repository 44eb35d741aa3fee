"""The sender against a partner's server that behaves well and badly."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from integrations.models import Delivery, Endpoint
from integrations.webhooks import claims
from integrations.webhooks.outcomes import Answer, decide
from integrations.webhooks.sender import Sender
from integrations.webhooks.windows import Window, Windows
from lingxi.ids import new_id
from tests.integrations.conftest import happen, send

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State


def due_again() -> None:
    """Time passes until the next attempts."""
    Delivery.objects.unfinished().update(next_attempt_at=timezone.now())


def backlog(endpoint: Endpoint, number: int) -> None:
    """Deliveries waiting."""
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, event_id=new_id(), event_type="message.sent", body="{}")
        for _ in range(number)
    )


def test_it_works(receiver, endpoint):
    target = endpoint()
    event = happen("message.received", payload={"text": "电话 13812345678"})
    [delivery] = send()
    [request] = receiver.requests
    assert (delivery.state, delivery.attempts, delivery.last_status) == (State.DELIVERED, 1, 200)
    assert (delivery.last_response, delivery.claimed_until) == ("ok", None)
    assert delivery.delivered_at is not None
    assert request.body.decode() == delivery.body
    assert request.headers["content-type"] == "application/json"
    assert request.id == str(event.event_id)
    body = Webhook(target.secret).verify(request.body, request.headers)
    assert body["type"] == "message.received"
    assert body["data"]["text"] == "电话 138****5678"


def test_failure_is_tried_again_with_the_same_id_and_body(receiver, endpoint):
    target = endpoint("/flaky")
    happen()
    [delivery] = send()
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)
    assert (delivery.last_status, delivery.last_error) == (500, "HTTP 500")
    assert 3 < (delivery.next_attempt_at - timezone.now()).total_seconds() < 7
    due_again()
    [delivery] = send()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (State.DELIVERED, 2, "")
    first, second = receiver.requests
    assert (first.id, first.body) == (second.id, second.body)
    for request in receiver.requests:
        Webhook(target.secret).verify(request.body, request.headers)


def test_what_is_not_due_waits(receiver, endpoint):
    endpoint()
    happen()
    Delivery.objects.update(next_attempt_at=timezone.now() + dt.timedelta(seconds=60))
    assert send()[0].state == State.PENDING
    assert not receiver.requests


def test_dead_after_the_last_attempt(receiver, endpoint):
    endpoint("/status/500")
    happen()
    for _ in range(8):
        send()
        due_again()
    [delivery] = send()
    assert (delivery.state, delivery.attempts) == (State.DEAD, 8)
    assert len(receiver.requests) == 8


def test_retry_after_is_honoured(endpoint):
    endpoint("/busy")
    happen()
    [delivery] = send()
    assert delivery.state == State.FAILED
    assert 110 < (delivery.next_attempt_at - timezone.now()).total_seconds() <= 120


def test_gone_switches_the_endpoint_off(receiver, endpoint):
    target = endpoint("/status/410")
    happen()
    [delivery] = send()
    target.refresh_from_db()
    assert (delivery.state, target.is_active) == (State.DEAD, False)
    assert "410" in target.disabled_reason
    happen()
    assert Delivery.objects.count() == 1


def test_switched_off_keeps_what_waits(receiver, endpoint):
    target = endpoint()
    happen()
    Endpoint.objects.update(is_active=False)
    assert send()[0].state == State.PENDING
    Endpoint.objects.filter(id=target.id).update(is_active=True)
    assert send()[0].state == State.DELIVERED


@pytest.mark.parametrize(
    ("path", "state", "error"),
    [
        ("/redirect", State.FAILED, "HTTP 302（不跟随重定向）"),
        ("/garbage", State.FAILED, "连接失败"),
        ("/endless", State.DELIVERED, ""),
        ("/bomb", State.DELIVERED, ""),
        ("/truncated", State.DELIVERED, ""),
        ("/hang", State.FAILED, "超时"),
        ("/drip", State.DELIVERED, ""),
    ],
)
def test_bad_partners(  # noqa: PLR0917
    receiver, endpoint, monkeypatch, path, state, error
):
    monkeypatch.setattr("integrations.webhooks.attempt.BODY_SECONDS", 0.2)
    endpoint(path, timeout_seconds=1)
    happen()
    start = time.monotonic()
    [delivery] = send()
    assert delivery.state == state
    assert delivery.last_error.startswith(error)
    assert len(delivery.last_response) <= 4096
    assert len(receiver.requests) == 1
    assert time.monotonic() - start < 3


def test_private_address_is_refused_without_a_connection(receiver, endpoint, settings):
    endpoint()
    happen()
    settings.ALLOW_PRIVATE_HOSTS = []
    [delivery] = send()
    assert (delivery.state, receiver.connections) == (State.FAILED, 0)
    assert "内部地址" in delivery.last_error


def test_refused_connection(endpoint):
    target = endpoint()
    Endpoint.objects.filter(id=target.id).update(url="http://127.0.0.1:1/")
    happen()
    [delivery] = send()
    assert (delivery.state, delivery.last_status) == (State.FAILED, None)
    assert delivery.last_error.startswith("连接失败")


def test_errors_and_answers_are_kept_masked(endpoint, receiver):
    outcome_of = {}
    target = endpoint()
    happen()
    [claim] = claims.take({target.id: 1}, 10)
    outcome_of[claim.id] = decide(claim, Answer(500, response="电话 13812345678", error="x" * 900))
    assert claims.settle(list(outcome_of.values())) == 1
    delivery = Delivery.objects.get()
    assert delivery.last_response == "电话 138****5678"
    assert len(delivery.last_error) == 500


def test_many_in_flight_within_the_endpoints_limit(receiver, endpoint):
    backlog(endpoint("/delay/0.05", max_in_flight=20), 100)
    start = time.monotonic()
    send()
    assert time.monotonic() - start < 2.5  # one after the other it takes 5 s
    assert 10 < receiver.most_in_flight <= 20
    assert receiver.connections <= 20
    assert len(set(receiver.ids())) == len(receiver.ids()) == 100


def test_a_slow_endpoint_does_not_hold_up_another(receiver, endpoint):
    backlog(endpoint("/hang", timeout_seconds=2), 200)
    quick = endpoint("/ok")
    sender = Sender(idle=0.02, total=40)
    running = threading.Thread(target=lambda: asyncio.run(sender.run()))
    running.start()
    try:
        time.sleep(0.3)
        start = time.monotonic()
        backlog(quick, 50)
        while quick.deliveries.unfinished().exists() and time.monotonic() - start < 2:
            time.sleep(0.02)
        assert not quick.deliveries.unfinished().exists()
        assert time.monotonic() - start < 1.5
    finally:
        sender.stop()
        running.join(10)
        connection.close()
    assert not running.is_alive()
    assert not Delivery.objects.filter(state=State.SENDING).exists()


def test_no_connection_is_held_while_waiting(receiver, endpoint):
    backlog(endpoint("/delay/0.5"), 5)
    held: list[Any] = []

    def watch() -> None:
        while receiver.in_flight < 5 and len(held) < 200:
            held.append(None)
            time.sleep(0.01)
        time.sleep(0.1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%%'"
            )
            held.append(cursor.fetchone()[0])
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    send()
    watcher.join()
    assert held[-1] == 0


def test_two_senders_share_the_work(receiver, endpoint):
    backlog(endpoint(), 200)
    threads = [
        threading.Thread(target=lambda: asyncio.run(Sender(idle=0.02, once=True).run()))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.ids()) == len(set(receiver.ids())) == 200


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


class TestClaims:
    """The lease."""

    def test_taken_once(self, endpoint):
        target = endpoint()
        happen()
        assert len(claims.take({target.id: 5}, 10)) == 1
        assert claims.take({target.id: 5}, 10) == []
        assert claims.take({}, 10) == []

    def test_no_more_than_the_places(self, endpoint):
        one, other = endpoint(), endpoint()
        backlog(one, 5)
        backlog(other, 5)
        taken = claims.take({one.id: 2, other.id: 3}, 10)
        assert sorted(claim.endpoint_id for claim in taken) == sorted([one.id] * 2 + [other.id] * 3)

    def test_a_living_claim_is_not_released(self, endpoint):
        target = endpoint()
        happen()
        claims.take({target.id: 1}, 10)
        assert claims.release_expired() == 0

    def test_the_claim_of_a_dead_sender_is_released(self, endpoint):
        target = endpoint()
        happen()
        [lost] = claims.take({target.id: 1}, -100)
        assert claims.release_expired() == 1
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
        [again] = claims.take({target.id: 1}, 10)
        assert claims.settle([decide(lost, Answer(500))]) == 0  # too late to say anything
        assert claims.settle([decide(again, Answer(200))]) == 1

    def test_oldest_first(self, endpoint):
        target = endpoint()
        backlog(target, 3)
        last = Delivery.objects.order_by("-id")[0]
        Delivery.objects.filter(id=last.id).update(
            next_attempt_at=timezone.now() - dt.timedelta(hours=1)
        )
        assert claims.take({target.id: 1}, 10)[0].id == last.id

    def test_the_plan_uses_the_index(self, endpoint):
        """With a long backlog too, taking reads only what it takes."""
        target = endpoint()
        backlog(target, 3000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE integrations_delivery")
            cursor.execute(
                f"EXPLAIN (FORMAT JSON) {claims._TAKE}",
                {"endpoints": [target.id], "places": [5], "grace": 10},
            )
            plan = cursor.fetchone()[0]
        nodes = list(_nodes(plan[0]["Plan"]))
        assert {"delivery_due", "integrations_delivery_pkey"} <= {
            node.get("Index Name") for node in nodes
        }
        assert not [
            node
            for node in nodes
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "integrations_delivery"
        ]


class TestWindows:
    """Places in flight."""

    def test_grows_and_shrinks(self):
        window = Window()
        for _ in range(5):
            window.enter()
            window.leave(accepted=True, limit=32)
        assert window.room(32) == 32
        for _ in range(10):
            window.enter()
            window.leave(accepted=False, limit=32)
        assert (window.size, window.room(32)) == (1, 1)

    def test_sum_is_limited(self):
        windows = Windows(10)
        endpoints = [Endpoint(max_in_flight=32) for _ in range(5)]
        assert sum(windows.places(endpoints).values()) == 10
        for _ in range(10):
            windows[endpoints[0].id].enter()
        assert windows.places(endpoints) == {}
