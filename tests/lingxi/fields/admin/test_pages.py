"""The pages of schemas: who enters, what they show, what they refuse."""

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from lingxi.fields import current, schema_of
from lingxi.fields.models import Schema, SchemaVersion
from lingxi.jobs.models import Job
from tests.factories import CustomerFactory, UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
CITY = definition("city", label="城市")
LEVEL = definition("level", "choice", label="等级")
PAGES = ["editor", "versions", "migrate"]
POSTS = ["check", "draft", "discard", "publish", "roll_back", "move"]


def logged_in(role):
    client = Client()
    client.force_login(UserFactory(role=role, scope="all", first_name="周主管"))
    return client


@pytest.fixture
def client():
    return logged_in("supervisor")


@pytest.fixture
def schema():
    return schema_of("customer")


def url(name, schema, *more):
    return reverse(f"admin:fields_schema_{name}", args=[schema.pk, *more])


def post(client, name, schema, body):
    return client.post(url(name, schema), orjson.dumps(body), "application/json")


@pytest.mark.parametrize("role", ["agent", "inspector", "auditor", "partner"])
def test_only_leaders_come_near(role, schema):
    client = logged_in(role)
    for name in PAGES:
        assert client.get(url(name, schema)).status_code == 302, name
    for name in POSTS:
        body = {"content": [CITY], "revision": 0}
        assert post(client, name, schema, body).status_code == 302, name
    assert not SchemaVersion.objects.exists()


def test_the_list_has_what_always_has_fields(client):
    text = client.get(reverse("admin:fields_schema_changelist")).text
    assert "客户字段" in text
    assert "会话字段" in text
    assert Schema.objects.count() == 2


@pytest.mark.parametrize("name", [*PAGES, "change"])
def test_pages_open_while_there_is_nothing_yet(client, schema, name):
    assert client.get(url(name, schema)).status_code == 200


def test_from_draft_to_version(client, schema):
    saved = post(client, "draft", schema, {"content": [CITY], "revision": 0, "base": ""})
    assert saved.status_code == 200, saved.text
    assert current("customer") is None
    body = {"revision": saved.json()["revision"], "note": "第一版"}
    assert post(client, "publish", schema, body).json() == {"number": 1}
    assert [one.key for one in current("customer").fields] == ["city"]
    text = client.get(url("editor", schema)).text
    assert "第一版" in text
    assert "周主管" in text


def test_the_check_says_what_is_wrong_and_shows_a_preview(client, schema):
    found = post(client, "check", schema, {"content": [CITY, LEVEL]}).json()
    assert found["problems"] == []
    assert "城市" in found["preview"]
    assert "<select" in found["preview"]
    bad = post(client, "check", schema, {"content": [CITY, {**LEVEL, "options": []}]}).json()
    assert [one["path"] for one in bad["problems"]] == ["1.options"]
    assert bad["preview"] == ""


def test_words_of_supervisors_are_escaped(client, schema):
    evil = definition("x", "choice", label="<b>x", help="<i>", options=[{"value": "<u>"}])
    found = post(client, "check", schema, {"content": [evil]}).json()
    assert "<b>" not in found["preview"]
    assert "<i>" not in found["preview"]
    assert "<u>" not in found["preview"]


@pytest.mark.parametrize("junk", [None, 5, "x", [5], [{"key": {}}], [[CITY]], {"a": 1}])
def test_any_content_is_judged_and_none_is_saved(client, schema, junk):
    assert post(client, "check", schema, {"content": junk}).json()["problems"]
    answer = post(client, "draft", schema, {"content": junk, "revision": 0, "base": ""})
    assert answer.status_code == 400
    assert answer.json()["fields"]


def test_the_slower_of_two_is_told_who_was_faster(client, schema):
    seen = post(client, "draft", schema, {"content": [CITY], "revision": 0, "base": ""}).json()
    other = logged_in("admin")
    body = {"content": [LEVEL], "revision": seen["revision"]}
    assert post(other, "draft", schema, body).status_code == 200
    answer = post(client, "draft", schema, body)
    assert answer.status_code == 409
    assert "周主管" in answer.json()["detail"]


def test_two_versions_side_by_side_and_the_way_back(client, schema):
    first = published("customer", CITY)
    second = published("customer", {**CITY, "label": "所在城市"}, LEVEL)
    page = client.get(url("compare", schema), {"a": first.pk, "b": second.pk}).text
    assert "新增 1 个字段、修改 1 个字段" in page
    text = client.get(url("version", schema, first.pk)).text
    assert "“城市”（city）；单行文本" in text
    assert post(client, "roll_back", schema, {"version": str(first.pk)}).status_code == 200
    assert current("customer").number == 3


def test_records_are_moved_by_a_job(client, schema):
    CustomerFactory(fields={"city": "宁波"})
    published("customer", CITY)
    assert "<strong>1</strong>" in client.get(url("migrate", schema)).text
    answer = client.post(url("move", schema), {"rehearse": "1"})
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job", args=[job.pk])
    assert job.params["rehearse"] is True
    client.post(url("move", schema), {"rehearse": "0", "version": str(job.pk)})
    assert Job.objects.count() == 1  # another version is in force than the page said
