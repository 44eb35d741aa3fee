"""Edited calendars: rules that count their hours are applied anew."""

import uuid
from typing import Any

from django.db.models.signals import post_delete, post_save

from routing.models import BusinessHours, OpenInterval, SpecialDay
from tickets.escalation import rebuild
from tickets.models import EscalationRule


def connect() -> None:
    """Listen to what calendars consist of; called once, when the app is ready."""
    for model in (BusinessHours, OpenInterval, SpecialDay):
        for signal in (post_save, post_delete):
            signal.connect(_edited, sender=model, dispatch_uid=f"escalation_{model.__name__}")


def _edited(sender: Any, instance: Any, **_: Any) -> None:
    pk: uuid.UUID = instance.pk if sender is BusinessHours else instance.hours_id
    for rule in EscalationRule.objects.filter(calendar=pk, is_active=True):
        rebuild.ask(rule)
