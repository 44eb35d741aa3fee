"""What people do by hand."""

from django.db.models import QuerySet
from django.utils import timezone

from integrations.catalogue import TEST
from integrations.models import Delivery, Endpoint
from integrations.webhooks.bodies import render
from integrations.webhooks.signing import new_secret
from lingxi.ids import new_id


def send_test_event(endpoint: Endpoint) -> Delivery:
    """A test event on its way to `endpoint`, whatever types it subscribes to."""
    event_id = new_id()
    return Delivery.objects.create(
        endpoint=endpoint,
        event_id=event_id,
        event_type=TEST.name,
        body=render(TEST.name, event_id, timezone.now(), TEST.example),
    )


def redeliver(deliveries: QuerySet[Delivery]) -> int:
    """Send again from the start of the schedule what is not on its way; the number taken up."""
    return deliveries.exclude(state=Delivery.State.SENDING).update(
        state=Delivery.State.PENDING,
        attempts=0,
        next_attempt_at=timezone.now(),
        delivered_at=None,
    )


def rotate_secret(endpoint: Endpoint) -> str:
    """Replace the secret. The old one signs nothing from now on."""
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "updated_at"])
    return endpoint.secret
