"""What the workbench changes, and what it refuses."""

import io
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from conversations.models import Attachment, Conversation, Message
from routing.models import Agent
from tests.factories import (
    AgentFactory,
    ConversationFactory,
    CustomerFactory,
    SkillGroupFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def client_of(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def written_by(user: Any, instance: Any) -> Any:
    return LogEntry.objects.get_for_object(instance).filter(actor=user)


def state_of(conversation: Any) -> str:
    return Conversation.objects.get(pk=conversation.pk).state


class TestStatus:
    """The switch."""

    def test_it_works(self, page: Client, agent: Agent) -> None:
        answer = page.post("/workbench/status/", {"status": "break", "reason": "午休"})
        assert 'data-status="break"' in answer.content.decode()
        agent.refresh_from_db()
        assert (agent.status, agent.status_reason) == ("break", "午休")

    @pytest.mark.parametrize(
        "said", [{}, {"status": "rich"}, {"status": "busy", "reason": "x" * 81}]
    )
    def test_nonsense(self, said: dict[str, str], page: Client, agent: Agent) -> None:
        answer = page.post("/workbench/status/", said)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        agent.refresh_from_db()
        assert agent.status == "ready"

    def test_without_a_seat(self) -> None:
        page = client_of(UserFactory(role="supervisor", scope="all"))
        assert page.post("/workbench/status/", {"status": "ready"}).status_code == 403


class TestConversation:
    """Claim, close, transfer."""

    def test_claim(self, page: Client, channel: Any, agent: Agent) -> None:
        waiting = ConversationFactory(channel=channel)
        answer = page.post(f"/workbench/c/{waiting.id}/claim/")
        assert answer.json() == {"id": str(waiting.id), "state": "serving"}
        assert Conversation.objects.get(pk=waiting.pk).agent == agent

    def test_claim_what_somebody_has(self, page: Client, serving: Any) -> None:
        assert page.post(f"/workbench/c/{serving.id}/claim/").status_code == 409

    def test_close(self, page: Client, serving: Any) -> None:
        assert page.post(f"/workbench/c/{serving.id}/close/").json()["state"] == "closed"
        assert state_of(serving) == "closed"

    def test_close_twice(self, page: Client, serving: Any) -> None:
        page.post(f"/workbench/c/{serving.id}/close/")
        answer = page.post(f"/workbench/c/{serving.id}/close/")
        assert (answer.status_code, answer.json()["code"]) == (409, "conversation_closed")

    def test_close_what_one_may_see_but_does_not_serve(self, page: Client, channel: Any) -> None:
        waiting = ConversationFactory(channel=channel)
        assert page.post(f"/workbench/c/{waiting.id}/close/").status_code == 403
        assert state_of(waiting) == "queued"

    def test_transfer_to_an_agent(self, page: Client, serving: Any, group: Any) -> None:
        other = AgentFactory(ready=True, groups=[group])
        said = {"to": f"agent:{other.id}", "note": "老客户"}
        assert page.post(f"/workbench/c/{serving.id}/transfer/", said).status_code == 200
        found = Conversation.objects.get(pk=serving.pk)
        assert (found.state, str(found.agent)) == ("transferring", "李雯"), "until it is accepted"
        note = Message.objects.get(conversation=serving, kind="transfer")
        assert note.content["note"] == "老客户"

    def test_transfer_to_a_group(self, page: Client, serving: Any) -> None:
        said = {"to": f"group:{SkillGroupFactory().id}"}
        answer = page.post(f"/workbench/c/{serving.id}/transfer/", said)
        assert answer.json()["state"] == "transferring"

    @pytest.mark.parametrize(
        "to", ["", "agent:", "agent:x", "group:01a1fd2a-7ded-743d-a6cd-0eeb4084e73a", "x:1"]
    )
    def test_transfer_to_nobody(self, to: str, page: Client, serving: Any) -> None:
        answer = page.post(f"/workbench/c/{serving.id}/transfer/", {"to": to})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert state_of(serving) == "serving"

    def test_transfer_to_who_is_not_there(self, page: Client, serving: Any, group: Any) -> None:
        away = AgentFactory(groups=[group])
        answer = page.post(f"/workbench/c/{serving.id}/transfer/", {"to": f"agent:{away.id}"})
        assert (answer.status_code, answer.json()["code"]) == (409, "agent_unavailable")
        assert state_of(serving) == "serving"

    @pytest.mark.parametrize("act", ["claim", "close", "transfer"])
    def test_what_is_not_in_sight_is_not_there(self, act: str, page: Client) -> None:
        foreign = ConversationFactory(state="serving")
        said = {"to": f"group:{SkillGroupFactory().id}"}
        answer = page.post(f"/workbench/c/{foreign.id}/{act}/", said)
        assert (answer.status_code, state_of(foreign)) == (404, "serving")

    @pytest.mark.parametrize("act", ["claim", "close", "transfer"])
    def test_reading_changes_nothing(self, act: str, page: Client, serving: Any) -> None:
        assert page.get(f"/workbench/c/{serving.id}/{act}/").status_code == 405

    def test_other_sites_cannot_act(self, agent: Agent, serving: Any) -> None:
        page = client_of(agent.user, enforce_csrf_checks=True)
        assert page.post(f"/workbench/c/{serving.id}/close/").status_code == 403
        assert state_of(serving) == "serving"


class TestUpload:
    """Files."""

    def test_it_works(self, page: Client, agent: Agent) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (4, 3)).save(picture, "PNG")
        file = SimpleUploadedFile("图.png", picture.getvalue(), "image/png")
        answer = page.post("/workbench/upload/", {"file": file})
        assert answer.status_code == 201
        assert answer.json()["media_type"] == "image/png"
        assert Attachment.objects.get().uploaded_by_user_id == agent.user_id

    def test_without_a_file(self, page: Client) -> None:
        assert page.post("/workbench/upload/").status_code == 400

    def test_what_is_not_taken(self, page: Client) -> None:
        file = SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        assert page.post("/workbench/upload/", {"file": file}).status_code == 415
        assert not Attachment.objects.exists()


class TestCustomer:
    """Reveal, tags, remark."""

    @pytest.fixture
    def customer(self, serving: Any) -> Any:
        customer = serving.customer
        customer.phone, customer.tags = "13812345678", ["老客户"]
        customer.save()
        return customer

    def post(self, page: Client, customer: Any, what: str, **said: str) -> Any:
        return page.post(f"/workbench/customers/{customer.id}/{what}/", said)

    def test_reveal_shows_the_number_and_is_written_down(
        self, page: Client, agent: Agent, customer: Any
    ) -> None:
        answer = self.post(page, customer, "reveal")
        assert "13812345678" in answer.content.decode()
        entry = written_by(agent.user, customer).get()
        assert entry.action == LogEntry.Action.ACCESS
        assert entry.additional_data == {"revealed": "phone"}
        assert "13812345678" not in str(entry.serialized_data) + str(entry.changes)

    def test_a_tag_more_and_less(self, page: Client, agent: Agent, customer: Any) -> None:
        self.post(page, customer, "tags", add="  双十一 ")
        customer.refresh_from_db()
        assert customer.tags == ["老客户", "双十一"]
        self.post(page, customer, "tags", remove="老客户")
        customer.refresh_from_db()
        assert customer.tags == ["双十一"]
        assert written_by(agent.user, customer).count() == 2

    def test_the_same_tag_twice(self, page: Client, agent: Agent, customer: Any) -> None:
        self.post(page, customer, "tags", add="老客户")
        customer.refresh_from_db()
        assert customer.tags == ["老客户"]
        assert not written_by(agent.user, customer).exists()

    def test_too_long_or_too_many(self, page: Client, customer: Any) -> None:
        assert self.post(page, customer, "tags", add="长" * 21).status_code == 400
        customer.tags = [str(number) for number in range(20)]
        customer.save()
        assert self.post(page, customer, "tags", add="还要").status_code == 400
        assert self.post(page, customer, "tags", remove="3").status_code == 200

    def test_a_masked_tag_can_be_removed(self, page: Client, customer: Any) -> None:
        customer.tags = ["电话13812345678", "老客户"]
        customer.save()
        self.post(page, customer, "tags", remove="电话138****5678")
        customer.refresh_from_db()
        assert customer.tags == ["老客户"]

    def test_the_remark(self, page: Client, agent: Agent, customer: Any) -> None:
        answer = self.post(page, customer, "remark", remark="喜欢顺丰\r\n工作日联系")
        assert "已保存" in answer.content.decode()
        customer.refresh_from_db()
        assert customer.remark.splitlines() == ["喜欢顺丰", "工作日联系"]
        assert written_by(agent.user, customer).get().action == LogEntry.Action.UPDATE

    def test_a_remark_seen_masked_is_only_added_to(self, page: Client, customer: Any) -> None:
        customer.remark = "备用 13987654321"
        customer.save()
        self.post(page, customer, "remark", remark="晚上打")
        customer.refresh_from_db()
        assert customer.remark == "备用 13987654321\n晚上打"

    def test_a_remark_beyond_the_limit(self, page: Client, customer: Any) -> None:
        assert self.post(page, customer, "remark", remark="长" * 2001).status_code == 400

    @pytest.mark.parametrize("what", ["reveal", "tags", "remark"])
    def test_customers_of_others_are_not_there(self, what: str, page: Client, agent: Agent) -> None:
        stranger = CustomerFactory(phone="13812345678")
        answer = self.post(page, stranger, what, add="x", remark="x")
        assert answer.status_code == 404
        stranger.refresh_from_db()
        assert (stranger.tags, stranger.remark) == ([], "")
        assert not written_by(agent.user, stranger).exists()

    @pytest.mark.parametrize("what", ["reveal", "tags", "remark"])
    @pytest.mark.parametrize("role", ["auditor", "inspector"])
    def test_readers_change_nothing(self, role: str, what: str, customer: Any) -> None:
        page = client_of(UserFactory(role=role, scope="all"))
        assert self.post(page, customer, what, add="x", remark="x").status_code == 403
