"""What a ticket of a conversation begins with."""

import pytest

from tests.factories import AttachmentFactory, ConversationFactory, MessageFactory, UserFactory
from tests.tickets.factories import TicketTypeFactory
from tickets.prefill import meaningful, prefill

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return ConversationFactory(
        state="serving",
        customer__name="李雷",
        customer__phone="13812345678",
        customer__level="gold",
        customer__device={"os": "iOS 19"},
        channel__name="官网",
        context={"entry_page": "https://shop.example.com/item/1"},
        fields={"order_number": "20260105001"},
    )


def say(conversation, text, author="visitor", **more):
    content = {"type": "text", "text": text}
    return MessageFactory(conversation=conversation, author_type=author, content=content, **more)


def test_title_and_summary_come_from_the_first_words_that_say_something(conversation):
    for text in ("你好", "在吗？", "我要退款，收到的杯子碎了", "订单 20260105001", "谢谢"):
        say(conversation, text)
    say(conversation, "请您拍张照片", "agent")
    found = prefill(conversation, TicketTypeFactory())
    assert found.title == "我要退款，收到的杯子碎了"
    assert "- 我要退款，收到的杯子碎了\n- 订单 20260105001\n" in found.description
    assert "你好" not in found.description
    assert "客服最近答复：\n请您拍张照片" in found.description


def test_context_says_who_and_where_from(conversation):
    found = prefill(conversation, TicketTypeFactory())
    assert found.context == {
        "客户": "李雷",
        "会员等级": "gold",
        "电话": "13812345678",
        "渠道": "官网",
        "入口页面": "https://shop.example.com/item/1",
        "系统": "iOS 19",
    }
    assert all(f"{label}：{value}" in found.description for label, value in found.context.items())


def test_without_words_the_type_and_the_customer_are_the_title(conversation):
    say(conversation, "您好")
    assert prefill(conversation, TicketTypeFactory(name="退款")).title == "退款：李雷"


def test_who_may_not_see_numbers_gets_them_masked(conversation):
    say(conversation, "请打我电话 13812345678")
    for role, shown in (("auditor", "138****5678"), ("supervisor", "13812345678")):
        person = UserFactory(role=role, scope="all")
        found = prefill(conversation, TicketTypeFactory(), person)
        assert shown in found.title
        assert shown in found.transcript
        assert found.context["电话"] == shown


def test_files_that_were_sent_go_along_recalled_ones_do_not(conversation):
    kept, gone = (
        AttachmentFactory(conversation=conversation, customer=conversation.customer)
        for _ in range(2)
    )
    for one in (kept, gone):
        content = {"type": "file", "attachment": str(one.pk), "name": one.name}
        revised = {"type": "recalled"} if one is gone else None
        MessageFactory(conversation=conversation, content=content, revised=revised)
    found = prefill(conversation, TicketTypeFactory())
    assert found.files == (kept.pk,)


def test_transcript_holds_the_words_as_they_stand_now(conversation):
    say(conversation, "我的密码是 123", revised={"type": "recalled"})
    say(conversation, "杯字碎了", revised={"type": "text", "text": "杯子碎了", "edited": True})
    say(conversation, "我看看", "agent")
    text = prefill(conversation, TicketTypeFactory()).transcript
    assert text == f"李雷：杯子碎了\n{conversation.agent.name}：我看看"


def test_a_long_talk_is_cut_and_costs_the_same_queries(conversation, django_assert_max_num_queries):
    for _ in range(60):
        say(conversation, "很长的一句话" * 40)
    type = TicketTypeFactory()
    with django_assert_max_num_queries(8):
        found = prefill(conversation, type)
    assert len(found.title) == 60
    assert len(found.transcript) <= 8_002


@pytest.mark.parametrize(
    "text",
    ["你好", "您好！", "在吗", "在么？？", "人工", "转人工客服", "hello", "嗯嗯", "。。。", "1"],
)
def test_greetings_say_nothing(text):
    assert meaningful([text]) == []


@pytest.mark.parametrize("text", ["退款", "你好，我要退款", "在吗 订单没到", "no signal"])
def test_what_says_something_is_kept(text):
    assert meaningful([text, text]) == [text]


FORM = [
    {"key": "order_number", "type": "order_number", "label": "订单号", "pattern": "[0-9]{8,}"},
    {"key": "level", "type": "text", "label": "等级"},
    {"key": "phone", "type": "text", "label": "电话"},
    {"key": "amount", "type": "number", "label": "金额"},
]


def test_fields_of_the_same_key_are_filled_in(conversation):
    conversation.customer.fields = {"amount": "很多", "other": "x"}
    found = prefill(conversation, TicketTypeFactory(form=FORM))
    assert found.fields == {
        "order_number": "20260105001",
        "level": "gold",
        "phone": "13812345678",
    }


def test_the_order_number_is_found_in_what_the_visitor_wrote(conversation):
    conversation.fields = {}
    say(conversation, "订单 20260101001 和 20260102002 都没到，打 12345")
    found = prefill(conversation, TicketTypeFactory(form=FORM))
    assert found.fields["order_number"] in {"20260101001", "20260102002"}


def test_half_numbers_are_not_filled_in(conversation):
    found = prefill(
        conversation, TicketTypeFactory(form=FORM), UserFactory(role="auditor", scope="all")
    )
    assert "phone" not in found.fields
