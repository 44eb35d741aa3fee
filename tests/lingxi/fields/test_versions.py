"""Schemas from draft to draft, and the forms that processes keep."""

import pytest
from auditlog.models import LogEntry

from lingxi.errors import Conflict, Invalid, NotFound
from lingxi.fields import current, form_of, schema_of
from lingxi.fields.models import SchemaVersion
from lingxi.fields.versions import versions
from lingxi.ids import new_id
from tests.factories import UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
CITY = definition("city", label="城市")
LEVEL = definition("level", "choice", label="等级")


@pytest.fixture
def by():
    return UserFactory(role="supervisor")


def test_nothing_is_declared_until_it_is_published(by):
    assert current("customer") is None
    schema = schema_of("customer")
    assert (schema.name, schema_of("customer")) == ("客户字段", schema)
    versions.save_draft(schema, [CITY], by, 0)
    assert current("customer") is None


def test_the_form_in_force_is_that_of_the_newest_version(by):
    first = published("customer", CITY, by=by)
    assert (current("customer").version_id, current("customer").number) == (first.pk, 1)
    second = published("customer", CITY, LEVEL, by=by)
    assert [one.key for one in current("customer").fields] == ["city", "level"]
    assert [one.key for one in form_of(first.pk).fields] == ["city"]
    assert current("customer") is form_of(second.pk)


def test_each_ticket_type_has_its_own(by):
    published("ticket", CITY, key="refund", by=by)
    assert current("ticket", "refund") is not None
    assert current("ticket") is None


def test_a_removed_field_is_known_as_former_and_can_come_back(by):
    published("customer", CITY, LEVEL, by=by)
    removed = form_of(published("customer", CITY, by=by).pk)
    assert list(removed.former) == ["level"]
    assert list(form_of(published("customer", LEVEL, by=by).pk).former) == ["city"]


def test_a_key_that_was_published_keeps_its_type(by):
    published("customer", CITY, by=by)
    published("customer", LEVEL, by=by)
    with pytest.raises(Invalid, match="类型不能改变") as caught:
        published("customer", definition("city", "number"), by=by)
    assert list(caught.value.fields) == ["content.0.type"]


def test_a_published_version_is_frozen(by):
    made = published("customer", CITY, by=by)
    made.content = []
    with pytest.raises(Conflict, match="不能修改"):
        made.save()
    assert SchemaVersion.objects.get(pk=made.pk).content == [CITY]


def test_going_back_is_a_new_version(by):
    first = published("customer", CITY, by=by)
    published("customer", LEVEL, by=by)
    made = versions.roll_back(schema_of("customer"), first, by)
    assert (made.number, made.content, current("customer").number) == (3, [CITY], 3)
    assert list(current("customer").former) == ["level"]


def test_who_published_is_in_the_audit_log(by):
    published("customer", CITY, by=by)
    entry = LogEntry.objects.get_for_object(schema_of("customer")).first()
    assert (entry.additional_data["fields"], entry.changes, entry.actor) == (
        "publish", {"current": [None, 1]}, by
    )  # fmt: skip


def test_no_such_version():
    with pytest.raises(NotFound):
        form_of(new_id())
