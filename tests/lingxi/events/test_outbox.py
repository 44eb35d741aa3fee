"""Emitting: with the cause or not at all, masked, in order."""

import pytest
from django.db import transaction

from lingxi.events.models import Event
from lingxi.events.outbox import NewEvent, emit, emit_many
from lingxi.ids import new_id


@pytest.mark.django_db
def test_it_works():
    conversation, customer = new_id(), new_id()
    event = emit(
        "message.received",
        conversation_id=conversation,
        customer_id=customer,
        channel="demo-web",
        payload={"text": "您好"},
    )
    stored = Event.objects.get()
    assert stored.event_id == event.event_id
    assert (stored.conversation_id, stored.customer_id) == (conversation, customer)
    assert (stored.type, stored.channel, stored.payload) == (
        "message.received",
        "demo-web",
        {"text": "您好"},
    )
    assert stored.relayed_at is None


@pytest.mark.django_db(transaction=True)
def test_refused_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        emit("message.received")
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_gone_with_its_cause():
    with transaction.atomic():
        emit("message.received")
        transaction.set_rollback(True)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_payload_is_masked():
    emit("a.b", payload={"text": "13812345678", "deep": [{"phone": 13812345678}]})
    assert Event.objects.get().payload == {
        "text": "138****5678",
        "deep": [{"phone": "138****5678"}],
    }


@pytest.mark.django_db
def test_many_take_one_query_and_keep_their_order(django_assert_num_queries):
    with django_assert_num_queries(1):
        emit_many(NewEvent(type=f"a.t{number}") for number in range(200))
    types = Event.objects.order_by("position").values_list("type", flat=True)
    assert list(types) == [f"a.t{number}" for number in range(200)]
    ids = list(Event.objects.order_by("position").values_list("event_id", flat=True))
    assert len(set(ids)) == 200
