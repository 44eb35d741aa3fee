"""Tickets of the demo business."""

import io

import pytest
from django.core.management import CommandError, call_command

from conversations.demo.build import Builder, Size
from lingxi.events.models import Event
from tests.tickets import factories
from tickets.models import (
    Category,
    CreationRule,
    IssueTypeCount,
    SlaClock,
    SlaPolicy,
    Ticket,
    TicketRating,
    TicketType,
)
from tickets.workflow_checks import problems_of

pytestmark = pytest.mark.django_db


def test_a_demo_has_tickets_in_every_stage_and_nobody_is_told_of_old_ones():
    Builder(7, Size(customers=200, conversations=150, days=20, open=4)).build()
    call_command("demo_tickets", past=8, open=6, stderr=io.StringIO())
    assert set(Ticket.objects.values_list("category", flat=True)) >= {
        Category.NEW,
        Category.OPEN,
        Category.RESOLVED,
    }
    assert TicketRating.objects.exists()
    assert SlaClock.objects.exists()
    assert IssueTypeCount.objects.filter(tickets__gt=0).exists()
    assert not Event.objects.filter(type__startswith="ticket.").exists()
    assert Ticket.objects.filter(resolved_at__lt=Ticket.objects.latest("created_at").created_at)
    for type in TicketType.objects.all():
        found = problems_of(type.current.content, type)
        assert [one.message for one in found if one.level == "error"] == []
    assert (CreationRule.objects.count(), SlaPolicy.objects.count()) == (4, 2)


def test_it_is_written_once_only():
    factories.TicketTypeFactory()
    with pytest.raises(CommandError, match="已有工单类型"):
        call_command("demo_tickets")
