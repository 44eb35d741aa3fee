"""Killed with -9 on the way, an import goes on behind its last step; nothing is half done."""

import subprocess
import sys

import pytest

from conversations.models import Customer
from lingxi.events.models import Event
from tests.processes import environment
from tests.tickets.transfer.files import csv_of, refund_type, supervisor, uploaded
from tickets.models import Ticket
from tickets.transfer import importing

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 8


def test_killed_on_the_way():
    type, user = refund_type(), supervisor()
    rows = [f"退款{n},{n},1380000000{n % 2}" for n in range(ROWS)]
    upload = uploaded(csv_of(*rows, header="标题,订单号,客户电话"), type, user)
    job = importing.begin(upload, user)
    run = subprocess.run(
        [sys.executable, "-m", "tests.tickets.transfer.killed_import"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert int(run.stdout) > 4
    job.refresh_from_db()
    assert (job.state, job.done, job.result["bad"]) == ("done", ROWS, 0)
    assert (job.result["created"], job.result["existing"]) == (ROWS, 0)
    assert job.attempts > 3
    titles = sorted(Ticket.objects.values_list("title", flat=True))
    assert titles == [f"退款{n}" for n in range(ROWS)]
    assert Customer.objects.count() == 2
    assert Event.objects.filter(type="ticket.created").count() == ROWS
    for one in Ticket.objects.all():
        assert one.entries.filter(kind="created").count() == 1
