"""Edited calendars: what they decide is reckoned anew."""

import uuid
from typing import Any

from django.db.models.signals import post_delete, post_save

from routing.models import BusinessHours, OpenInterval, SpecialDay
from tickets.models.sla import SlaPolicy


def connect() -> None:
    """Listen to what calendars consist of; called once, when the app is ready."""
    for model in (BusinessHours, OpenInterval, SpecialDay):
        for signal in (post_save, post_delete):
            signal.connect(_edited, sender=model, dispatch_uid=f"sla_{model.__name__}")


def _edited(sender: Any, instance: Any, **_: Any) -> None:
    from tickets.sla.recompute import ask

    pk: uuid.UUID = instance.pk if sender is BusinessHours else instance.hours_id
    if SlaPolicy.objects.filter(calendar=pk, is_active=True).exists():
        ask()
