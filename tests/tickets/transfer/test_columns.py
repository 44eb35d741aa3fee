"""Which header means which column."""

import pytest

from tests.factories import UserFactory
from tests.tickets.transfer.files import refund_type, supervisor
from tickets.transfer.columns import columns_of, guess

pytestmark = pytest.mark.django_db


def test_headers_are_guessed_by_label_key_english_and_habit():
    columns = columns_of(refund_type(), supervisor())
    headers = ["工单标题", "Priority*", "订单号（必填）", "amount", "手机号", "备忘", "标题"]
    keys = ["title", "priority", "fields.order", "fields.amount", "phone", "", ""]
    assert guess(columns, headers) == keys


def test_nobody_is_offered_a_field_that_they_may_not_edit():
    type = refund_type()
    offered = {one.key for one in columns_of(type, supervisor())}
    assert "fields.secret" not in offered
    assert "fields.secret" in {one.key for one in columns_of(type, UserFactory(role="admin"))}


def test_a_column_says_how_it_is_filled_in():
    columns = {one.key: one for one in columns_of(refund_type(), supervisor())}
    assert columns["fields.order"].required
    assert "太慢、质量，差" in columns["fields.reason"].help
    assert "/" in columns["fields.area"].help
