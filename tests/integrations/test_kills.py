"""Senders killed with -9 in the middle of their deliveries: nothing lost, little twice."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest

from integrations.models import Delivery
from lingxi.ids import new_id
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)
DELIVERIES = 240
KILLS = 3
IN_FLIGHT = 16


def start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "send_webhooks", "--idle", "0.05", "--grace", "0.5"]
    return subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.01)


def test_nothing_is_lost(receiver, endpoint):
    target = endpoint("/delay/0.1", max_in_flight=IN_FLIGHT, timeout_seconds=1)
    Delivery.objects.bulk_create(
        Delivery(endpoint=target, event_id=new_id(), event_type="message.sent", body="{}")
        for _ in range(DELIVERIES)
    )
    for _ in range(KILLS):
        seen = len(receiver.requests)
        sender = start()
        wait_until(lambda seen=seen: len(receiver.requests) >= seen + 40)
        sender.kill()
        sender.wait()
    assert Delivery.objects.unfinished().count() > 20, "the kills came too late to tell anything"

    sender = start()
    wait_until(lambda: not Delivery.objects.unfinished().exists())
    sender.send_signal(signal.SIGTERM)
    assert sender.wait(10) == 0

    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DELIVERED}
    received = Counter(receiver.ids())
    assert set(received) == {
        str(one) for one in Delivery.objects.values_list("event_id", flat=True)
    }
    twice = sum(count - 1 for count in received.values())
    assert twice <= KILLS * IN_FLIGHT


def test_a_stopped_sender_finishes_what_is_in_flight(receiver, endpoint):
    target = endpoint("/delay/0.5")
    for _ in range(5):
        Delivery.objects.create(
            endpoint=target, event_id=new_id(), event_type="message.sent", body="{}"
        )
    sender = start()
    wait_until(lambda: receiver.in_flight == 5)
    sender.send_signal(signal.SIGTERM)
    assert sender.wait(10) == 0
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DELIVERED}
    assert len(receiver.requests) == 5
