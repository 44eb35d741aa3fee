"""A public type with its form, and a rule that fires for nothing."""

from typing import Any

from tests.tickets.factories import TicketTypeFactory
from tickets.models import CreationRule


def add_to(world: Any) -> None:
    """Write them."""
    form = [{"key": "order", "type": "text", "label": "订单号"}]
    public = TicketTypeFactory(key="repair", name="报修", is_public=True, form=form)
    rule = CreationRule.objects.create(
        name="关键词", trigger="keyword", type=public, is_active=False
    )
    world.ids |= {"public type": "repair", "creation rule": rule.pk}
