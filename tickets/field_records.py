"""Tickets as records of declared fields, which a job brings to the version in force."""

from django.db.models import QuerySet

from lingxi.fields.migrating import Records, register_records
from lingxi.fields.models import Schema
from lingxi.fields.records import COLUMNS
from tickets.listing.indexing import terms_for
from tickets.models import Ticket


def register() -> None:
    """Tell `lingxi.fields`; called once, when the app is ready."""
    register_records("ticket", Records(_rows, _label, _url, _save))


def _rows(schema: Schema) -> QuerySet[Ticket]:
    return Ticket.objects.filter(type__schema=schema, merged_into=None)


def _label(ticket: Ticket) -> str:
    return ticket.reference


def _url(ticket: Ticket) -> str:
    return f"/tickets/{ticket.reference}/"


def _save(ticket: Ticket) -> None:
    """With what the list finds it by."""
    ticket.terms = terms_for(ticket)
    ticket.save(update_fields=[*COLUMNS, "terms"])
