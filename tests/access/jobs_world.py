"""A job that has left a file, and a file that waits for its import."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.access.transfer_routes import DATA
from tests.lingxi.jobs.factories import JobFactory
from tickets.models import TicketType
from tickets.transfer import uploads


def add_to(world: Any) -> None:
    """Write them."""
    user = world.people["supervisor"].user
    type = TicketType.objects.select_related("schema").get(pk=world.id("ticket type"))
    kept = uploads.receive(SimpleUploadedFile("工单.csv", DATA), type, user)
    job = JobFactory(owner=world.people["agent"].user, kept=b"1")
    world.ids |= {"job of agent": job.pk, "upload of supervisor": kept.pk}
