"""The fields of customers and conversations in the right column."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import ConversationFactory, UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
CITY = definition("city", label="城市", label_en="City")
LEVEL = definition("level", "choice", label="等级", required=True)
SECRET = definition("id_card", label="证件号", sensitive=True)


def block(client, record, entity="customer", query=""):
    return client.get(reverse(f"workbench:{entity}-fields", args=[record.pk]) + query)


def post(client, record, entity="customer", **values):
    data = {f"fields.{key}": value for key, value in values.items()}
    return client.post(reverse(f"workbench:{entity}-fields", args=[record.pk]), data)


def panel(client, conversation):
    return client.get(reverse("workbench:conversation", args=[conversation.pk])).text


def test_free_values_are_shown_while_nothing_is_declared(page, serving):
    serving.fields = {"订单": "A1"}
    serving.save()
    text = panel(page, serving)
    assert "订单" in text
    assert "A1" in text
    assert "fields-edit" not in text


def test_without_a_form_there_is_nothing_to_save(page, serving):
    answer = post(page, serving.customer, city="宁波").text
    assert "还没有发布" in answer
    assert "已保存" not in answer


def test_an_old_record_shows_its_own_version_a_new_one_the_new_field(page, serving):
    first = published("customer", CITY)
    customer = serving.customer
    customer.fields, customer.fields_version = {"city": "宁波"}, first
    customer.save()
    published("customer", {**CITY, "label": "所在城市"}, LEVEL)
    text = block(page, customer).text
    assert "城市" in text
    assert "所在城市" not in text
    assert "v1" in text
    editor = block(page, customer, query="?edit").text
    assert "所在城市" in editor
    assert "等级" in editor
    assert "宁波" in editor
    saved = post(page, customer, city="宁波", level="a").text
    assert "所在城市" in saved
    assert "v2" in saved
    assert "甲" in saved


def test_a_removed_field_keeps_its_value_and_says_so(page, serving):
    first = published("customer", CITY, definition("job", label="职业"))
    customer = serving.customer
    customer.fields, customer.fields_version = {"city": "宁波", "job": "医生"}, first
    customer.save()
    published("customer", CITY)
    saved = post(page, customer, city="杭州").text
    assert "医生" in saved
    assert "已移除" in saved


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(page, serving):
    published("customer", CITY, LEVEL)
    answer = post(page, serving.customer, city="宁波", level="z").text
    assert "不在选项中" in answer
    assert 'aria-invalid="true"' in answer
    assert "宁波" in answer
    serving.customer.refresh_from_db()
    assert serving.customer.fields == {}


def test_a_sensitive_value_is_masked_and_survives_the_form(page, serving):
    version = published("customer", CITY, SECRET)
    customer = serving.customer
    customer.fields, customer.fields_version = {"id_card": "机密一号"}, version
    customer.save()
    assert "机密" not in block(page, customer).text
    editor = block(page, customer, query="?edit").text
    assert "机密" not in editor
    post(page, customer, city="宁波", id_card="••••")
    customer.refresh_from_db()
    assert customer.fields == {"city": "宁波", "id_card": "机密一号"}


def test_the_fields_of_a_conversation(page, serving):
    published("conversation", CITY)
    assert "宁波" in post(page, serving, "conversation", city="宁波").text
    serving.refresh_from_db()
    assert (serving.fields, serving.fields_version.number) == ({"city": "宁波"}, 1)


@pytest.mark.parametrize("kind", ["customer", "conversation"])
def test_what_is_out_of_sight_does_not_exist(page, kind):
    published(kind, CITY)
    other = ConversationFactory(state="serving")
    record = other if kind == "conversation" else other.customer
    assert block(page, record, kind).status_code == 404
    assert post(page, record, kind, city="宁波").status_code == 404


@pytest.mark.parametrize("role", ["inspector", "auditor", "partner", None])
def test_who_may_not_edit_customers_is_refused(role, serving):
    published("customer", CITY)
    client = Client()
    client.force_login(UserFactory(role=role, scope="all"))
    assert post(client, serving.customer, city="宁波").status_code == 403
    assert "fields-edit" not in panel(client, serving)
