"""Public forms: filled in by anybody, and nothing of anybody else's is told or touched."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.models import Block, Customer, Identity, SensitiveWord
from tests.factories import CustomerFactory
from tests.tickets.factories import TicketTypeFactory
from tickets.models import Ticket
from tickets.outside import submitting

pytestmark = pytest.mark.django_db
URL = "/forms/repair/"
FORM = [
    {"key": "order", "type": "order_number", "label": "订单号", "required": True},
    {"key": "inner", "type": "text", "label": "内部结论", "editable": ["agent"]},
    {"key": "cost", "type": "money", "label": "成本", "visible": ["supervisor"], "required": True},
]


@pytest.fixture(autouse=True)
def type():
    return TicketTypeFactory(key="repair", name="报修", is_public=True, form=FORM)


@pytest.fixture
def client():
    return Client(REMOTE_ADDR="203.0.113.7", raise_request_exception=False)


def said(**more):
    return {
        "attempt": str(uuid.uuid4()),
        "title": "热水壶不加热",
        "name": "李雷",
        "phone": "138 1234 5678",
        "fields.order": "a100",
        **more,
    }


def test_it_works(client):
    page = client.get(URL).content.decode()
    assert "订单号" in page
    assert "内部结论" not in page
    assert "成本" not in page
    answer = client.post(URL, said(description="昨天开始"))
    one = Ticket.objects.get()
    assert answer.status_code == 200
    assert one.reference in answer.content.decode()
    assert (one.title, one.source, one.fields["order"]) == ("热水壶不加热", "form", "A100")
    assert (one.requester.name, one.requester.phone) == ("李雷", "138 1234 5678")


def test_sent_again_it_is_the_same_ticket(client):
    body = said()
    answers = [client.post(URL, body).content.decode() for _ in range(2)]
    assert all(Ticket.objects.get().reference in answer for answer in answers)


def test_the_same_attempt_of_somebody_else_tells_nothing(client):
    body = said()
    client.post(URL, body)
    answer = client.post(URL, body | {"phone": "13900001111"})
    assert answer.status_code == 409
    assert Ticket.objects.get().reference not in answer.content.decode()


def test_who_wrote_before_by_form_is_found_again(client):
    for phone in ("13812345678", "138-1234-5678"):
        client.post(URL, said(phone=phone))
    assert Ticket.objects.values("requester").distinct().count() == 1


@pytest.mark.parametrize("verified", [True, False])
def test_a_customer_with_that_number_is_not_touched(client, verified):
    known = CustomerFactory(name="王芳", phone="13812345678")
    Identity.objects.create(customer=known, kind="phone", value="13812345678", verified=verified)
    answer = client.post(URL, said(phone="13812345678"))
    one = Ticket.objects.get()
    assert one.requester != known
    assert not known.tickets.exists()
    assert "王芳" not in answer.content.decode()
    identity = one.requester.identities.get()
    assert (identity.kind, identity.verified) == ("device", False)


def test_the_customer_of_a_form_cannot_be_claimed(client):
    """The secret they are found by is not made of what anybody outside knows."""
    client.post(URL, said(phone="13812345678"))
    assert "13812345678" not in Identity.objects.get().value
    assert len(Identity.objects.get().value) > 64


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "wrong-title"),
        ({"title": "长" * 201}, "wrong-title"),
        ({"phone": ""}, "wrong-phone"),
        ({"phone": "打我"}, "wrong-phone"),
        ({"email": "not an address"}, "wrong-email"),
        ({"fields.order": ""}, "field-order-error"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(client, change, field):
    answer = client.post(URL, said(**change))
    assert 400 <= answer.status_code < 500
    assert f'id="{field}"' in answer.content.decode()
    assert "李雷" in answer.content.decode()
    assert not Ticket.objects.exists()
    assert not Customer.objects.exists()


def test_internal_fields_cannot_be_written(client):
    client.post(URL, said(**{"fields.inner": "退款", "fields.cost": "1"}))
    assert set(Ticket.objects.get().fields) == {"order"}


def test_files(client):
    file = SimpleUploadedFile("说明.txt", "坏了".encode(), "text/plain")
    client.post(URL, said() | {"files": [file]})
    kept = Ticket.objects.get().files.get()
    assert (kept.attachment.name, kept.is_public) == ("说明.txt", True)


def test_files_of_a_forbidden_kind(client):
    file = SimpleUploadedFile("a.html", b"<!doctype html><script>1</script>", "text/html")
    answer = client.post(URL, said() | {"files": [file]})
    assert 400 <= answer.status_code < 500
    assert not Ticket.objects.exists()


def test_too_many_files(client):
    files = [SimpleUploadedFile(f"{n}.txt", b"a") for n in range(submitting.MOST_FILES + 1)]
    assert "wrong-files" in client.post(URL, said() | {"files": files}).content.decode()


def test_too_big_is_not_read(client, settings):
    answer = client.post(URL, said(), CONTENT_LENGTH=str(settings.LINGXI["MAX_UPLOAD_BYTES"] * 2))
    assert answer.status_code == 413


def test_who_fills_in_what_nobody_sees(client):
    answer = client.post(URL, said(website="https://spam.example.com"))
    assert answer.status_code == 200
    assert not Ticket.objects.exists()


def test_without_the_token_of_the_page():
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert strict.post(URL, said()).status_code == 403
    page = strict.get(URL).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert strict.post(URL, said(csrfmiddlewaretoken=token[1])).status_code == 200


def test_too_many_from_one_address(client, monkeypatch):
    monkeypatch.setattr(submitting, "PER_HOUR", 1)
    client.post(URL, said())
    assert client.post(URL, said()).status_code == 429
    assert Ticket.objects.count() == 1


def test_words_that_are_not_allowed(client):
    SensitiveWord.objects.create(word="脏话", action="block", direction="both")
    assert client.post(URL, said(title="脏话")).status_code == 400


def test_from_a_blocked_customer(client):
    client.post(URL, said())
    Block.objects.create(customer=Customer.objects.get(), reason="骚扰")
    assert client.post(URL, said()).status_code == 403


@pytest.mark.parametrize("key", ["nothing", "inner"])
def test_types_that_are_not_public_have_no_form(client, key):
    TicketTypeFactory(key="inner")
    assert client.get(f"/forms/{key}/").status_code == 404


def test_markup_stays_text(client):
    answer = client.post(URL, said(title="<script>1</script>", phone=""))
    assert "<script>1" not in answer.content.decode()
