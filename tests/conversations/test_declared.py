"""What visitors' host pages send, and what becomes of files and facts."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import attachments, declared
from conversations.facts import facts_of
from conversations.merging import merge
from conversations.models import Attachment
from lingxi.errors import Conflict, Invalid
from lingxi.fields.records import form_for
from tests.factories import AttachmentFactory, ConversationFactory, CustomerFactory, UserFactory
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db
AMOUNT = definition("amount", "money", required=True)
SECRET = definition("id_card", sensitive=True)


@pytest.fixture
def leader():
    return UserFactory(role="supervisor", scope="all")


class TestOfVisitors:
    def test_without_a_schema_everything_is_kept_as_it_is(self):
        assert declared.of_visitor("conversation", {"a": "1"}) == ({"a": "1"}, None)

    def test_declared_keys_are_checked_and_the_rest_is_kept(self):
        version = published("conversation", AMOUNT, definition("city", default="杭州"))
        kept = declared.of_visitor("conversation", {"amount": "12.50", "intent": "high"})
        assert kept == ({"amount": 12.5, "city": "杭州", "intent": "high"}, version.pk)

    def test_a_wrong_type_is_refused(self):
        published("conversation", AMOUNT)
        with pytest.raises(Invalid) as caught:
            declared.of_visitor("conversation", {"amount": "很多"})
        assert list(caught.value.fields) == ["fields.amount"]

    def test_nothing_is_required(self):
        published("conversation", AMOUNT)
        assert declared.of_visitor("conversation", {"amount": ""})[0] == {}

    @pytest.mark.parametrize(
        "internal", [definition("vip", editable=["supervisor"]), definition("vip", "customer")]
    )
    def test_what_is_for_people_who_work_here_is_refused(self, internal):
        published("conversation", internal)
        with pytest.raises(Invalid, match="访客"):
            declared.of_visitor("conversation", {"vip": "是"})


class TestWrite:
    def test_a_free_record_is_brought_to_the_version_in_force(self, leader):
        customer = CustomerFactory(fields={"amount": "5", "claimed": {"phone": "1"}})
        version = published("customer", AMOUNT)
        declared.write(customer, "customer", {}, leader)
        customer.refresh_from_db()
        assert customer.fields == {"amount": 5, "claimed": {"phone": "1"}}
        assert customer.fields_version == version

    def test_a_page_that_saw_another_version_is_a_conflict(self, leader):
        customer = CustomerFactory()
        published("customer", AMOUNT)
        published("customer", AMOUNT, SECRET)
        with pytest.raises(Conflict) as caught:
            declared.write(customer, "customer", {"amount": 1}, leader, seen=1)
        assert caught.value.fields == {"fields_version": 2}

    def test_nothing_is_written_without_a_form(self, leader):
        with pytest.raises(Invalid, match="还没有发布"):
            declared.write(CustomerFactory(), "customer", {}, leader)

    def test_a_file_that_a_field_names_stays(self, leader):
        published("customer", definition("contract", "file", types=["text"]))
        customer = CustomerFactory()
        mine, unused = AttachmentFactory.create_batch(2, uploaded_by_user_id=leader.pk)
        declared.write(customer, "customer", {"contract": str(mine.pk)}, leader)
        Attachment.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
        attachments.remove_unused()
        assert list(Attachment.objects.all()) == [mine]
        (shown,) = form_for(customer).shown(customer.fields, UserFactory())
        assert (shown.text, shown.url[:7]) == ("说明.txt", "/files/")
        assert unused.pk != mine.pk

    def test_somebody_elses_file_does_not_exist(self, leader):
        published("customer", definition("contract", "file"))
        other = AttachmentFactory(uploaded_by_user_id=UserFactory().pk)
        with pytest.raises(Invalid, match="不存在"):
            declared.write(
                CustomerFactory(), "customer", {"contract": str(other.pk)}, UserFactory()
            )

    def test_a_customer_out_of_sight_does_not_exist(self):
        published("customer", definition("parent", "customer"))
        other, agent = CustomerFactory(), UserFactory()
        with pytest.raises(Invalid, match="不存在"):
            declared.write(CustomerFactory(), "customer", {"parent": str(other.pk)}, agent)


def test_facts_have_the_values_but_not_those_that_are_sensitive():
    published("customer", definition("city"), SECRET)
    published("conversation", AMOUNT)
    conversation = ConversationFactory(fields={"amount": 5, "free": "x"})
    customer = conversation.customer
    customer.fields = {"city": "宁波", "id_card": "机密"}
    customer.save()
    found = facts_of(conversation)["custom_fields"]
    assert found == {"amount": 5, "free": "x", "city": "宁波", "id_card": "••••"}


def test_of_two_customers_that_become_one_nothing_is_lost(leader):
    version = published("customer", definition("city"), definition("job"))
    source = CustomerFactory(fields={"city": "宁波", "job": "医生"}, fields_version=version)
    target = CustomerFactory(fields={"city": "杭州"})
    merge(source, target, leader)
    target.refresh_from_db()
    assert (target.fields, target.fields_version) == ({"city": "杭州", "job": "医生"}, version)
