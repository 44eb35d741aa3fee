"""Tickets: listing 100,000, reckoning their SLA anew, making more by API beside django-helpdesk.

Both are created one after the other in one process, the database on the same machine: while one
works the other waits, so a second of the clock is about a second of one core all told.
"""

import os
import sys
import time
from typing import Any

from django.db import connection
from django.test import Client

from conversations.principals import agent_token
from lingxi.embedded import with_database
from tests import factories
from tests.bench import django_helpdesk, tickets_list, tickets_sla
from tests.bench.load import percentile
from tests.tickets.factories import TicketTypeFactory
from tickets.models import Ticket

CREATED, BASELINE = 1_500, 500
FORM = [{"key": f"f{number}", "type": "text", "label": f"字段{number}"} for number in range(10)]


def run() -> dict[str, Any]:
    """The figures. Tickets are created where 100,000 are already."""
    say("lists …")
    listing = tickets_list.run()
    say("SLA …")
    reckoned = tickets_sla.measure()
    own = creating()
    say("django-helpdesk …")
    name = f"{connection.settings_dict['NAME']}_helpdesk"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')  # a name of our own making
    theirs = django_helpdesk.measure(
        BASELINE, with_database(os.environ["LINGXI_DATABASE_URL"], name)
    )
    return {
        **own,
        "django_helpdesk_per_second": round(theirs, 1),
        "django_helpdesk_version": django_helpdesk.VERSION,
        "ratio_to_django_helpdesk": round(own["created_per_second"] / theirs, 2),
        **listing,
        **reckoned,
    }


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"  {text}", file=sys.stderr)


def creating() -> dict[str, Any]:
    """A ticket with ten fields, a customer, a policy and a place in a queue, by the API."""
    say("creating …")
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(groups=[group])
    TicketTypeFactory(key="bench", name="退款", group=group, form=FORM)
    channel = factories.ChannelFactory(group=group)
    talk = factories.ConversationFactory(channel=channel, state="serving", agent=agent)
    client = Client(SERVER_NAME="localhost", HTTP_AUTHORIZATION=f"Bearer {agent_token(agent.user)}")
    before, took = Ticket.objects.count(), []
    for number in range(CREATED + 20):
        said = _said(number, talk)
        start = time.perf_counter()
        answer = client.post("/api/v1/tickets/", said, "application/json")
        if number >= 20:
            took.append(time.perf_counter() - start)
        assert answer.status_code == 201, answer.content
    assert Ticket.objects.count() == before + CREATED + 20
    return {
        "created": CREATED,
        "created_per_second": round(CREATED / sum(took), 1),
        "created_p95_ms": round(percentile(took, 0.95), 2),
    }


def _said(number: int, talk: Any) -> dict[str, Any]:
    return {
        "type": "bench",
        "title": f"第 {number} 张工单",
        "description": "收到的杯子有裂纹",
        "fields": {f"f{key}": f"值 {key}" for key in range(10)},
        "conversation": str(talk.pk),
    }
