"""Changing what a ticket says, also by two people at once."""

import pytest

from lingxi.errors import Conflict, Forbidden, Invalid, NotFound, TooLong
from lingxi.events.models import Event
from tests import factories as base
from tests.routing.at_once import at_once
from tests.tickets import factories
from tickets.models import Entry, Priority, Ticket
from tickets.service import By, edit

pytestmark = pytest.mark.django_db
FORM = [
    {"key": "color", "type": "text", "label": "颜色"},
    {"key": "account", "type": "text", "label": "账号", "sensitive": True},
    {"key": "cost", "type": "number", "label": "成本", "editable": ["supervisor"]},
]


@pytest.fixture
def ticket(type):
    factories.publish_form(type, FORM)
    return factories.ticket(type, fields={"color": "红"})


@pytest.fixture
def by(agent):
    return By.staff(agent.user)


def test_changes_are_told_in_words(ticket, by):
    issue = factories.IssueTypeFactory(name="物流")
    said = {"title": "换货", "priority": Priority.URGENT, "tags": ["急", "急"], "issue_type": issue}
    edited = edit(ticket.pk, by, said)
    assert (edited.title, edited.priority, edited.tags) == ("换货", 4, ["急"])
    entry = Entry.objects.get(ticket=ticket, kind="updated")
    changes = {name: (one["from"], one["to"]) for name, one in entry.data["changes"].items()}
    assert changes["title"] == ("申请退款", "换货")
    assert changes["priority"] == ("普通", "紧急")
    assert changes["issue_type"] == ("", "物流")
    event = Event.objects.get(type="ticket.updated")
    assert event.payload["changes"] == entry.data["changes"]
    assert event.payload["priority"] == "urgent"


def test_custom_fields_that_are_not_named_stay(ticket, by):
    edit(ticket.pk, by, {"fields": {"account": "6222"}})
    ticket.refresh_from_db()
    assert ticket.fields == {"color": "红", "account": "6222"}


def test_of_a_sensitive_field_only_that_it_changed_is_told(ticket, by):
    edit(ticket.pk, by, {"fields": {"account": "6222"}})
    told = str(list(Entry.objects.values_list("data", flat=True)))
    events = str(list(Event.objects.values_list("payload", flat=True)))
    assert "账号" in told
    assert "6222" not in told + events


def test_the_second_of_two_who_save_sees_what_the_first_changed(ticket, by, supervisor):
    seen = ticket.revision
    edit(
        ticket.pk, By.staff(supervisor), {"title": "换货", "fields": {"color": "蓝"}}, revision=seen
    )
    with pytest.raises(Conflict) as refused:
        edit(ticket.pk, by, {"title": "退货"}, revision=seen)
    (told,) = refused.value.fields["changes"]
    assert (told["by"], told["kind"]) == ("主管", "updated")
    assert told["changes"]["title"]["to"] == "换货"
    assert told["changes"]["fields.color"] == {"label": "颜色", "from": "红", "to": "蓝"}
    again = edit(ticket.pk, by, {"title": "退货"}, revision=refused.value.fields["revision"])
    assert (again.title, again.fields["color"]) == ("退货", "蓝")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_the_same_moment_one_wins(type, agent):
    ticket = factories.ticket(type)

    def save(title):
        return edit(ticket.pk, By.staff(agent.user), {"title": title}, revision=1)

    answers = at_once(save, [f"第{number}个" for number in range(4)])
    won = [one for one in answers if isinstance(one, Ticket)]
    assert len(won) == 1
    assert [one.__class__ for one in answers if one is not won[0]] == [Conflict] * 3
    ticket.refresh_from_db()
    assert (ticket.title, ticket.revision) == (won[0].title, 2)


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        ({"title": " "}, Invalid, "title"),
        ({"title": "长" * 201}, TooLong, "title"),
        ({"description": "\x00"}, Invalid, "description"),
        ({"priority": 9}, Invalid, "priority"),
        ({"priority": True}, Invalid, "priority"),
        ({"issue_type": "物流"}, Invalid, "issue_type"),
        ({"tags": ["标" * 41]}, Invalid, "tags"),
        ({"status": "closed"}, Invalid, "status"),
        ({"assignee": None}, Invalid, "assignee"),
        ({"fields": {"size": "大"}}, Invalid, "fields.size"),
        ({"fields": {"color": ["红"]}}, Invalid, "fields.color"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(ticket, by, said, error, field):
    with pytest.raises(error) as refused:
        edit(ticket.pk, by, {"description": "新", **said})
    assert list(refused.value.fields) == [field]
    ticket.refresh_from_db()
    assert (ticket.revision, ticket.description) == (1, "")


def test_a_field_left_to_supervisors_is_not_for_agents(ticket, by, supervisor):
    with pytest.raises(Invalid) as refused:
        edit(ticket.pk, by, {"fields": {"cost": 5}})
    assert list(refused.value.fields) == ["fields.cost"]
    assert edit(ticket.pk, By.staff(supervisor), {"fields": {"cost": 5}}).fields["cost"] == 5


def test_a_ticket_moves_to_the_form_in_force_when_its_fields_are_edited(ticket, by, type):
    new = factories.publish_form(type, [{"key": "size", "type": "text", "label": "尺寸"}])
    ticket.type.schema.refresh_from_db()
    edited = edit(ticket.pk, by, {"title": "只改标题"})
    assert edited.fields_version_id != new.pk
    edited = edit(ticket.pk, by, {"fields": {"size": "L"}})
    assert edited.fields_version_id == new.pk
    assert edited.fields == {"color": "红", "size": "L"}


def test_who_may_not_is_refused(ticket, stranger):
    with pytest.raises(NotFound):
        edit(ticket.pk, By.staff(stranger.user), {"title": "新"})
    with pytest.raises(Forbidden):
        edit(ticket.pk, By.staff(base.UserFactory(role="auditor", scope="all")), {"title": "新"})


def test_an_edit_that_changes_nothing_is_no_revision(ticket, by):
    said = {"title": f" {ticket.title} ", "priority": ticket.priority, "fields": {"color": "红"}}
    again = edit(ticket.pk, by, said)
    assert again.revision == ticket.revision
    assert [entry.kind for entry in ticket.entries.all()] == ["created"]
