"""A receiver, and shorthands for events and senders."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from integrations.models import Delivery, Endpoint
from integrations.webhooks.sender import Sender
from lingxi.events.models import Event
from lingxi.events.outbox import emit
from lingxi.events.relay import relay_batch
from tests.integrations.receiver import Receiver


@pytest.fixture(autouse=True)
def _allow_local(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A partner's server."""
    with Receiver() as running:
        yield running


@pytest.fixture
def endpoint(receiver: Receiver) -> Callable[..., Endpoint]:
    """Makes endpoints on the receiver, which behave as their path says."""

    def make(path: str = "/ok", **fields: Any) -> Endpoint:
        return Endpoint.objects.create(name=path, url=receiver.url(path), **fields)

    return make


def happen(type: str = "conversation.created", **fields: Any) -> Event:
    """An event that has happened and reached the subscribers."""
    with transaction.atomic():
        event = emit(type, **fields)
    while relay_batch():
        pass
    return event


def send(**options: Any) -> list[Delivery]:
    """Send what is due; all deliveries afterwards."""
    asyncio.run(Sender(**{"idle": 0.02, "once": True, **options}).run())
    return list(Delivery.objects.order_by("id"))
