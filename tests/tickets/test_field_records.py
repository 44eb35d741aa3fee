"""Tickets are brought to the newest version of their form by the job of `lingxi.fields`."""

import pytest

from lingxi.fields import migrating
from lingxi.jobs.runner import work_on
from tests.factories import UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets.listing.indexing import terms_for

pytestmark = pytest.mark.django_db
REASON = definition("reason", label="原因")


def test_tickets_of_the_type_are_moved_and_found_by_what_is_new():
    type, other = TicketTypeFactory(form=[REASON]), TicketTypeFactory(form=[REASON])
    moved = ticket(type, fields={"reason": "破损"})
    stays = ticket(other, fields={"reason": "破损"})
    second = published("ticket", REASON, definition("level", default="普通"), key=type.key)
    type.schema.refresh_from_db()
    job = migrating.ask(type.schema, UserFactory(role="supervisor"), rehearse=False)
    work_on(job.pk)
    moved.refresh_from_db()
    assert (moved.fields, moved.fields_version) == ({"reason": "破损", "level": "普通"}, second)
    assert moved.terms == terms_for(moved)
    stays.refresh_from_db()
    assert stays.fields == {"reason": "破损"}
