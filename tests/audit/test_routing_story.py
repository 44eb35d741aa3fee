"""路由说明: the archive keeps by which rule a conversation came where, and who got it and why."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from lingxi.access.models import Role, Scope
from routing.models import WorkItem
from tests.factories import (
    AgentFactory,
    ConversationFactory,
    SkillGroupFactory,
    UserFactory,
    WorkItemFactory,
)

pytestmark = pytest.mark.django_db


def page(user, conversation):
    client = Client()
    client.force_login(user)
    return client.get(f"/archive/{conversation.pk}/")


def auditor():
    return UserFactory(role=Role.AUDITOR, scope=Scope.ALL)


def decision(rule, value):
    facts = [{"label": "消息内容", "value": value}]
    return {
        "version": {"id": "x", "number": 7, "strategy": "会话路由"},
        "matched": [{"id": "r", "name": rule, "sentence": "当 … 时，进入 售后", "facts": facts}],
        "group": {"id": "g", "name": "售后"},
        "default": False,
    }


@pytest.fixture
def conversation():
    """Ended; it had overflowed once, and was then served."""
    one = ConversationFactory(state="closed", agent=AgentFactory(name="王芳"))
    now = timezone.now()
    WorkItem.objects.filter(item_id=one.pk).update(
        enqueued_at=now,
        decision=decision("退款优先", "退款 13812345678"),
        explanation={
            "method": "saturation",
            "members": {"ready": 2, "off_shift": 1},
            "chosen": {"name": "王芳", "load": 1, "capacity": 5},
            "preferred": "",
        },
        left_reason="closed_by_visitor",
    )
    WorkItemFactory(
        item_id=one.pk,
        group=SkillGroupFactory(name="夜班"),
        state="done",
        enqueued_at=now - dt.timedelta(minutes=2),
        left_reason="overflow_group",
    )
    return one


def test_every_stay_is_told_in_order_with_rule_facts_and_choice(conversation):
    text = page(UserFactory(role=Role.ADMIN, scope=Scope.ALL), conversation).content.decode()
    for words in ("路由说明", "2 段", "退款优先", "v7", "退款 13812345678", "饱和度最低", "1/5"):
        assert words in text
    assert "可接待 2、不在班次 1" in text
    assert "访客结束" in text
    assert text.index("溢出到其他技能组") < text.index("退款优先")


def test_sensitive_values_in_facts_are_masked_for_auditors(conversation):
    text = page(auditor(), conversation).content.decode()
    assert "13812345678" not in text
    assert "138****5678" in text


def test_what_was_never_routed_has_no_story():
    never = ConversationFactory(state="closed", work=False)
    assert "路由说明" not in page(auditor(), never).content.decode()


def test_a_reason_of_later_days_is_shown_as_it_is(conversation):
    WorkItem.objects.filter(item_id=conversation.pk).update(left_reason="reason_of_tomorrow")
    assert "reason_of_tomorrow" in page(auditor(), conversation).content.decode()
