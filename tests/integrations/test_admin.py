"""The admin pages of webhooks."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import Delivery, Endpoint
from lingxi.ids import new_id
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ENDPOINTS = "admin:integrations_endpoint_changelist"
DELIVERIES = "admin:integrations_delivery_changelist"
FORM = {
    "name": "CRM",
    "url": "https://crm.example/hook",
    "event_types": ["message.received", "conversation.closed"],
    "is_active": "on",
    "timeout_seconds": "15",
    "max_in_flight": "32",
}


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin", scope="all"))
    return client


@pytest.fixture
def target():
    return Endpoint.objects.create(name="CRM", url="https://crm.example/hook")


def deliver(target: Endpoint, state: str, **fields) -> Delivery:
    return Delivery.objects.create(
        endpoint=target,
        event_id=new_id(),
        event_type="message.received",
        body='{"type":"message.received","data":{"text":"<script>"}}',
        state=state,
        claimed_until=timezone.now() if state == "sending" else None,
        **fields,
    )


def change_url(row: Endpoint | Delivery) -> str:
    return reverse(f"admin:integrations_{row._meta.model_name}_change", args=[row.pk])


def act(client, row: Endpoint | Delivery, name: str, **data):
    url = reverse(f"admin:integrations_{row._meta.model_name}_{name}", args=[row.pk])
    return client.post(url, {"_form_submitted": "on", **data})


def page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_adding_shows_the_secret_once(admin):
    response = admin.post(reverse("admin:integrations_endpoint_add"), FORM, follow=True)
    endpoint = Endpoint.objects.get()
    assert endpoint.event_types == FORM["event_types"]
    assert endpoint.secret in response.content.decode()
    assert endpoint.secret not in page(admin, change_url(endpoint))
    assert endpoint.secret not in page(admin, reverse(ENDPOINTS))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://10.0.0.1/"),
        ("url", "ftp://crm.example/"),
        ("url", ""),
        ("event_types", ["nothing.known"]),
        ("timeout_seconds", "0"),
        ("max_in_flight", "100000"),
        ("name", ""),
    ],
)
def test_bad_input_is_explained(admin, field, value):
    response = admin.post(reverse("admin:integrations_endpoint_add"), {**FORM, field: value})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Endpoint.objects.exists()


def test_changing_keeps_the_secret_to_itself(admin, target):
    secret = target.secret
    Endpoint.objects.update(is_active=False, disabled_reason="410")
    response = admin.post(change_url(target), {**FORM, "event_types": []}, follow=True)
    target.refresh_from_db()
    assert secret not in response.content.decode()
    assert (target.secret, target.event_types, target.disabled_reason) == (secret, [], "")


def test_new_secret_is_asked_for_and_shown_once(admin, target):
    before = target.secret
    url = reverse("admin:integrations_endpoint_new_secret", args=[target.pk])
    assert "旧密钥立即失效" in page(admin, url)
    target.refresh_from_db()
    assert target.secret == before  # looking is not doing
    act(admin, target, "new_secret")
    target.refresh_from_db()
    assert target.secret != before
    assert target.secret in page(admin, change_url(target))
    assert target.secret not in page(admin, change_url(target))


def test_test_event(admin, target):
    response = act(admin, target, "send_test")
    delivery = Delivery.objects.get()
    assert (delivery.event_type, delivery.state) == ("webhook.test", "pending")
    assert response.url == change_url(delivery)
    assert "webhook.test" in page(admin, response.url)


def test_dialogs_answer_htmx_with_a_redirect(admin, target):
    url = reverse("admin:integrations_endpoint_send_test", args=[target.pk])
    response = admin.post(url, {"_form_submitted": "on"}, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == change_url(Delivery.objects.get())


def test_lists(admin, target):
    for state in Delivery.State:
        deliver(target, state)
    text = page(admin, reverse(DELIVERIES))
    assert all(str(state.label) in text for state in Delivery.State)
    filtered = page(
        admin, f"{reverse(DELIVERIES)}?state__exact=dead&endpoint__id__exact={target.pk}"
    )
    assert len(re.findall(r'name="_selected_action"', filtered)) == 1
    assert "state__exact=dead" in page(admin, reverse(ENDPOINTS))
    event_id = Delivery.objects.all()[0].event_id
    found = page(admin, f"{reverse(DELIVERIES)}?q={event_id}")
    assert len(re.findall(r'name="_selected_action"', found)) == 1


def test_number_of_queries_does_not_grow(admin, target, django_assert_max_num_queries):
    for _ in range(30):
        deliver(Endpoint.objects.create(name="a", url="https://a.example"), "dead")
    with django_assert_max_num_queries(12):
        page(admin, reverse(DELIVERIES))
    with django_assert_max_num_queries(12):
        page(admin, reverse(ENDPOINTS))


def test_a_delivery_is_shown_and_not_changed(admin, target):
    delivery = deliver(target, "failed", last_response="<b>no</b>", last_error="HTTP 500")
    text = page(admin, change_url(delivery))
    assert "&lt;b&gt;no" in text
    assert "&lt;script&gt;" in text
    assert admin.post(change_url(delivery), {"state": "dead"}).status_code == 403


def test_redeliver_the_chosen(admin, target):
    dead, sending = deliver(target, "dead", attempts=8), deliver(target, "sending")
    admin.post(
        reverse(DELIVERIES),
        {"action": "redeliver_chosen", "_selected_action": [dead.pk, sending.pk]},
    )
    dead.refresh_from_db()
    sending.refresh_from_db()
    assert (dead.state, dead.attempts, sending.state) == ("pending", 0, "sending")
    assert dead.next_attempt_at <= timezone.now()


def test_redeliver_one(admin, target):
    dead = deliver(target, "dead")
    assert act(admin, dead, "redeliver_one").url == change_url(dead)
    dead.refresh_from_db()
    assert dead.state == "pending"


def test_an_endpoint_with_deliveries_is_not_deleted(admin, target):
    deliver(target, "delivered")
    admin.post(reverse("admin:integrations_endpoint_delete", args=[target.pk]), {"post": "yes"})
    assert Endpoint.objects.exists()


@pytest.mark.parametrize("role", ["supervisor", "agent", "inspector", "auditor", "partner", None])
def test_only_admins(client, target, role):
    dead = deliver(target, "dead")
    secret = target.secret
    client.force_login(UserFactory(role=role, scope="all"))
    answers = [
        client.get(reverse(ENDPOINTS)),
        client.get(reverse(DELIVERIES)),
        client.get(change_url(target)),
        client.post(change_url(target), FORM),
        client.get(change_url(dead)),
        client.get(reverse("admin:integrations_endpoint_new_secret", args=[target.pk])),
        act(client, target, "send_test"),
        act(client, target, "new_secret"),
        act(client, dead, "redeliver_one"),
        client.post(
            reverse(DELIVERIES), {"action": "redeliver_chosen", "_selected_action": dead.pk}
        ),
    ]
    assert all(answer.status_code in {302, 403, 404} for answer in answers)
    target.refresh_from_db()
    dead.refresh_from_db()
    assert (target.secret, dead.state, Delivery.objects.count()) == (secret, "dead", 1)


def test_unknown_ids(admin):
    for model, name in [("endpoint", "send_test"), ("endpoint", "new_secret")]:
        url = reverse(f"admin:integrations_{model}_{name}", args=[new_id()])
        assert admin.post(url, {"_form_submitted": "on"}).status_code == 404
    url = reverse("admin:integrations_delivery_redeliver_one", args=[4711])
    assert admin.post(url, {"_form_submitted": "on"}).status_code == 404


def test_actions_need_a_csrf_token(target):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory(role="admin", scope="all"))
    assert act(strict, target, "new_secret").status_code == 403
