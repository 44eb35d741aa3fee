"""The ticket API: create, read, change, list."""

import uuid

import pytest

from tests import factories as base
from tests.conversations.api.conftest import refused
from tests.tickets import factories
from tickets.models import Link, Ticket
from tickets.service import By

pytestmark = pytest.mark.django_db

FORM = [
    {"key": "amount", "type": "money", "label": "金额", "required": True},
    {"key": "order", "type": "order_number", "label": "订单号", "pattern": "[0-9]{8}"},
    {"key": "phone", "type": "text", "label": "电话", "sensitive": True},
]


@pytest.fixture
def type(group):
    return factories.TicketTypeFactory(key="refund", name="退款", group=group, form=FORM)


def body(**more):
    return {"type": "refund", "title": "申请退款", "fields": {"amount": "12.50"}, **more}


class TestCreating:
    def test_it_works(self, as_agent, type, agent, group, customer):
        channel = base.ChannelFactory(group=group)
        talk = base.ConversationFactory(
            channel=channel, state="serving", agent=agent, customer=customer
        )
        said = body(conversation=str(talk.pk), priority="high", tags=["退款"])
        answer = as_agent.post_json("tickets/", said)
        assert answer.status_code == 201
        told = answer.json()
        assert told["number"] == Ticket.objects.get().reference
        assert told["status"] == {"key": "new", "name": "待受理", "category": "new"}
        assert (told["priority"], told["fields"], told["fields_version"]) == (
            "high",
            {"amount": 12.5},
            1,
        )
        assert told["requester"]["id"] == str(customer.pk)
        assert Link.objects.get().conversation_id == talk.pk

    def test_the_same_key_makes_one_and_refuses_another_body(self, as_agent, type):
        key = {"HTTP_IDEMPOTENCY_KEY": "order-1"}
        first = as_agent.post_json("tickets/", body(), **key)
        again = as_agent.post_json("tickets/", body(), **key)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == again.json()["id"]
        refused(as_agent.post_json("tickets/", body(title="换货"), **key), 409, "conflict")
        assert Ticket.objects.count() == 1

    def test_a_key_is_the_callers_own(self, as_agent, as_supervisor, type):
        key = {"HTTP_IDEMPOTENCY_KEY": "order-1"}
        as_agent.post_json("tickets/", body(), **key)
        assert as_supervisor.post_json("tickets/", body(), **key).status_code == 201
        assert Ticket.objects.count() == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"fields": {}}, "fields.amount"),
            ({"fields": {"amount": "x"}}, "fields.amount"),
            ({"fields": {"amount": "1", "order": "12"}}, "fields.order"),
            ({"fields": {"amount": "1", "size": 1}}, "fields.size"),
            ({"fields": []}, "fields"),
            ({"title": " "}, "title"),
            ({"priority": "huge"}, "priority"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_what_does_not_fit_is_named(self, as_agent, type, change, field):
        told = refused(as_agent.post_json("tickets/", body(**change)), 400, "invalid")
        assert field in told["fields"]
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize("name", ["conversation", "requester", "group", "issue_type"])
    def test_what_is_not_there_is_not_found(self, as_agent, type, name):
        answer = as_agent.post_json("tickets/", body(**{name: str(uuid.UUID(int=7))}))
        refused(answer, 404, "not_found")

    def test_a_conversation_out_of_sight_is_not_there(self, as_agent, type, stranger):
        talk = base.ConversationFactory(state="serving", agent=stranger)
        refused(as_agent.post_json("tickets/", body(conversation=str(talk.pk))), 404, "not_found")


class TestReading:
    @pytest.fixture
    def ticket(self, type, agent):
        return factories.ticket(
            type,
            title="电话 13812345678",
            fields={"amount": "5", "phone": "13812345678"},
            by=By.staff(agent.user),
        )

    def test_by_number_and_id_with_an_entity_tag(self, as_agent, ticket):
        for name in (ticket.reference, str(ticket.number), str(ticket.pk)):
            answer = as_agent.get_json(f"tickets/{name}")
            assert answer.json()["id"] == str(ticket.pk)
        assert answer["ETag"] == f'"{ticket.revision}"'

    def test_agents_get_it_masked_and_supervisors_plain(self, as_agent, as_supervisor, ticket):
        assert "13812345678" not in as_agent.get_json(f"tickets/{ticket.pk}").content.decode()
        plain = as_supervisor.get_json(f"tickets/{ticket.pk}").json()
        assert plain["fields"]["phone"] == "13812345678"

    @pytest.mark.parametrize("name", ["T1", "T", "x", "T99999999999999999999", "%00"])
    def test_nonsense_is_not_found(self, as_agent, name):
        assert as_agent.get_json(f"tickets/{name}").status_code == 404

    def test_pages_show_each_once_and_only_what_may_be_seen(self, as_agent, as_stranger, type):
        made = [factories.ticket(type, fields={"amount": "1"}) for _ in range(5)]
        seen, before = [], ""
        while True:
            page = as_agent.get_json(f"tickets/?limit=2&before={before}").json()
            seen += [one["number"] for one in page["results"]]
            before = page["next"]
            if before is None:
                break
        assert seen == [one.reference for one in reversed(made)]
        assert as_stranger.get_json("tickets/").json()["results"] == []

    def test_filters(self, as_supervisor, type, customer, agent):
        ours = factories.ticket(type, fields={"amount": "1"}, requester=customer)
        factories.ticket()
        for asked in (f"requester={customer.pk}", "type=refund", "type=refund&category=new"):
            page = as_supervisor.get_json(f"tickets/?{asked}").json()
            assert [one["id"] for one in page["results"]] == [str(ours.pk)]
        refused(as_supervisor.get_json("tickets/?before=x"), 400, "invalid")
        refused(as_supervisor.get_json("tickets/?assignee=x"), 400, "invalid")

    def test_types_tell_their_form(self, as_agent, type):
        told = as_agent.get_json("tickets/types").json()
        assert [one["key"] for one in told] == ["refund"]
        assert [one["key"] for one in told[0]["fields"]] == ["amount", "order", "phone"]
        assert told[0]["statuses"][0]["category"] == "new"


class TestChanging:
    @pytest.fixture
    def ticket(self, type, agent):
        return factories.ticket(type, fields={"amount": "5"}, by=By.staff(agent.user))

    def test_what_is_not_named_stays(self, as_agent, ticket):
        answer = as_agent.send_json(
            "PATCH", f"tickets/{ticket.pk}", {"fields": {"order": "2026" * 2}}
        )
        assert answer.json()["fields"] == {"amount": 5, "order": "20262026"}
        assert answer.json()["title"] == ticket.title

    def test_an_old_revision_is_refused_with_what_changed(self, as_agent, ticket):
        tag = {"HTTP_IF_MATCH": f'"{ticket.revision}"'}
        path = f"tickets/{ticket.pk}"
        assert as_agent.send_json("PATCH", path, {"title": "一"}, **tag).status_code == 200
        told = refused(as_agent.send_json("PATCH", path, {"title": "二"}, **tag), 409, "conflict")
        assert told["fields"]["changes"][0]["changes"]["title"]["to"] == "一"
        refused(as_agent.send_json("PATCH", path, {}, HTTP_IF_MATCH='"x"'), 400, "invalid")

    def test_transitions_tell_what_they_need_and_are_pulled(self, as_agent, ticket):
        steps = as_agent.get_json(f"tickets/{ticket.pk}/transitions").json()
        assert "start" in [one["key"] for one in steps]
        answer = as_agent.post_json(f"tickets/{ticket.pk}/transitions", {"transition": "start"})
        assert answer.json()["status"]["category"] == "open"
        again = as_agent.post_json(f"tickets/{ticket.pk}/transitions", {"transition": "start"})
        refused(again, 409, "transition_not_allowed")

    def test_a_note_is_appended_once_by_its_own_id(self, as_agent, ticket):
        said = {"id": str(uuid.UUID(int=9)), "text": "已核实"}
        for _ in range(2):
            answer = as_agent.post_json(f"tickets/{ticket.pk}/comments", said)
            assert answer.status_code == 201
        told = as_agent.get_json(f"tickets/{ticket.pk}/comments").json()
        assert [(one["text"], one["is_public"]) for one in told] == [("已核实", False)]

    def test_the_timeline_tells_everything(self, as_agent, ticket):
        as_agent.send_json("PATCH", f"tickets/{ticket.pk}", {"priority": "urgent"})
        told = as_agent.get_json(f"tickets/{ticket.pk}/timeline").json()
        assert [one["kind"] for one in told] == ["created", "updated"]
        assert told[1]["data"]["changes"]["priority"] == {
            "label": "优先级",
            "from": "普通",
            "to": "紧急",
        }
        later = as_agent.get_json(f"tickets/{ticket.pk}/timeline?after=1").json()
        assert [one["kind"] for one in later] == ["updated"]

    def test_what_a_stranger_may_not_see_they_cannot_change(self, as_stranger, ticket):
        for method, path, said in (
            ("PATCH", "", {"title": "x"}),
            ("POST", "/transitions", {"transition": "start"}),
            ("POST", "/comments", {"text": "x"}),
            ("POST", "/assign", {}),
            ("PUT", "/watch", {}),
        ):
            refused(
                as_stranger.send_json(method, f"tickets/{ticket.pk}{path}", said), 404, "not_found"
            )
        assert Ticket.objects.get().revision == 1
