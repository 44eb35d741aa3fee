"""Pages by place: each ticket is seen once, whatever else comes and goes."""

import datetime as dt
import random

import pytest
from django.http import QueryDict
from django.utils import timezone

from tests.tickets.listing.conftest import Desk, found_by, fresh
from tickets import service
from tickets.listing import paging
from tickets.listing.ordering import ORDERS
from tickets.listing.paging import count_of, page_of
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer
from tickets.models import Ticket
from tickets.service import SYSTEM


@pytest.fixture
def many(desk: Desk) -> list[int]:
    """23 tickets with many equal times and priorities, some without a due time."""
    chance, now = random.Random(5), timezone.now()
    found = []
    for _ in range(23):
        row = desk.ticket(priority=chance.randint(1, 4))
        at = now - dt.timedelta(hours=chance.randint(1, 5))
        due = now + dt.timedelta(hours=chance.randint(1, 3)) if chance.random() < 0.6 else None
        Ticket.objects.filter(pk=row.pk).update(updated_at=at, created_at=at, due_at=due)
        found.append(row.number)
    return found


def walk(user, query: str, size: int = 4, *, then=lambda: None) -> list[list[int]]:
    """All pages, forwards; `then` happens between them."""
    pages, place = [], ""
    while True:
        viewer = Viewer(fresh(user))
        data = QueryDict(f"{query}&after={place}")
        page = page_of(parse(data, viewer), viewer, size)
        pages.append([row.number for row in page.tickets])
        if not page.after:
            return pages
        place = page.after
        then()


@pytest.mark.parametrize("steps", [2, 3_000])
@pytest.mark.parametrize("order", sorted(ORDERS))
def test_each_ticket_is_on_one_page(desk: Desk, many, order, steps, monkeypatch):
    monkeypatch.setattr(paging, "STEPS", steps)
    pages = walk(desk.lead.user, f"sort={order}")
    seen = [number for page in pages for number in page]
    assert sorted(seen) == sorted(many)
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4, 3]
    rows = {row.number: row for row in Ticket.objects.all()}
    one = ORDERS[order]
    keys = [getattr(rows[number], one.column) for number in seen]
    given = [key for key in keys if key is not None]
    assert given == sorted(given, reverse=one.descends)
    empty = [key is None for key in keys]
    assert empty == sorted(empty, reverse=one.descends)  # what is empty counts as the greatest


@pytest.mark.parametrize("order", ["-updated", "due", "-due", "priority"])
def test_back_shows_what_was_there(desk: Desk, many, order):
    viewer = Viewer(fresh(desk.lead.user))
    first = page_of(parse(QueryDict(f"sort={order}"), viewer), viewer, 5)
    state = parse(QueryDict(f"sort={order}&after={first.after}"), viewer)
    second = page_of(state, viewer, 5)
    assert first.before == ""
    state = parse(QueryDict(f"sort={order}&before={second.before}"), viewer)
    again = page_of(state, viewer, 5)
    assert [row.pk for row in again.tickets] == [row.pk for row in first.tickets]
    assert again.before == ""
    assert again.after == first.after


def test_what_comes_and_changes_meanwhile_repeats_and_hides_nothing(desk: Desk, many):
    changed: list[int] = []

    def meanwhile() -> None:
        desk.ticket(title="新来的")
        row = Ticket.objects.exclude(title="新来的").order_by("created_at", "-pk")[0]
        service.edit(row.pk, SYSTEM, {"title": f"改过 {row.revision}"})
        changed.append(row.number)

    seen = [number for page in walk(desk.lead.user, "sort=-created", then=meanwhile)
            for number in page]  # fmt: skip
    assert sorted(seen) == sorted(many)
    assert changed


@pytest.mark.parametrize(
    "place", ["x", "_", "1_", "-_x", "9" * 30 + "_0", "-_00000000-0000-0000-0000-000000000000"]
)
def test_a_place_that_is_none_is_passed_over(desk: Desk, many, place):
    for order in ("-updated", "due", "number"):
        assert found_by(desk.lead.user, f"sort={order}&after={place}") is not None


def test_counts_stop_at_the_most_they_tell(desk: Desk, many):
    viewer = Viewer(fresh(desk.lead.user))
    assert count_of(parse(QueryDict(""), viewer), viewer) == 23
    assert count_of(parse(QueryDict(""), viewer), viewer, most=5) == 6
    assert count_of(parse(QueryDict("priority=urgent"), viewer), viewer) == len(
        found_by(desk.lead.user, "priority=urgent")
    )
