"""From events to deliveries."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from integrations.models import Delivery, Endpoint
from integrations.webhooks.bodies import render
from integrations.webhooks.fanout import fan_out
from lingxi.events.models import Event
from lingxi.events.outbox import NewEvent, emit_many
from lingxi.ids import new_id
from tests.factories import UserFactory
from tests.integrations.conftest import happen

pytestmark = pytest.mark.django_db


def make(**fields):
    return Endpoint.objects.create(name="a", url="https://partner.example/hook", **fields)


def test_it_works():
    endpoint = make()
    conversation, customer = new_id(), new_id()
    event = happen(
        "message.received",
        conversation_id=conversation,
        customer_id=customer,
        channel="demo-web",
        payload={"text": "我的手机 13812345678", "seq": 3},
    )
    delivery = Delivery.objects.get()
    assert (delivery.endpoint, delivery.event_id) == (endpoint, event.event_id)
    assert delivery.state == Delivery.State.PENDING
    body = json.loads(delivery.body)
    moment = event.occurred_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert body == {
        "type": "message.received",
        "timestamp": moment,
        "data": {
            "event_id": str(event.event_id),
            "occurred_at": moment,
            "conversation_id": str(conversation),
            "customer_id": str(customer),
            "channel": "demo-web",
            "text": "我的手机 138****5678",
            "seq": 3,
        },
    }


def test_types_are_filtered():
    every, some, none = make(), make(event_types=["conversation.closed"]), make(is_active=False)
    happen("conversation.created")
    happen("conversation.closed")
    happen("something.undeclared")
    assert every.deliveries.count() == 2
    assert [one.event_type for one in some.deliveries.all()] == ["conversation.closed"]
    assert none.deliveries.count() == 0


def test_an_event_seen_twice_is_delivered_once():
    make()
    event = happen()
    fan_out([event, event])
    assert Delivery.objects.count() == 1


def test_many_events_take_few_queries(django_assert_num_queries):
    make(), make()
    with transaction.atomic():
        emit_many([NewEvent(type="conversation.created") for _ in range(300)])
    events = list(Event.objects.filter(type="conversation.created"))
    with django_assert_num_queries(2):
        fan_out(events)
    assert Delivery.objects.count() == 600


def test_any_number_that_json_can_hold_is_taken():
    make()
    happen(payload={"context": {"big": 1e300, "small": 1e-300, "long": 2**70}})
    data = json.loads(Delivery.objects.get().body)["data"]
    assert data["context"] == {"big": 10**300, "small": 1e-300, "long": 2**70}


def test_a_payload_cannot_shadow_what_every_event_has():
    event_id = new_id()
    now = dt.datetime(2026, 1, 5, 16, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    body = json.loads(render("a.b", event_id, now, {"event_id": "x", "channel": "y", "z": 1}))
    assert body["timestamp"] == "2026-01-05T08:30:00.000000Z"
    assert body["data"]["event_id"] == str(event_id)
    assert (body["data"]["channel"], body["data"]["z"]) == ("", 1)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2/", "http://localhost/", "ftp://a.example/", "http://10.0.0.1/x", "x"]
)
def test_addresses_are_checked_when_saved(url):
    with pytest.raises(ValidationError) as caught:
        Endpoint(name="a", url=url).full_clean()
    assert "url" in caught.value.error_dict


@pytest.mark.parametrize("types", [["nothing.known"], {"a": 1}, "message.received", [["a"]]])
def test_types_are_checked_when_saved(types):
    with pytest.raises(ValidationError) as caught:
        Endpoint(name="a", url="https://a.example/", event_types=types).full_clean()
    assert "event_types" in caught.value.error_dict


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("supervisor", False), (None, False)])
def test_visible_to(role, sees):
    make()
    happen()
    user = UserFactory(role=role)
    assert Endpoint.objects.all().visible_to(user).exists() is sees
    assert Delivery.objects.all().visible_to(user).exists() is sees
