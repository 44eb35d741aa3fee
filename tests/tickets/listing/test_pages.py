"""The pages: what they show, what they cost, and that nothing anybody types breaks them."""

import urllib.parse
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.tickets.listing.conftest import Desk
from tickets.listing.filters import FILTERS
from tickets.models import ListTaste, Ticket


@pytest.fixture
def client(desk: Desk) -> Client:
    """The supervisor's browser."""
    found = Client()
    found.force_login(desk.lead.user)
    return found


def as_agent(desk: Desk) -> Client:
    found = Client()
    found.force_login(desk.agent.user)
    return found


def test_the_list_shows_tickets_and_to_htmx_itself_alone(desk: Desk, client):
    ticket = desk.ticket(title="耳机有杂音")
    whole = client.get("/tickets/").text
    part = client.get("/tickets/", headers={"HX-Request": "true"}).text
    for text in (whole, part):
        assert ticket.reference in text
        assert "耳机有杂音" in text
    assert "<html" in whole
    assert "<html" not in part


URLS = (
    "/tickets/",
    "/tickets/?f.amount.from=1",
    "/tickets/?category=active&q=%E9%80%80",
    "/tickets/board/",
    "/tickets/calendar/",
)


def test_many_tickets_cost_no_more_queries_than_few(desk: Desk, client):
    def fill(count: int) -> None:
        for _ in range(count):
            customer = factories.CustomerFactory()
            row = desk.ticket(requester=customer, fields={"amount": 5, "city": "上海"})
            Ticket.objects.filter(pk=row.pk).update(due_at=timezone.now())

    def costs() -> list[int]:
        found = []
        for url in URLS:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    ListTaste.objects.create(user=desk.lead.user, columns=["state", "f.city", "f.place", "creator"])
    fill(3)
    costs()  # fills what processes keep
    few = costs()
    fill(17)
    assert costs() == few


NAMES = [one.name for one in FILTERS] + ["sort", "view", "after", "before", "columns", "page"]
NAMES += [f"{name}.{end}" for name in ("created", "due") for end in ("from", "to", "x")]
KEYS = ["city", "amount", "bought", "pickup", "place", "wants", "opened", "account", "x'; --", ""]
NAMES += [f"f.{key}{end}" for key in KEYS for end in ("", ".from", ".to", ".is")]
GARBAGE = ["", "'", '"', "\\", "%", "_", "\x00", "']}", "1e999", "-1", "9" * 40, "NaN", "Infinity",
           "0001-01-01", "9999-12-31", "2026-02-30", "null", "me", "none", "empty", "T" + "9" * 30,
           "1_00000000-0000-0000-0000-000000000000", "-_00000000-0000-0000-0000-000000000000",
           "\ud800", "🙂", "٣", "²", "$.*", "a/b/c", "x" * 3000, "due", "-due"]  # fmt: skip
pairs = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(GARBAGE) | st.text(max_size=20)))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs)
@example([("f.amount.from", "1e400"), ("f.amount.to", "-1e400")])
@example([("sort", "due"), ("after", "-_00000000-0000-0000-0000-000000000000")])
@example([("sort", "number"), ("before", "9" * 19 + "_00000000-0000-0000-0000-000000000000")])
def test_no_address_breaks_a_page(desk: Desk, pairs):
    if not Ticket.objects.exists():
        desk.ticket(fields={"city": "上海", "amount": 3})
    query = urllib.parse.urlencode([(a, b) for a, b in pairs], errors="surrogatepass")
    browser = as_agent(desk)
    for path in ("", "count/", "board/more/", "calendar/"):
        answer = browser.get(f"/tickets/{path}?{query}", headers={"HX-Request": "true"})
        assert answer.status_code in {200, 404}, (path, query, answer.text[:300])


@pytest.mark.parametrize(
    "query",
    [
        "day=x",
        "day=9999-12-31",
        "day=1970-01-01&by=week",
        "day=2200-12-31",
        "by=year&mine=no",
        "day=2026-02-30",
    ],
)
def test_every_month_can_be_looked_at(client, query):  # fmt: skip
    assert client.get(f"/tickets/calendar/?{query}").status_code == 200


def test_values_are_escaped(desk: Desk, client):
    desk.ticket(title="<script>alert(1)</script>", fields={"city": "<b>x</b>"}, tags=["<i>"])
    ListTaste.objects.create(user=desk.lead.user, columns=["f.city", "tags"])
    text = client.get("/tickets/?q=<script>&f.city=<b>").text
    assert "<script>alert" not in text
    assert "<b>x" not in text
    assert "&lt;b&gt;x" in text


def test_columns_and_density_are_kept(desk: Desk, client):
    desk.ticket(fields={"city": "上海"})
    answer = client.post("/tickets/taste/", {"columns": ["f.city", "state", "nothing"]})
    assert "城市" in answer.text
    client.post("/tickets/taste/", {"density": "dense"})
    taste = ListTaste.objects.get(user=desk.lead.user)
    assert (taste.columns, taste.is_dense) == (["f.city", "state", "nothing"], True)
    assert "is-dense" in client.get("/tickets/").text


def test_hidden_fields_are_no_column_and_no_filter(desk: Desk):
    desk.ticket(fields={"account": "geheim", "internal": "intern", "city": "上海"})
    ListTaste.objects.create(user=desk.agent.user, columns=["f.account", "f.internal", "f.city"])
    headers = {"HX-Request": "true"}
    text = as_agent(desk).get("/tickets/?f.account=geheim", headers=headers).text
    assert "上海" in text
    for hidden in ("intern<", "geheim<", "f.account", "f.internal", ">账号<"):
        assert hidden not in text


def test_phone_numbers_are_masked_for_who_sees_them_so(desk: Desk):
    customer = factories.CustomerFactory(name="王 13812345678")
    desk.ticket(title="电话 13812345678", requester=customer, tags=["13812345678"])
    ListTaste.objects.create(user=desk.agent.user, columns=["requester", "tags"])
    for url in ("/tickets/", "/tickets/board/", "/tickets/calendar/"):
        assert "13812345678" not in as_agent(desk).get(url).text
    assert "138****5678" in as_agent(desk).get("/tickets/").text


def test_bulk_from_the_page_tells_what_came_of_it(desk: Desk, client):
    row = desk.ticket()
    body: dict[str, Any] = {"action": "priority", "priority": "urgent", "ids": [str(row.pk), "x"]}
    answer = client.post("/tickets/bulk/", body)
    assert answer.status_code == 200
    assert 'data-done="1" data-failed="0"' in answer.text
    assert Ticket.objects.get(pk=row.pk).priority == 4
    assert (
        client.post("/tickets/bulk/", {"action": "priority", "priority": "low"}).status_code == 400
    )
    for action in ("assign", "move", "priority", "tags", "watch"):
        assert client.get(f"/tickets/bulk/?action={action}").status_code == 200
    assert client.get("/tickets/bulk/?action=explode").status_code == 400


def test_a_card_is_moved_by_the_transition_that_leads_there(desk: Desk, client):
    row = desk.ticket()
    move = {"ticket": str(row.pk), "column": "open", "by": "category"}
    assert client.post("/tickets/board/move/", move).json() == {"ask": ""}
    assert Ticket.objects.get(pk=row.pk).category == "open"
    assert client.post("/tickets/board/move/", {**move, "column": "closed"}).json() == {"ask": ""}
    refused = client.post("/tickets/board/move/", {**move, "column": "pending"})
    assert refused.status_code == 409
    assert "不能从“已关闭”移到这一列" in refused.json()["detail"]
    assert client.post("/tickets/board/move/", {"ticket": "x"}).status_code == 404


def test_a_transition_that_asks_something_opens_its_dialog(desk: Desk, client):
    from tests.tickets.factories import TicketTypeFactory
    from tickets.workflow import STANDARD

    steps = [
        {**one, "comment": True} if one["key"] == "resolve" else one
        for one in STANDARD["transitions"]
    ]
    type = TicketTypeFactory(workflow={**STANDARD, "transitions": steps})
    row = desk.ticket(type=type)
    move = {"ticket": str(row.pk), "column": "resolved", "by": "category"}
    ask = client.post("/tickets/board/move/", move).json()["ask"]
    assert ask == f"/tickets/{row.reference}/move/resolve/"
    assert client.get(ask).status_code == 200
    assert Ticket.objects.get(pk=row.pk).category == "new"


def test_the_board_of_one_type_has_its_statuses(desk: Desk, client):
    desk.ticket()
    text = client.get(f"/tickets/board/?type={desk.types[0].pk}").text
    assert 'data-by="status"' in text
    assert 'data-column="on_hold"' in text
