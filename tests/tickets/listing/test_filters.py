"""What each filter finds, compared with a plain loop over the tickets."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.tickets.factories import IssueTypeFactory, publish_form
from tests.tickets.listing.conftest import FORM, Desk, found_by
from tickets import service
from tickets.listing import paging
from tickets.listing.times import start_of_day
from tickets.models import SupervisionOrder, Ticket
from tickets.service import SYSTEM, By

CITIES = ["上海", "上海徐汇", "北京", "Shang hai", "", None]
Fits = Callable[[dict[str, Any]], bool]


def values() -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        "city": st.sampled_from(CITIES),
        "amount": st.none() | st.sampled_from([0, 0.5, 99.99, 100, 100.01, 5000, -3]),
        "bought": st.none() | st.sampled_from(["2026-01-01", "2026-01-31", "2025-12-31"]),
        "reason": st.none() | st.sampled_from(["bad", "late"]),
        "wants": st.lists(st.sampled_from(["refund", "swap"]), unique=True),
        "place": st.none()
        | st.sampled_from([["广东", "深圳"], ["广东", "广州"], ["浙江", "杭州"]]),
        "opened": st.none() | st.booleans(),
    }
    return st.fixed_dictionaries(fields)


def asked() -> st.SearchStrategy[tuple[list[tuple[str, str]], Fits]]:
    """A filter as it stands in the address, and what it means."""
    return st.one_of(
        st.sampled_from(["上海", "徐汇", "hai", "京", "没有"]).map(
            lambda words: ([("f.city", words)], lambda v: words in (v["city"] or "").lower())
        ),
        st.tuples(st.sampled_from(["", "0", "99.99", "100"]), st.sampled_from(["", "100", "-1"]))
        .filter(any)
        .map(lambda ends: ([("f.amount.from", ends[0]), ("f.amount.to", ends[1])], within(*ends))),
        st.sampled_from(["2026-01-01", "2026-01-02"]).map(
            lambda day: (
                [("f.bought.from", day)],
                lambda v: bool(v["bought"]) and v["bought"] >= day,
            )
        ),
        st.lists(st.sampled_from(["bad", "late"]), min_size=1, unique=True).map(
            lambda some: ([("f.reason", one) for one in some], lambda v: v["reason"] in some)
        ),
        st.sampled_from(["refund", "swap"]).map(
            lambda one: ([("f.wants", one)], lambda v: one in v["wants"])
        ),
        st.sampled_from(["广东", "广东/深圳", "浙江"]).map(
            lambda path: (
                [("f.place", path)],
                lambda v: "/".join(v["place"] or []).startswith(path),
            )
        ),
        st.sampled_from(["true", "false"]).map(
            lambda word: ([("f.opened", word)], lambda v: v["opened"] is (word == "true"))
        ),
        st.sampled_from(["city", "amount", "reason", "wants", "opened"]).map(
            lambda key: ([(f"f.{key}.is", "empty")], lambda v: v[key] in (None, "", []))
        ),
        st.sampled_from(["city", "amount", "wants"]).map(
            lambda key: ([(f"f.{key}.is", "filled")], lambda v: v[key] not in (None, "", []))
        ),
    )


def within(low: str, high: str) -> Fits:
    def fits(v: dict[str, Any]) -> bool:
        number = v["amount"]
        above = not low or (number is not None and number >= float(low))
        return number is not None and above and (not high or number <= float(high))

    return fits


@pytest.mark.parametrize("steps", [1, 3_000])  # looked up, and walked to
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(values(), min_size=3, max_size=6), filters=st.lists(asked(), max_size=2))
def test_custom_fields_find_what_a_plain_loop_finds(desk: Desk, steps, rows, filters):
    Ticket.objects.all().delete()
    made = [desk.ticket(fields={k: v for k, v in one.items() if v is not None}) for one in rows]
    query = urlencode([pair for pairs, _ in filters for pair in pairs])
    asked_keys = [pairs[0][0].split(".")[1] for pairs, _ in filters]
    if len(set(asked_keys)) < len(asked_keys):
        return  # the same field twice is not a question the form can ask
    expected = {
        ticket.number
        for ticket, one in zip(made, rows, strict=True)
        if all(fits(one) for _, fits in filters)
    }
    before, paging.STEPS = paging.STEPS, steps
    try:
        assert set(found_by(desk.lead.user, query)) == expected
    finally:
        paging.STEPS = before


def check(desk: Desk, query: str, *expected: Ticket, user: Any = None) -> None:
    """The filter finds these, whichever way it goes."""
    for steps in (1, 3_000):
        before, paging.STEPS = paging.STEPS, steps
        try:
            found = set(found_by(user or desk.lead.user, query))
        finally:
            paging.STEPS = before
        assert found == {one.number for one in expected}, (query, steps)


def test_the_search_box_finds_number_title_and_customer(desk: Desk):
    li = factories.CustomerFactory(name="李雷", phone="13900001111")
    first = desk.ticket(title="耳机有杂音 ABC-12")
    second = desk.ticket(title="物流太慢", requester=li)
    check(desk, urlencode({"q": first.reference}), first)
    check(desk, urlencode({"q": "有杂"}), first)
    check(desk, urlencode({"q": "abc"}), first)
    check(desk, urlencode({"q": "杂音 耳机"}), first)
    check(desk, urlencode({"q": "慢"}), second)
    check(desk, urlencode({"q": "李雷"}), second)
    check(desk, urlencode({"q": "13900001111"}), second)
    check(desk, urlencode({"q": "没有这样的"}))


def test_filters_of_columns(desk: Desk):
    issue = IssueTypeFactory()
    below = IssueTypeFactory(parent=issue)
    urgent = desk.ticket(priority=4, tags=["加急", "VIP"], issue_type=below)
    other = desk.ticket(type=desk.types[1], source="api")
    service.assign(urgent.pk, SYSTEM, agent=desk.agent, group=desk.groups[0])
    service.assign(other.pk, SYSTEM, group=desk.groups[1])
    service.move(other.pk, "resolve", SYSTEM)
    check(desk, "priority=urgent", urgent)
    check(desk, "priority=urgent&priority=normal", urgent, other)
    check(desk, "category=active", urgent)
    check(desk, "category=resolved", other)
    check(desk, "status=resolved", other)
    check(desk, f"type={desk.types[1].pk}", other)
    check(desk, f"group={desk.groups[0].pk}", urgent)
    check(desk, f"assignee={desk.agent.pk}", urgent)
    check(desk, "assignee=none", other)
    check(desk, "assignee=me", urgent, user=desk.agent.user)
    check(desk, f"issue={issue.pk}", urgent)
    check(desk, "issue=none", other)
    check(desk, urlencode({"tag": "VIP"}), urgent)
    check(desk, urlencode({"tag": "VIP,没有"}))
    check(desk, "source=api", other)


def test_what_is_supervised_is_found_until_it_is_answered(desk: Desk):
    open_one, overdue, answered, _ = (desk.ticket() for _ in range(4))
    now = timezone.now()
    rows = [
        SupervisionOrder.objects.create(ticket=one, text="说明", due_at=now, ordered_name="主管")
        for one in (open_one, overdue, answered)
    ]
    SupervisionOrder.objects.filter(pk=rows[1].pk).update(overdue_at=now)
    SupervisionOrder.objects.filter(pk=rows[2].pk).update(state="answered")
    check(desk, "order=open", open_one, overdue)
    check(desk, "order=overdue", overdue)
    check(desk, "order=open&order=overdue", open_one, overdue)


def test_filters_of_times(desk: Desk):
    old, new = desk.ticket(), desk.ticket()
    at = start_of_day(dt.date(2026, 4, 1)) - dt.timedelta(seconds=1)
    Ticket.objects.filter(pk=old.pk).update(created_at=at, updated_at=at, due_at=at)
    Ticket.objects.filter(pk=new.pk).update(due_at=timezone.now() + dt.timedelta(minutes=30))
    check(desk, "created.from=2026-03-31&created.to=2026-03-31", old)
    check(desk, "created.to=2026-03-30")
    check(desk, "updated.to=2026-04-01", old)
    check(desk, "due.from=2026-03-01&due.to=2026-03-31", old)
    check(desk, "sla=breached", old)
    check(desk, "sla=due_1h", new)
    check(desk, "sla=breached&sla=due_4h", old, new)
    service.move(old.pk, "close", SYSTEM)
    check(desk, "sla=breached")


def test_watched_and_created_by_me(desk: Desk):
    mine = desk.ticket(by=By.staff(desk.agent.user))
    watched, _ = desk.ticket(), desk.ticket()
    service.watch(watched.pk, By.staff(desk.lead.user))
    check(desk, "creator=me", mine, user=desk.agent.user)
    check(desk, "watched=me", watched)


def test_masked_digits_cannot_be_found_out_by_trying(desk: Desk):
    named = factories.CustomerFactory(name="王五 13812345678", phone="13812345678")
    secret = desk.ticket(
        title="请回电 13812345678",
        fields={"city": "上海 13812345678"},
        tags=["13812345678"],
        requester=named,
    )
    guesses = [("q", "1234"), ("q", "13812345678"), ("f.city", "8123"), ("tag", "13812345678")]
    guesses += [("requester", "13812345678"), ("q", "１２３４")]
    for name, guess in guesses:
        check(desk, urlencode({name: guess}), user=desk.agent.user)
    check(desk, urlencode({"q": "回电"}), secret, user=desk.agent.user)
    check(desk, urlencode({"f.city": "上海"}), secret, user=desk.agent.user)
    check(desk, urlencode({"q": "1234"}), secret)
    check(desk, urlencode({"f.city": "8123"}), secret)


def test_fields_a_person_may_not_see_do_not_filter_for_them(desk: Desk):
    secret = desk.ticket(fields={"account": "abc", "internal": "xyz"})
    other = desk.ticket()
    for query in ("f.account=abc", "f.internal=xyz", "f.account.is=empty", "f.internal.is=filled"):
        check(desk, query, secret, other, user=desk.agent.user)
    check(desk, "f.account=abc", secret)
    check(desk, "f.internal=xyz", secret)
    check(desk, "f.internal.is=empty", other)


def test_a_field_that_once_was_hidden_stays_so_for_the_list(desk: Desk):
    """Old tickets show it as their own version says, so the filter must not tell either."""
    secret = desk.ticket(fields={"internal": "xyz"})
    opened = [{**one, "visible": []} for one in FORM]
    publish_form(desk.types[0], opened)
    other = desk.ticket()
    check(desk, "f.internal=xyz", secret, other, user=desk.agent.user)


def test_empty_finds_tickets_of_versions_without_the_field(desk: Desk):
    old = desk.ticket(fields={"city": "上海"})
    publish_form(desk.types[0], [*FORM, {"key": "later", "type": "text", "label": "后来"}])
    filled = desk.ticket(fields={"later": "有"})
    empty = desk.ticket()
    check(desk, "f.later.is=empty", old, empty)
    check(desk, "f.later.is=filled", filled)


def test_only_what_may_be_seen_is_found(desk: Desk):
    waiting = desk.ticket(title="等待")
    taken = desk.ticket(title="已分配")
    foreign = desk.ticket(type=desk.types[1], title="别组")
    for one, group in ((waiting, 0), (taken, 0), (foreign, 1)):
        service.assign(one.pk, SYSTEM, group=desk.groups[group])
    service.assign(taken.pk, SYSTEM, agent=desk.colleague)
    check(desk, "", waiting, user=desk.agent.user)
    check(desk, "", waiting, taken, user=desk.colleague.user)
    check(desk, "", waiting, taken, foreign)
    service.watch(foreign.pk, By.staff(desk.lead.user), desk.agent.user)
    check(desk, "", waiting, foreign, user=desk.agent.user)


def test_edits_are_found_by_what_they_say_now(desk: Desk):
    ticket = desk.ticket(title="旧标题", fields={"amount": 5})
    service.edit(ticket.pk, SYSTEM, {"title": "新名字", "fields": {"amount": 700}})
    check(desk, urlencode({"q": "名字"}), ticket)
    check(desk, urlencode({"q": "旧标"}))
    check(desk, "f.amount.from=600", ticket)
    check(desk, "f.amount.to=10")
