"""Saying something on a ticket."""

import copy
import uuid

import pytest

from lingxi.errors import Conflict, Forbidden, Invalid, NotFound, TooLong
from lingxi.events.models import Event
from tests import factories as base
from tests.routing.at_once import at_once
from tests.tickets import factories
from tickets.models import Comment, Entry, TicketFile
from tickets.service import SYSTEM, By, comment, move
from tickets.workflow import STANDARD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type, customer):
    return factories.ticket(type, requester=customer)


@pytest.fixture
def by(agent):
    return By.staff(agent.user)


def test_a_public_comment_by_staff_is_the_first_reply(ticket, by):
    comment(ticket.pk, by, "请稍候")
    ticket.refresh_from_db()
    assert ticket.first_replied_at is None
    said = comment(ticket.pk, by, " 已发货 ", is_public=True)
    ticket.refresh_from_db()
    assert (said.text, ticket.first_replied_at) == ("已发货", said.created_at)
    entries = Entry.objects.filter(ticket=ticket, kind="comment").order_by("id")
    assert [one.is_public for one in entries] == [False, True]


def test_what_is_said_among_colleagues_is_in_no_event(ticket, by):
    comment(ticket.pk, by, "客户是黄牛")
    comment(ticket.pk, by, "已发货", is_public=True)
    told = Event.objects.filter(type="ticket.commented").order_by("occurred_at")
    assert [one.payload["text"] for one in told] == ["", "已发货"]


def test_what_a_customer_says_is_public_and_goes_on_with_what_waited_for_it(ticket, customer):
    move(ticket.pk, "wait", SYSTEM)
    said = comment(ticket.pk, By.requester(customer), "订单号 123")
    ticket.refresh_from_db()
    assert (said.is_public, ticket.status) == (True, "open")


@pytest.mark.parametrize("need", [{"required": ["color"]}, {"comment": True}, {"roles": ["admin"]}])
def test_it_goes_on_by_no_step_that_asks_for_more_than_an_answer(customer, need):
    content = copy.deepcopy(STANDARD)
    resume = content["transitions"][3]
    resume |= {"relations": ["customer"], **need}
    if "roles" in need:
        resume["relations"] = []
    form = [{"key": "color", "type": "text", "label": "颜色"}]
    type = factories.TicketTypeFactory(workflow=content, form=form)
    ticket = factories.ticket(type, requester=customer)
    move(ticket.pk, "wait", SYSTEM)
    comment(ticket.pk, By.requester(customer), "好的")
    ticket.refresh_from_db()
    answered = "comment" in need  # the answer is the comment
    assert ticket.status == ("open" if answered else "pending")


def test_the_same_id_is_one_comment(ticket, by):
    pk = uuid.uuid4()
    first = comment(ticket.pk, by, "一次", comment_id=pk)
    again = comment(ticket.pk, by, "两次", comment_id=pk)
    assert (first.pk, again.text) == (again.pk, "一次")
    assert Comment.objects.count() == 1


def test_an_id_of_another_tickets_comment_is_refused(ticket, by, type):
    pk = uuid.uuid4()
    comment(factories.ticket(type).pk, by, "别处", comment_id=pk)
    with pytest.raises(Conflict):
        comment(ticket.pk, by, "这里", comment_id=pk)


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_is_there_once(ticket, by):
    pk = uuid.uuid4()
    answers = at_once(lambda text: comment(ticket.pk, by, text, comment_id=pk), ["甲", "乙"])
    assert {getattr(one, "pk", one) for one in answers} == {pk}
    assert Comment.objects.count() == 1
    assert Entry.objects.filter(ticket=ticket, kind="comment").count() == 1


def test_files_go_with_it(ticket, agent):
    file = base.AttachmentFactory(uploaded_by_user_id=agent.user_id, customer=None)
    said = comment(ticket.pk, By.staff(agent.user), "", files=[file.pk], is_public=True)
    row = TicketFile.objects.get(ticket=ticket)
    assert (row.comment, row.is_public) == (said, True)


def test_a_file_that_is_not_theirs_to_use_is_refused(ticket, by, customer):
    file = base.AttachmentFactory(customer=base.CustomerFactory())
    for who in (by, By.requester(customer)):
        with pytest.raises(NotFound):
            comment(ticket.pk, who, "看", files=[file.pk])
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("text", "error"), [("  ", Invalid), ("长" * 10_001, TooLong), ("a\x00", Invalid)]
)
def test_what_does_not_fit_is_refused(ticket, by, text, error):
    with pytest.raises(error):
        comment(ticket.pk, by, text)
    assert not Comment.objects.exists()


def test_who_may_not_is_refused(ticket, stranger):
    with pytest.raises(NotFound):
        comment(ticket.pk, By.staff(stranger.user), "好")
    with pytest.raises(NotFound):
        comment(ticket.pk, By.requester(base.CustomerFactory()), "好")
    with pytest.raises(Forbidden):
        comment(ticket.pk, By.staff(base.UserFactory(role="auditor", scope="all")), "好")
