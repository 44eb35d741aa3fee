"""From events to delivery rows. The relay calls this inside its transaction."""

from integrations.catalogue import CATALOGUE
from integrations.models import Delivery, Endpoint
from integrations.webhooks.bodies import body_of
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber


@subscriber("webhooks", CATALOGUE)
def fan_out(events: list[Event]) -> None:
    """One delivery per event and endpoint that wants it; an event seen before adds none."""
    endpoints = list(Endpoint.objects.active())
    if not endpoints:
        return
    rows = [
        delivery
        for event in events
        for delivery in _deliveries(event, [one for one in endpoints if one.wants(event.type)])
    ]
    Delivery.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


def _deliveries(event: Event, endpoints: list[Endpoint]) -> list[Delivery]:
    if not endpoints:
        return []
    body = body_of(event)
    return [
        Delivery(
            endpoint=endpoint,
            event_id=event.event_id,
            event_type=event.type,
            conversation_id=event.conversation_id,
            body=body,
        )
        for endpoint in endpoints
    ]
