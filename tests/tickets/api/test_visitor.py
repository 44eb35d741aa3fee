"""Visitors and their own tickets by API."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from conversations import customers
from conversations.models import Block, SensitiveWord
from conversations.principals import visitor_token
from tests.conversations.api.conftest import Caller, refused
from tests.factories import (
    AgentFactory,
    AttachmentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
)
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets import service
from tickets.models import Comment, Ticket, TicketRating, Urge
from tickets.service import SYSTEM, By

pytestmark = pytest.mark.django_db

ORDER = {"key": "order", "type": "order_number", "label": "订单号", "required": True}
FORM = [
    ORDER,
    {"key": "inner", "type": "text", "label": "内部结论", "editable": ["agent"]},
    {"key": "cost", "type": "money", "label": "成本", "visible": ["supervisor"], "required": True},
    {"key": "photo", "type": "file", "label": "照片"},
]


@pytest.fixture
def channel():
    return ChannelFactory()


@pytest.fixture
def customer():
    return CustomerFactory(name="王芳")


@pytest.fixture
def visitor(customer, channel):
    return Caller(visitor_token(customer, channel))


@pytest.fixture
def stranger(channel):
    return Caller(visitor_token(CustomerFactory(), channel))


@pytest.fixture
def type():
    return TicketTypeFactory(key="repair", name="报修", is_public=True, form=FORM)


@pytest.fixture
def one(customer):
    return ticket(title="杯子碎了", description="内部：疑似职业打假", requester=customer)


@pytest.fixture
def agent(one):
    return AgentFactory(groups=[one.group], name="李雯")


def path(one, rest=""):
    return f"visitor/tickets/{one.reference}{rest}"


def resolve(one, days_ago=0):
    service.move(one.pk, "resolve", SYSTEM)
    Ticket.objects.filter(pk=one.pk).update(
        resolved_at=timezone.now() - dt.timedelta(days=days_ago)
    )


class TestList:
    def test_it_works(self, visitor, customer, one):
        second = ticket(requester=customer)
        ticket(requester=CustomerFactory())
        body = visitor.get_json("visitor/tickets").json()
        assert [row["number"] for row in body["results"]] == [second.reference, one.reference]
        assert body["next"] is None
        assert set(body["results"][0]) == {
            *("id", "number", "title", "type", "status", "category", "revision"),
            *("created_at", "updated_at", "rating"),
        }

    def test_page_by_page(self, visitor, customer):
        made = [ticket(requester=customer).reference for _ in range(3)]
        first = visitor.get_json("visitor/tickets?limit=2").json()
        assert [row["number"] for row in first["results"]] == made[:0:-1]
        rest = visitor.get_json(f"visitor/tickets?limit=2&before={first['next']}").json()
        assert [row["number"] for row in rest["results"]] == made[:1]

    def test_what_was_merged_stands_for_itself_no_more(self, visitor, customer, one):
        service.merge(ticket(requester=customer).pk, one.pk, SYSTEM)
        rows = visitor.get_json("visitor/tickets").json()["results"]
        assert [row["number"] for row in rows] == [one.reference]

    def test_what_was_talked_of_on_another_channel_is_not_here(self, visitor, customer):
        there = ConversationFactory(state="serving", customer=customer)
        other = ticket(requester=customer, conversation=there)
        assert visitor.get_json("visitor/tickets").json()["results"] == []
        refused(visitor.get_json(path(other)), 404, "not_found")

    def test_a_wrong_place(self, visitor):
        refused(visitor.get_json("visitor/tickets?before=x"), 400, "invalid")

    def test_the_same_queries_however_many(self, visitor, customer, django_assert_num_queries):
        for _ in range(5):
            ticket(requester=customer)
        with django_assert_num_queries(4):
            visitor.get_json("visitor/tickets")


class TestOne:
    def test_public_things_only(self, visitor, customer, one, agent):
        by = By.staff(agent.user)
        service.assign(one.pk, SYSTEM, agent=agent)
        service.comment(one.pk, by, "疑似恶意")
        service.comment(one.pk, by, "已安排换货", is_public=True)
        service.edit(one.pk, SYSTEM, {"priority": 4, "tags": ["黑名单"]})
        service.move(one.pk, "wait", by)
        answer = visitor.get_json(path(one))
        body = answer.json()
        assert (body["status"], body["agent"], body["description"]) == ("待客户回复", "李雯", "")
        [said] = body["comments"]
        assert (said["text"], said["mine"]) == ("已安排换货", False)
        assert [step["kind"] for step in body["timeline"]] == ["created", "status"]
        words = answer.content.decode()
        for secret in ("疑似", "黑名单", "打假", "due", "breach", str(agent.pk)):
            assert secret not in words

    def test_of_a_step_only_the_status_is_told(self, visitor, one):
        service.edit(one.pk, SYSTEM, {"priority": 4})
        service.move(one.pk, "start", SYSTEM, {"priority": 1, "tags": ["内部"]})
        body = visitor.get_json(path(one)).json()
        assert body["timeline"][-1]["text"] == "待受理 → 处理中"
        assert "内部" not in str(body)

    @pytest.mark.parametrize("number", ["T1", "x", "T999999999999999999999", "%00"])
    def test_there_is_no_such_ticket(self, visitor, number):
        refused(visitor.get_json(f"visitor/tickets/{number}"), 404, "not_found")

    def test_anothers_does_not_exist(self, stranger, one):
        refused(stranger.get_json(path(one)), 404, "not_found")
        for rest, body in (
            ("/comments", {"text": "a"}),
            ("/rating", {"score": 1}),
            ("/reopen", {}),
            ("/urge", {}),
        ):
            refused(stranger.post_json(path(one, rest), body), 404, "not_found")
        assert not Comment.objects.exists()

    def test_without_a_token(self, one):
        refused(Caller().get_json(path(one)), 401, "not_authenticated")

    def test_after_a_merge_of_customers_the_token_is_over(self, visitor, customer, one):
        customers.merge(customer, CustomerFactory())
        for call in ("visitor/tickets", path(one)):
            refused(visitor.get_json(call), 401, "token_expired")


class TestComments:
    def test_it_works(self, visitor, one, customer):
        body = visitor.post_json(path(one, "/comments"), {"text": "请打我电话"}).json()
        assert [(said["text"], said["mine"]) for said in body["comments"]] == [("请打我电话", True)]
        row = Comment.objects.get()
        assert (row.customer, row.is_public) == (customer, True)

    def test_what_was_waited_for_goes_on(self, visitor, one):
        service.move(one.pk, "wait", SYSTEM)
        body = visitor.post_json(path(one, "/comments"), {"text": "照片补上了"}).json()
        assert body["category"] == "open"

    def test_sent_again_it_is_said_once(self, visitor, one):
        for _ in range(2):
            visitor.post_json(path(one, "/comments"), {"text": "急", "client_id": "a1"})
        assert Comment.objects.count() == 1

    def test_own_files_only(self, visitor, one, customer):
        mine, other = AttachmentFactory(customer=customer), AttachmentFactory()
        body = {"text": "见图", "files": [str(mine.pk)]}
        answer = visitor.post_json(path(one, "/comments"), body).json()
        assert [file["id"] for file in answer["comments"][0]["files"]] == [str(mine.pk)]
        body["files"] = [str(other.pk)]
        refused(visitor.post_json(path(one, "/comments"), body), 404, "not_found")

    def test_refusals(self, visitor, one):
        for body in ({"text": ""}, {"text": "a\x00b"}, {"text": 5}, {}, {"text": "a", "x": 1}):
            refused(visitor.post_json(path(one, "/comments"), body), 400, "invalid")
        refused(visitor.post_json(path(one, "/comments"), {"text": "长" * 5001}), 413, "too_long")

    def test_words_that_are_not_allowed(self, visitor, one):
        SensitiveWord.objects.create(word="脏话", action="block", direction="both")
        refused(visitor.post_json(path(one, "/comments"), {"text": "脏话"}), 400, "sensitive_word")

    def test_who_is_blocked(self, visitor, one, customer):
        Block.objects.create(customer=customer, reason="骚扰")
        refused(visitor.post_json(path(one, "/comments"), {"text": "a"}), 403, "blocked")


class TestRating:
    def test_it_is_the_tickets_csat(self, visitor, one):
        resolve(one)
        body = visitor.post_json(path(one, "/rating"), {"score": 4, "comment": "很快"}).json()
        assert (body["rating"], body["may"]["rate"]) == (4, False)
        assert TicketRating.objects.get().comment == "很快"

    def test_not_before_it_is_resolved(self, visitor, one):
        answer = visitor.post_json(path(one, "/rating"), {"score": 4})
        refused(answer, 409, "transition_not_allowed")

    @pytest.mark.parametrize("score", [0, 6, "5", True, None])
    def test_wrong_scores(self, visitor, one, score):
        resolve(one)
        refused(visitor.post_json(path(one, "/rating"), {"score": score}), 400, "invalid")

    def test_reopened_and_resolved_again_it_is_asked_again(self, visitor, one):
        resolve(one)
        visitor.post_json(path(one, "/rating"), {"score": 1})
        visitor.post_json(path(one, "/reopen"), {})
        service.move(one.pk, "resolve", SYSTEM)
        body = visitor.get_json(path(one)).json()
        assert (body["rating"], body["may"]["rate"]) == (None, True)
        assert visitor.post_json(path(one, "/rating"), {"score": 5}).json()["rating"] == 5


class TestReopen:
    def test_it_works(self, visitor, one):
        resolve(one)
        may = visitor.get_json(path(one)).json()["may"]
        assert may["reopen"]
        assert may["reopen_until"]
        body = visitor.post_json(path(one, "/reopen"), {"text": "还是坏的"}).json()
        assert (body["category"], body["comments"][-1]["text"]) == ("open", "还是坏的")

    def test_not_after_the_days_of_the_type(self, visitor, one):
        resolve(one, days_ago=one.type.reopen_days + 1)
        assert not visitor.get_json(path(one)).json()["may"]["reopen"]
        refused(visitor.post_json(path(one, "/reopen"), {}), 403, "forbidden")

    def test_not_while_it_is_worked_on(self, visitor, one):
        refused(visitor.post_json(path(one, "/reopen"), {}), 409, "transition_not_allowed")


class TestUrge:
    def test_it_is_counted_and_limited(self, visitor, one):
        body = visitor.post_json(path(one, "/urge"), {"text": "明天要用"}).json()
        limit = settings.LINGXI["URGE_PER_DAY"]
        assert body["urges"] == {"count": 1, "limit": limit, "left": limit - 1}
        assert (body["may"]["urge"], bool(body["may"]["urge_at"])) == (False, True)
        answer = visitor.post_json(path(one, "/urge"), {})
        refused(answer, 429, "rate_limited")
        assert Urge.objects.count() == 1

    def test_not_for_what_is_done(self, visitor, one):
        resolve(one)
        refused(visitor.post_json(path(one, "/urge"), {}), 409, "conflict")


class TestForms:
    def test_only_what_is_for_people_outside(self, visitor, type):
        TicketTypeFactory(name="内部调拨")
        [form] = visitor.get_json("visitor/ticket-forms").json()["results"]
        assert (form["type"], form["name"], form["version"]) == ("repair", "报修", 1)
        assert [(one["key"], one["required"]) for one in form["fields"]] == [("order", True)]

    def test_make_one(self, visitor, customer, type, channel):
        here = ConversationFactory(state="serving", customer=customer, channel=channel)
        body = {
            "type": "repair",
            "title": "热水壶不加热",
            "description": "昨天开始",
            "fields": {"order": "a 100"},
            "client_id": "k1",
        }
        answer = visitor.post_json("visitor/tickets", body)
        assert answer.status_code == 201, answer.content
        said = answer.json()
        assert said["description"] == "昨天开始"
        assert said["values"] == [{"key": "order", "label": "订单号", "text": "A100"}]
        made = Ticket.objects.get()
        assert (made.source, made.requester, made.links.get().conversation) == (
            "visitor",
            customer,
            here,
        )
        again = visitor.post_json("visitor/tickets", body)
        assert (again.status_code, again.json()["number"]) == (200, made.reference)

    @pytest.mark.parametrize("key", ["inner", "cost", "photo", "nonsense"])
    def test_other_fields_cannot_be_written(self, visitor, type, key):
        body = {"type": "repair", "title": "坏了", "fields": {"order": "A1", key: "1"}}
        answer = refused(visitor.post_json("visitor/tickets", body), 400, "invalid")
        assert f"fields.{key}" in answer["fields"]
        assert not Ticket.objects.exists()

    def test_what_is_required(self, visitor, type):
        answer = visitor.post_json("visitor/tickets", {"type": "repair", "title": "坏了"})
        assert "fields.order" in refused(answer, 400, "invalid")["fields"]
        refused(visitor.post_json("visitor/tickets", {"type": "repair"}), 400, "invalid")

    def test_types_that_are_not_public_do_not_exist(self, visitor):
        TicketTypeFactory(key="inner")
        body = {"type": "inner", "title": "x"}
        refused(visitor.post_json("visitor/tickets", body), 404, "not_found")

    def test_too_many(self, visitor, monkeypatch):
        from tickets.api import visitor as views

        monkeypatch.setattr(views, "MADE_PER_HOUR", 1)
        TicketTypeFactory(key="plain", is_public=True)
        body = {"type": "plain", "title": "x"}
        assert visitor.post_json("visitor/tickets", body).status_code == 201
        refused(visitor.post_json("visitor/tickets", body), 429, "rate_limited")
