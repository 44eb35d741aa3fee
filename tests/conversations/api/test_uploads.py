"""Uploads over HTTP, and sending what was uploaded."""

import io
import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from conversations.api import uploads
from conversations.models import Attachment, Message
from tests.conversations.api.conftest import Caller, message, refused

pytestmark = pytest.mark.django_db(transaction=True)


def picture():
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "PNG")
    return data.getvalue()


def upload(caller, name="图.png", data=None, side="visitor", **fields):
    file = SimpleUploadedFile(name, picture() if data is None else data, "text/html")
    return caller.post(f"/api/v1/{side}/attachments", {"file": file, **fields})


class TestUpload:
    def test_it_works(self, visitor, customer):
        answer = upload(visitor)
        body = answer.json()
        assert answer.status_code == 201
        assert (body["name"], body["media_type"]) == ("图.png", "image/png")
        assert (body["width"], body["height"], body["size"]) == (40, 30, len(picture()))
        assert Attachment.objects.get(pk=body["id"]).customer == customer
        assert Client().get(body["url"]).status_code == 200
        assert Client().get(body["thumbnail"]).status_code == 200

    def test_an_agents(self, as_agent, agent):
        answer = upload(as_agent, side="agent")
        assert answer.status_code == 201
        assert Attachment.objects.get().uploaded_by_user_id == agent.user_id

    def test_it_is_sent_and_shown_to_both(self, visitor, as_agent, served):
        file_id = upload(visitor).json()["id"]
        body = message(served, kind="image", content={"attachment": file_id})
        assert visitor.post_json("visitor/messages", body).status_code == 201
        assert visitor.post_json("visitor/messages", body).json()["dup"] is True
        for answer in (
            visitor.get_json(f"visitor/events?conversation={served.id}"),
            as_agent.get_json(f"agent/conversations/{served.id}/events"),
        ):
            (event,) = answer.json()["events"]
            assert event["content"]["attachment"] == file_id
            assert Client().get(event["content"]["url"]).status_code == 200

    def test_the_agent_answers_with_one(self, as_agent, visitor, served):
        file_id = upload(as_agent, "价格.csv", b"a,b", side="agent").json()["id"]
        body = {"kind": "file", "content": {"attachment": file_id}}
        answer = as_agent.post_json(f"agent/conversations/{served.id}/messages", body)
        assert answer.status_code == 201
        assert Message.objects.get().content["media_type"] == "text/csv"

    def test_somebody_elses_cannot_be_sent(self, visitor, other_visitor, waiting):
        file_id = upload(other_visitor).json()["id"]
        body = message(waiting, kind="image", content={"attachment": file_id})
        refused(visitor.post_json("visitor/messages", body), 404, "not_found")


class TestRefused:
    def test_without_token(self, anyone):
        refused(upload(anyone), 401, "not_authenticated")
        refused(upload(anyone, side="agent"), 401, "not_authenticated")

    def test_readers(self, db):
        from conversations.principals import agent_token
        from tests.factories import UserFactory

        caller = Caller(agent_token(UserFactory(role="auditor", scope="all")))
        refused(upload(caller, side="agent"), 403, "forbidden")

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.exe", b"MZ" + b"\x00" * 99),
            ("a.png", b"MZ" + b"\x00" * 99),
            ("a.svg", b"<svg onload=alert(1)>"),
            ("a.png", b"<svg onload=alert(1)>"),
            ("a.html", b"<h1>x</h1>"),
        ],
    )
    def test_what_could_run(self, visitor, name, data):
        refused(upload(visitor, name, data), 415, "unsupported_media")
        assert not Attachment.objects.exists()

    def test_names_with_paths_and_markup_are_cleaned(self, visitor):
        body = upload(visitor, "../../<b onclick=x>.png").json()
        assert body["name"] == "_b onclick=x_.png"

    def test_empty_and_missing(self, visitor):
        refused(upload(visitor, data=b""), 400, "invalid")
        refused(visitor.post("/api/v1/visitor/attachments", {"x": "y"}), 400, "invalid")
        refused(visitor.post_json("visitor/attachments"), 415, "unsupported_media")

    def test_two_at_once(self, visitor):
        second = SimpleUploadedFile("b.png", picture())
        answer = upload(visitor, other=second)
        assert answer.status_code == 400
        assert not Attachment.objects.exists()

    def test_a_broken_body(self, visitor):
        for raw, content_type in (
            (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
            (b"", "multipart/form-data"),
            (b"\xff" * 100, "multipart/form-data; boundary=\xff"),
        ):
            answer = visitor.generic("POST", "/api/v1/visitor/attachments", raw, content_type)
            assert answer.status_code in {400, 415}
            assert "code" in answer.json()

    def test_too_big(self, visitor, monkeypatch):
        monkeypatch.setitem(settings.LINGXI, "MAX_UPLOAD_BYTES", 100_000)
        refused(upload(visitor, "a.txt", b"a" * 100_001), 413, "too_long")
        refused(upload(visitor, "a.txt", b"a" * 1_000_000), 413, "too_long")
        assert upload(visitor, "a.txt", b"a" * 100_000).status_code == 201

    def test_too_many(self, visitor, other_visitor, monkeypatch):
        monkeypatch.setattr(uploads, "UPLOADS_PER_MINUTE", 1)
        assert upload(visitor).status_code == 201
        refused(upload(visitor), 429, "rate_limited")
        assert upload(other_visitor).status_code == 201


class TestFreshLinks:
    def test_it_works(self, visitor, as_agent, served):
        file_id = upload(visitor).json()["id"]
        content = {"attachment": file_id}
        visitor.post_json("visitor/messages", message(served, kind="image", content=content))
        for caller, side in ((visitor, "visitor"), (as_agent, "agent")):
            answer = caller.get_json(f"{side}/attachments/{file_id}")
            assert Client().get(answer.json()["url"]).status_code == 200

    def test_not_of_others(self, visitor, other_visitor, as_stranger):
        file_id = upload(visitor).json()["id"]
        refused(other_visitor.get_json(f"visitor/attachments/{file_id}"), 404, "not_found")
        refused(as_stranger.get_json(f"agent/attachments/{file_id}"), 404, "not_found")
        refused(visitor.get_json(f"visitor/attachments/{uuid.uuid4()}"), 404, "not_found")
