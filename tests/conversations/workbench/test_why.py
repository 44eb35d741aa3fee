"""为什么: what is told of a conversation's routing, to whom, and with what hidden."""

import pytest
from django.test import Client
from django.utils import timezone

from conversations.explaining import told_to
from lingxi.access.models import Role, Scope
from routing.models import WorkItem
from tests.factories import AgentFactory, ConversationFactory, UserFactory, WorkItemFactory

pytestmark = pytest.mark.django_db

DECISION = {
    "version": {"id": "x", "number": 3, "strategy": "会话路由"},
    "matched": [
        {
            "id": "a1",
            "name": "高意向客户",
            "sentence": "当 意向 为 高 时，进入 售后",
            "facts": [{"label": "消息内容", "value": "打我 13812345678"}],
        }
    ],
    "missed": [{"id": "b2", "name": "夜间", "why": "时间 不在 22:00 之后"}],
    "default": False,
    "group": {"id": "g", "name": "售后"},
    "priority": 3,
    "outcome": "queue",
    "preferred": {"agent": "y", "name": "王芳", "seconds": 20, "reason": "last_agent"},
    "notes": ["指定坐席不在线，改为按技能组分配"],
}


@pytest.fixture
def waiting():
    conversation = ConversationFactory()
    WorkItem.objects.filter(item_id=conversation.pk).update(decision=DECISION)
    return conversation


def why(user, conversation):
    client = Client()
    client.force_login(user)
    return client.get(f"/workbench/c/{conversation.pk}/explain/")


def leader():
    return UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL)


def test_a_waiting_conversation_is_explained(waiting):
    full = AgentFactory(ready=True, groups=[waiting.group], capacity=1, name="李满")
    ConversationFactory(channel=waiting.channel, state="serving", agent=full)
    AgentFactory(status="break", present=True, groups=[waiting.group], name="赵休")
    text = why(leader(), waiting).content.decode()
    for words in (
        "高意向客户",
        "当 意向 为 高 时",
        "v3",
        "第 <strong",
        "李满",
        "接待已满",
        "赵休",
        "小休",
    ):
        assert words in text
    assert "结束一个会话" in text
    assert "指定坐席不在线" in text
    assert "夜间" in text


def test_an_assigned_conversation_says_who_got_it_and_how():
    conversation = ConversationFactory(state="serving")
    kept = {
        "method": "least_active",
        "members": {"ready": 2, "full": 1},
        "chosen": {"agent": "x", "name": "王芳", "load": 3, "capacity": 10, "level": 50},
        "preferred": "",
    }
    WorkItem.objects.filter(item_id=conversation.pk).update(explanation=kept)
    told = told_to(leader(), conversation)
    assert (told.current.how, told.current.load) == ("最少接待", "3/10")
    assert told.current.tally == ["可接待 2", "接待已满 1"]
    text = why(leader(), conversation).content.decode()
    assert conversation.agent.name in text
    assert "可接待 2、接待已满 1" in text


def test_one_that_was_never_routed_says_so():
    conversation = ConversationFactory(state="closed", work=False)
    assert "还没有排过队" in why(leader(), conversation).content.decode()


def test_sensitive_values_are_hidden_from_who_may_not_see_them(waiting):
    agent = AgentFactory(ready=True, groups=[waiting.group])
    hidden = why(agent.user, waiting).content.decode()
    assert "13812345678" not in hidden
    assert "138****5678" in hidden
    assert "13812345678" in why(leader(), waiting).content.decode()


def test_markup_in_facts_stays_text(waiting):
    decision = {**DECISION, "notes": ["<img src=x>"]}
    WorkItem.objects.filter(item_id=waiting.pk).update(decision=decision)
    text = why(leader(), waiting).content.decode()
    assert "<img src=x>" not in text
    assert "&lt;img" in text


def test_out_of_sight_there_is_no_answer(waiting):
    stranger = AgentFactory(ready=True)
    assert why(stranger.user, waiting).status_code == 404
    assert why(UserFactory(role=Role.PARTNER, scope=Scope.ALL), waiting).status_code == 403


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.AUDITOR])
def test_readers_are_told_too(waiting, role):
    assert why(UserFactory(role=role, scope=Scope.ALL), waiting).status_code == 200


@pytest.mark.parametrize("kept", [{"matched": None}, {"group": None, "version": None}, {"x": 1}])
def test_a_decision_of_another_shape_is_no_error(waiting, kept):
    WorkItem.objects.filter(item_id=waiting.pk).update(decision=kept)
    assert why(leader(), waiting).status_code == 200


def test_every_stay_is_told_with_why_it_ended(waiting):
    WorkItem.objects.filter(item_id=waiting.pk).update(
        state="done", left_reason="overflow_group", finished_at=timezone.now()
    )
    WorkItemFactory(item_id=waiting.pk, group=waiting.group, is_transfer=True)
    told = told_to(leader(), waiting)
    assert [stay.left for stay in told.stays] == ["溢出到其他技能组", ""]
    assert [stay.is_transfer for stay in told.stays] == [False, True]
    assert told.stays[0].waited.total_seconds() >= 0
