"""A row of a file, read into what a ticket is made of."""

import pytest

from conversations.models import Customer
from tests.factories import AgentFactory, ConversationFactory, CustomerFactory, SkillGroupFactory
from tests.tickets.factories import IssueTypeFactory, ticket
from tests.tickets.transfer.files import refund_type, supervisor
from tickets.models import Priority
from tickets.transfer.rows import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Reader(refund_type(), supervisor(), [], "0" * 64)


def read(reader, **cells):
    said = {"title": "退款", "fields_order": "a 1", **cells}
    reader.mapping = [key.replace("fields_", "fields.") for key in said]
    return reader.read(2, list(said.values()))


def test_labels_become_values_and_values_are_taken_too(reader):
    row = read(
        reader,
        priority="紧急",
        tags="加急、 VIP,VIP",
        fields_amount=12.5,
        fields_reason="质量，差",
        fields_area="广东 / 深圳",
        fields_parts="电池、屏幕",
        fields_paid_on="2026/11/21",
        fields_vip="是",
    )
    assert row.problems == {}
    assert row.new.priority == Priority.URGENT
    assert list(row.new.tags) == ["加急", "VIP", "VIP"]
    assert row.new.fields["reason"] == "bad"
    assert row.new.fields["area"] == ["gd", "sz"]
    assert row.new.fields["parts"] == ["b", "a"]
    assert read(reader, priority="high", fields_reason="late").new.fields["reason"] == "late"


@pytest.mark.parametrize(
    ("cells", "label", "words"),
    [
        ({"title": " "}, "标题", "必填"),
        ({"title": "x" * 201}, "标题", "最多 200 字"),
        ({"priority": "很急"}, "优先级", "应为"),
        ({"fields_order": None}, "订单号", "请填写"),
        ({"fields_amount": "一百"}, "退款金额", "数字"),
        ({"fields_amount": -1}, "退款金额", "不能小于"),
        ({"fields_reason": "别的"}, "原因", "不在选项中"),
        ({"fields_area": "广东"}, "地区", "最后一级"),
        ({"fields_paid_on": "明天"}, "付款日期", "日期"),
        ({"fields_vip": "也许"}, "会员", "是或否"),
        ({"group": "没有的组"}, "技能组", "没有技能组"),
        ({"assignee": "无名氏"}, "受理人", "没有坐席"),
        ({"issue_type": "没有/分类"}, "问题分类", "没有问题分类"),
        ({"phone": "12ab"}, "客户电话", "不是有效"),
        ({"phone": "138****1111"}, "客户电话", "被隐藏"),
        ({"customer": "王小明"}, "客户电话", "请同时填写"),
        ({"fields_secret": "x"}, "fields.secret", "无权"),
        ({"fields_gone": "x"}, "fields.gone", "没有此字段"),
    ],
)
def test_what_is_wrong_is_said_with_its_column(reader, cells, label, words):
    problems = read(reader, **cells).problems
    assert words in problems[label], problems


def test_everything_that_is_wrong_is_said_at_once(reader):
    problems = read(reader, priority="?", fields_amount="?", fields_reason="?").problems
    assert set(problems) == {"优先级", "退款金额", "原因"}


def test_names_of_people_groups_and_issues(reader):
    group, agent = SkillGroupFactory(name="售后"), AgentFactory(name="小王")
    refund = IssueTypeFactory(name="退款", parent=IssueTypeFactory(name="售后"))
    row = read(reader, group="售后", assignee=agent.user.username, issue_type="售后/退款")
    assert (row.new.group, row.new.assignee, row.new.issue_type) == (group, agent, refund)
    assert read(reader, assignee="小王").new.assignee == agent


def test_a_name_of_two_names_nobody(reader):
    AgentFactory.create_batch(2, name="小王")
    assert "2 个同名" in read(reader, assignee="小王").problems["受理人"]


def test_a_customer_is_found_by_phone_among_those_one_may_see(reader):
    mine, hers = CustomerFactory(phone="13800001111"), CustomerFactory(phone="13900002222")
    ConversationFactory(customer=mine)
    assert read(reader, phone="138-0000-1111").new.requester == mine
    assert read(reader, phone=13900002222).new.requester is None
    ticket(requester=hers)
    reader.lookups.forget("13900002222")
    assert read(reader, phone="13900002222").new.requester == hers


def test_reading_writes_nothing(reader):
    read(reader, phone="13800001111", customer="王小明")
    assert not Customer.objects.exists()


def test_a_customer_is_made_once_for_all_rows(reader):
    first, second = (read(reader, phone="13800001111", customer="王小明") for _ in range(2))
    made = reader.customer_of(first)
    assert (made.name, made.phone) == ("王小明", "13800001111")
    assert reader.customer_of(second) == made
    assert Customer.objects.count() == 1


def test_the_cause_names_type_file_and_row(reader):
    assert read(reader).new.cause == f"import:{reader.type.key}:{'0' * 64}:2"
    assert len(read(reader).new.cause) < 191
