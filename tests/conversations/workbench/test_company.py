"""Offers on the desk, and the bars of the open conversation, as each person sees them."""

from typing import Any

import pytest
from django.test import Client

from conversations import actions, participation, supervision, transfers
from conversations.principals import Visitor
from conversations.workbench.words import line_of
from tests.factories import AgentFactory, CustomerFactory, MessageFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pane(client: Client, conversation: Any) -> str:
    return client.get(f"/workbench/c/{conversation.id}/").content.decode()


def desk(client: Client) -> str:
    return client.get("/workbench/desk/").content.decode()


@pytest.fixture
def other(group: Any) -> Any:
    return AgentFactory(ready=True, groups=[group], name="王芳")


class TestOffers:
    def test_a_transfer(self, page: Client, serving: Any, agent: Any, other: Any) -> None:
        transfers.transfer_conversation(serving.id, agent, to_agent=other, note="<b>老客户</b>")
        body = desk(client_of(other.user))
        assert body.count('data-testid="offer"') == 1
        assert "&lt;b&gt;老客户&lt;/b&gt;" in body
        assert "李雯" in body
        assert "offer-refuse" in body
        assert 'data-testid="offer"' not in desk(page)
        bar = pane(page, serving)
        assert "等待 <b>王芳</b> 接受" in bar
        assert "transfer-withdraw" in bar
        seen = pane(client_of(other.user), serving)
        assert "由 李雯 发起" in seen
        assert "transfer-withdraw" not in seen

    def test_a_transfer_to_a_group_is_anybodys(
        self, serving: Any, agent: Any, other: Any, group: Any
    ) -> None:
        other.status = "busy"
        other.save()
        transfers.transfer_conversation(serving.id, agent, to_group=group)
        body = desk(client_of(other.user))
        assert "offer-accept" in body
        assert "offer-refuse" not in body

    def test_the_queue_asks(self, agent: Any, page: Client, group: Any, channel: Any) -> None:
        group.offer_seconds = 20
        group.save()
        visitor = Visitor(CustomerFactory(name="林静").id, channel.id)
        actions.open_conversation(visitor, {}, {})
        body = desk(page)
        assert 'data-kind="queue"' in body
        assert "林静" in body

    def test_numbers_in_a_note_are_masked(self, serving: Any, agent: Any, other: Any) -> None:
        transfers.transfer_conversation(serving.id, agent, to_agent=other, note="电 13812345678")
        assert "138****5678" in desk(client_of(other.user))
        assert "13812345678" not in desk(client_of(other.user))


class TestHelpers:
    def test_who_assists_finds_it_among_their_own(
        self, page: Client, serving: Any, agent: Any, other: Any
    ) -> None:
        participation.invite(serving.id, agent, other)
        helper = client_of(other.user)
        assert 'data-testid="role">协助' in desk(helper)
        body = pane(helper, serving)
        assert 'data-speaks="true"' in body
        assert 'data-mine="false"' in body
        assert "你正在协助 <b>李雯</b>" in body
        assert "协助中：<b>王芳</b>" in pane(page, serving)
        participation.leave(serving.id, other)
        assert 'data-testid="role"' not in desk(helper)
        assert 'data-speaks="false"' in pane(helper, serving)

    def test_the_dialog(self, page: Client, serving: Any, agent: Any, other: Any) -> None:
        AgentFactory(name="无组")
        participation.invite(serving.id, agent, other)
        body = page.get(f"/workbench/c/{serving.id}/helpers/").content.decode()
        assert f'data-remove-helper="{other.id}"' in body
        assert "李雯" not in body
        assert "无组" not in body, "who is in no group stepped in somewhere as a supervisor"


class TestSupervisors:
    def test_the_bar_is_theirs_alone(self, page: Client, serving: Any) -> None:
        boss = client_of(UserFactory(role="supervisor", scope="all"))
        assert "supervise-take-over" in pane(boss, serving)
        assert "supervise-bar" not in pane(page, serving)

    def test_not_where_they_serve_or_where_it_has_ended(self, serving: Any) -> None:
        user = UserFactory(role="supervisor", scope="all")
        supervision.take_over(serving.id, user)
        assert "supervise-bar" not in pane(client_of(user), serving)
        actions.close_conversation(serving.id, actions.SYSTEM)
        assert "supervise-bar" not in pane(client_of(user), serving)

    def test_who_monitors_is_named_to_nobody(self, page: Client, serving: Any) -> None:
        user = UserFactory(role="supervisor", scope="all", first_name="暗中观察")
        supervision.monitor(serving.id, user)
        assert "监听中" in pane(client_of(user), serving)
        assert "暗中观察" not in pane(page, serving)

    def test_a_whisper_stands_out(self, page: Client, serving: Any) -> None:
        MessageFactory(
            conversation=serving,
            kind="whisper",
            author_type="agent",
            content={"type": "text", "text": "打九折"},
        )
        body = pane(page, serving)
        assert "entry-whisper" in body
        assert "仅坐席可见" in body


NAMES = {"from": {"name": "甲"}, "to": {"name": "乙"}, "by": {"name": "丙"}, "note": "急"}


@pytest.mark.parametrize(
    ("kind", "content", "line"),
    [
        ("transfer", {**NAMES, "status": "offered"}, "甲 请 乙 接手，附言：急"),
        ("transfer", {**NAMES, "status": "accepted"}, "丙 接受了 甲 的转接"),
        ("transfer", {**NAMES, "status": "refused", "reason": "忙"}, "乙 拒绝了转接：忙"),
        ("transfer", {**NAMES, "status": "timed_out"}, "乙 未在时限内接受转接，仍由 甲 接待"),
        ("transfer", {**NAMES, "status": "withdrawn"}, "转接已撤回，仍由 甲 接待"),
        ("transfer", {**NAMES, "status": "taken_over"}, "主管 乙 接管了会话，附言：急"),
        ("transfer", {**NAMES, "status": "of the future"}, "甲 将会话转给 乙"),
        ("transfer", {"from": None, "to": {"name": "{by}"}}, " 将会话转给 {by}"),
        ("join", {"agent": {"name": "丁"}, "role": "assist", **NAMES}, "丙 邀请 丁 协助，附言：急"),
        ("join", {"agent": {"name": "丁"}, "role": "barge_in"}, "丁 加入会话"),
        ("leave", {"agent": {"name": "丁"}, "role": "barge_in"}, "丁 离开会话"),
    ],
)
def test_each_step_is_a_line(kind: str, content: dict[str, Any], line: str) -> None:
    assert line_of(kind, content, "") == line
