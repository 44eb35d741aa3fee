"""Rules that make tickets, in the admin: what is refused and what the list says."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin_forms import errors_of, filled
from tests.tickets.factories import TicketTypeFactory
from tickets.automation.sentences import sentence
from tickets.models import CreationRule, Priority

pytestmark = pytest.mark.django_db
ADD = "admin:tickets_creationrule_add"


@pytest.fixture
def client():
    found = Client()
    found.force_login(factories.UserFactory(role="supervisor", scope="all"))
    return found


@pytest.fixture
def type():
    return TicketTypeFactory(name="退款")


def add(client, type, **said):
    url = reverse(ADD)
    everywhere = {"channels": None, "groups": None}  # as a browser sends nothing of empty lists
    said = {"name": "规则", "type": str(type.pk), **everywhere, **said}
    return client.post(url, filled(client, url, **said))


def test_a_rule_is_saved_and_reads_as_a_sentence(client, type):
    channel = factories.ChannelFactory(name="官网")
    said = {
        "trigger": "keyword",
        "channels": [str(channel.pk)],
        "words": "退款\n投诉\n退款",
        "priority": str(Priority.HIGH.value),
        "tags": "自动，退款",
        "answer": "已登记 {number}",
    }
    assert errors_of(add(client, type, **said)) == ""
    row = CreationRule.objects.get()
    assert (row.words, row.tags) == (["退款", "投诉"], ["自动", "退款"])
    assert sentence(row) == (
        "在官网，访客的消息含有“退款”、“投诉”时，创建“退款”工单，优先级高，加标签自动、退款，"
        "并对访客说“已登记 {number}”。"
    )
    page = client.get(reverse("admin:tickets_creationrule_changelist")).content.decode()
    assert "访客的消息含有“退款”、“投诉”时" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"trigger": "bot", "words": "1\n报修"}, "访客对机器人回复“1”、“报修”时，创建“退款”工单。"),
        (
            {"trigger": "unanswered", "minutes": "10"},
            "访客等待人工回复超过 10 分钟时，创建“退款”工单。",
        ),
        (
            {"trigger": "unresolved", "most_score": "2", "on_abandoned": "on"},
            "会话小结为未解决、被评为未解决、评分不高于 2 星、没等到客服就结束时，创建“退款”工单。",
        ),
    ],
    ids=["bot", "unanswered", "unresolved"],
)
def test_other_triggers(client, type, said, words):
    assert errors_of(add(client, type, **said)) == ""
    assert sentence(CreationRule.objects.get()) == words


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"trigger": "keyword"}, "请至少填写一个词语"),
        ({"trigger": "keyword", "pattern": "(未闭合"}, "不是有效的正则表达式"),
        ({"trigger": "keyword", "pattern": r"(a)\1"}, "不是有效的正则表达式"),
        ({"trigger": "bot", "pattern": "a"}, "请至少填写一个词语"),
        ({"trigger": "keyword", "words": "长" * 101}, "最多 100 字"),
        ({"trigger": "keyword", "words": "a", "tags": "长" * 41}, "最多 40 字"),
        ({"trigger": "unanswered"}, "请填写等待分钟数"),
        ({"trigger": "unanswered", "minutes": "0"}, "请填写等待分钟数"),
        ({"trigger": "unresolved", "on_wrap_up": None, "on_rating": None}, "请至少选择一种情形"),
    ],
    ids=range(9),
)
def test_refusals(client, type, said, complaint):
    assert complaint in errors_of(add(client, type, **said))
    assert not CreationRule.objects.exists()


def test_agents_do_not_get_there(type):
    agent = Client()
    agent.force_login(factories.UserFactory(role="agent"))
    assert agent.get(reverse(ADD)).status_code in {302, 403}
