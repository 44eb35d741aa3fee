"""The relay: everything to everyone who wants it, once, and no one's failure is another's."""

import threading
import time
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from lingxi.events import relay, subscribers
from lingxi.events.models import Event, FailedHandling
from lingxi.events.outbox import emit
from lingxi.events.relay import relay_batch, retry_failed
from lingxi.events.subscribers import subscriber

Subscribe = Callable[..., list[Event]]


@pytest.fixture
def subscribe(monkeypatch) -> Subscribe:
    """Registers a subscriber that keeps what it gets; all others are away."""
    monkeypatch.setattr(subscribers, "_registry", {})

    def register(name, types=None, refuse: Callable[[Event], bool] = lambda event: False):
        got: list[Event] = []

        @subscriber(name, types)
        def handle(events):
            if any(refuse(event) for event in events):
                raise ValueError("no")
            got.extend(events)

        return got

    return register


def happen(*types):
    with transaction.atomic():
        return [emit(type) for type in types]


def types(events):
    return [event.type for event in events]


@pytest.mark.django_db
def test_it_works(subscribe):
    every, some = subscribe("every"), subscribe("some", {"a.b"})
    happen("a.a", "a.b", "a.c")
    assert relay_batch() == 3
    assert types(every) == ["a.a", "a.b", "a.c"]
    assert types(some) == ["a.b"]
    assert not Event.objects.filter(relayed_at=None).exists()
    assert relay_batch() == 0
    assert len(every) == 3


@pytest.mark.django_db
def test_batches_keep_the_order(subscribe):
    every = subscribe("every")
    happen(*(f"a.t{number}" for number in range(25)))
    assert [relay_batch(10) for _ in range(4)] == [10, 10, 5, 0]
    assert types(every) == [f"a.t{number}" for number in range(25)]


@pytest.mark.django_db
def test_one_failure_stops_nobody_else(subscribe):
    broken = subscribe("broken", refuse=lambda event: event.type == "a.b")
    every = subscribe("every")
    happen("a.a", "a.b", "a.c")
    assert relay_batch() == 3
    assert types(every) == ["a.a", "a.b", "a.c"]
    assert types(broken) == ["a.a", "a.c"]
    failed = FailedHandling.objects.get()
    assert (failed.subscriber, failed.event.type, failed.attempts) == ("broken", "a.b", 1)
    assert "ValueError" in failed.error
    assert failed.due_at > timezone.now()


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_each_time(subscribe, monkeypatch):
    healed: list[bool] = []
    got = subscribe("broken", refuse=lambda event: not healed)
    happen("a.a")
    relay_batch()
    assert retry_failed() == 0  # not due yet
    monkeypatch.setattr(relay, "RETRY_SECONDS", (-1, -1, 3600))
    FailedHandling.objects.update(due_at=timezone.now())
    assert [retry_failed(), retry_failed()] == [1, 1]
    failed = FailedHandling.objects.get()
    assert failed.attempts == 3
    assert (failed.due_at - timezone.now()).total_seconds() > 3500
    healed.append(True)
    FailedHandling.objects.update(due_at=timezone.now())
    assert retry_failed() == 1
    assert types(got) == ["a.a"]
    assert not FailedHandling.objects.exists()


@pytest.mark.django_db
def test_what_a_failing_subscriber_wrote_is_undone(subscribe):
    @subscriber("writes")
    def writes(events):
        Event.objects.create(type="side.effect")
        raise ValueError

    happen("a.a")
    relay_batch()
    assert not Event.objects.filter(type="side.effect").exists()


@pytest.mark.django_db
def test_an_error_of_the_database_inside_a_subscriber_is_contained(subscribe):
    @subscriber("broken")
    def broken(events):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    every = subscribe("every")
    happen("a.a")
    assert relay_batch() == 1
    assert types(every) == ["a.a"]
    assert FailedHandling.objects.count() == 1


@pytest.mark.django_db
def test_a_subscriber_that_is_gone_is_forgotten(subscribe):
    subscribe("broken", refuse=lambda event: True)
    happen("a.a")
    relay_batch()
    subscribers._registry.clear()
    FailedHandling.objects.update(due_at=timezone.now())
    assert retry_failed() == 1
    assert not FailedHandling.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_is_not_skipped(subscribe):
    """An event with a lower position that commits after a higher one was relayed."""
    every = subscribe("every")
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            emit("a.slow")
            written.set()
            go_on.wait(5)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(5)
    happen("a.quick")
    assert relay_batch() == 1
    go_on.set()
    thread.join()
    assert relay_batch() == 1
    assert types(every) == ["a.quick", "a.slow"]


@pytest.mark.django_db(transaction=True)
def test_two_relays_do_not_work_at_once(subscribe):
    started, go_on = threading.Event(), threading.Event()
    got = []

    @subscriber("slow")
    def slow(events):
        got.extend(events)
        started.set()
        go_on.wait(5)

    def work():
        relay_batch()
        connection.close()

    happen("a.a")
    thread = threading.Thread(target=work)
    thread.start()
    started.wait(5)
    assert relay_batch() == 0
    assert retry_failed() == 0
    go_on.set()
    thread.join()
    assert relay_batch() == 0
    assert len(got) == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_relays_all_and_survives_a_database_that_goes_away(subscribe, monkeypatch):
    every = subscribe("every")
    happen("a.a", "a.b")
    troubles = [OperationalError("gone"), None]
    real = relay.relay_batch

    def sometimes():
        trouble = troubles.pop(0) if troubles else None
        if trouble:
            raise trouble
        return real()

    monkeypatch.setattr("lingxi.events.management.commands.relay.relay_batch", sometimes)
    start = time.monotonic()
    call_command("relay", once=True)
    call_command("relay", once=True)
    assert types(every) == ["a.a", "a.b"]
    assert time.monotonic() - start < 5
