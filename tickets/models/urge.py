"""催办: somebody asks for a ticket to be seen to."""

from django.db import models
from django.utils import timezone

from lingxi.ids import new_id
from tickets.models.ticket import Ticket
from tickets.models.timeline import ByMixin
from tickets.querysets import OfTicketQuerySet


class Urge(ByMixin):
    """One urge, by the customer or by a member of staff. The ticket counts them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="urgings")
    text = models.CharField("说明", max_length=500, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "催办"
        verbose_name_plural = "催办"
        indexes = [models.Index(fields=["ticket", "-created_at"], name="urge_of_ticket")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.ticket_id}"
