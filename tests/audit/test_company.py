"""The chain of a transfer, helpers and supervisors, as the archive keeps them."""

from typing import Any

import pytest

from audit.archive.indexing import index_conversations
from audit.models import IndexedMessage
from conversations import participation, supervision, transfers
from conversations.actors import Actor
from conversations.ingest import Command, send
from tests import factories
from tests.audit.test_pages import signed_in, transcript

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served() -> Any:
    """A conversation that 小林 serves, with 小王 beside."""
    group = factories.SkillGroupFactory()
    agents = [
        factories.AgentFactory(ready=True, groups=[group], name=name) for name in ("小林", "小王")
    ]
    channel = factories.ChannelFactory(group=group)
    return factories.ConversationFactory(channel=channel, agent=agents[0], state="serving")


def colleague(served: Any) -> Any:
    return served.group.agents.get(name="小王")


def test_every_step_of_a_transfer_is_a_line(served: Any) -> None:
    other = colleague(served)
    transfers.transfer_conversation(served.id, served.agent, to_agent=other, note="要发票")
    transfers.refuse(served.id, other, "在开会")
    transfers.transfer_conversation(served.id, served.agent, to_agent=other)
    transfers.withdraw(served.id, served.agent)
    transfers.transfer_conversation(served.id, served.agent, to_agent=other)
    transfers.accept(served.id, other)
    html = transcript(signed_in(), served)
    log = html[html.index('class="log') :]
    shown = (
        "小林 发起转接给 小王：要发票",
        "小王 拒绝 小林 的转接：在开会",
        "小林 撤回转给 小王 的转接",
        "小王 接受 小林 的转接",
        "由 小王 接待",
    )
    places = [log.index(text) for text in shown]
    assert places == sorted(places)


def test_helpers_and_supervisors(served: Any) -> None:
    leader = factories.UserFactory(role="supervisor", scope="all", first_name="王主管")
    quiet = factories.UserFactory(role="supervisor", scope="all", first_name="暗中观察")
    participation.invite(served.id, served.agent, colleague(served), "看看退款")
    supervision.monitor(served.id, quiet)
    supervision.barge_in(served.id, leader)
    by = Actor.agent(supervision.agent_for(leader))
    send(Command(served.id, by, "whisper", {"type": "text", "text": "打九折"}, "w1"))
    supervision.take_over(served.id, leader, "投诉升级")
    supervision.force_end(served.id, leader, "辱骂客服")
    html = transcript(signed_in(), served)
    for text in (
        "小王 应 小林 邀请协助：看看退款",
        "王主管 （主管强插）加入会话",
        '<span class="line-mark" title="仅坐席可见">悄悄话</span>',
        "打九折",
        "主管 王主管 接管，原坐席 小林：投诉升级",
        "强制结束：辱骂客服",
        "会话结束（主管强制结束）",
    ):
        assert text in html
    assert "暗中观察" not in html


def test_whispers_and_reasons_are_found(served: Any) -> None:
    factories.MessageFactory(
        conversation=served, kind="whisper", content={"type": "text", "text": "打九折"}
    )
    refused = {"status": "refused", "note": "", "reason": "在开会"}
    factories.MessageFactory(conversation=served, kind="transfer", content=refused)
    assert index_conversations([served.pk]) == 2
    assert set(IndexedMessage.objects.values_list("text", flat=True)) == {"打九折", "在开会"}
