"""All records to the newest version at once, or a rehearsal of it."""

import pytest

from conversations.models import Customer
from lingxi.errors import Conflict, Forbidden, NotFound
from lingxi.fields import migrating, schema_of
from lingxi.jobs.runner import work_on
from tests.factories import CustomerFactory, UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
CITY = definition("city", label="城市")
AMOUNT = definition("amount", "money", label="金额")


@pytest.fixture
def by():
    return UserFactory(role="supervisor")


@pytest.fixture
def old():
    return published("customer", CITY, definition("gone"))


def migrated(by, *, rehearse=False):
    job = migrating.ask(schema_of("customer"), by, rehearse=rehearse)
    work_on(job.pk)
    job.refresh_from_db()
    return job


def values():
    return {one.name: (one.fields, one.fields_version) for one in Customer.objects.all()}


def test_every_record_is_brought_to_the_newest_version(by, old):
    CustomerFactory(name="甲", fields={"city": "宁波", "gone": "在"}, fields_version=old)
    CustomerFactory(name="乙", fields={"amount": "5", "free": [1]})
    CustomerFactory(name="丙")
    new = published("customer", CITY, AMOUNT, definition("level", default="普通"))
    result = migrated(by).result
    assert (result["moved"], result["left"]) == (2, [])
    assert values() == {
        "甲": ({"city": "宁波", "gone": "在", "level": "普通"}, new),
        "乙": ({"amount": 5, "free": [1], "level": "普通"}, new),
        "丙": ({}, None),
    }


def test_what_does_not_fit_stays_and_is_told_with_its_reason(by, old):
    CustomerFactory(name="甲", fields={"city": "宁波"}, fields_version=old)
    CustomerFactory(name="乙", fields={"amount": "很多"})
    published("customer", CITY, {**AMOUNT, "required": True})
    before = values()
    result = migrated(by).result
    assert result["moved"] == 0
    assert result["reasons"] == {"金额：必填，但没有值": 1, "金额：请填写数字": 1}
    assert {(label, reason) for label, _, reason in result["left"]} == {
        ("甲", "金额：必填，但没有值"), ("乙", "金额：请填写数字")
    }  # fmt: skip
    assert values() == before


def test_a_rehearsal_changes_nothing(by, old):
    CustomerFactory(name="甲", fields={"city": "宁波"}, fields_version=old)
    published("customer", CITY)
    before = values()
    assert migrated(by, rehearse=True).result["moved"] == 1
    assert values() == before


def test_it_goes_on_over_batches(by, old, monkeypatch):
    monkeypatch.setattr(migrating, "BATCH", 2)
    CustomerFactory.create_batch(5, fields={"city": "宁波"}, fields_version=old)
    new = published("customer", CITY)
    assert migrated(by).result["moved"] == 5
    assert Customer.objects.filter(fields_version=new).count() == 5


def test_refusals(by):
    with pytest.raises(NotFound):
        migrating.ask(schema_of("customer"), by, rehearse=True)
    published("customer", CITY)
    with pytest.raises(Conflict, match="已变更"):
        migrating.ask(schema_of("customer"), by, rehearse=True, version_id="another")
    with pytest.raises(Forbidden):
        migrating.ask(schema_of("customer"), UserFactory(), rehearse=True)
