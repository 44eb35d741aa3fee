"""The pages of the archive: who sees what, and what nobody may find out."""

import re
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.archive.indexing import index_conversations
from conversations.models import Conversation, State
from tests import factories
from tests.audit.conftest import Say

pytestmark = pytest.mark.django_db
PHONE = "13812345678"


def signed_in(role: str | None = "auditor", scope: str = "all", user: Any = None) -> Client:
    client = Client()
    client.force_login(user or factories.UserFactory(role=role, scope=scope))
    return client


def page(client: Client, path: str = "/archive/", **asked: Any) -> str:
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


def results(html: str) -> int:
    return html.count('data-testid="archive-result"')


def transcript(client: Client, conversation: Conversation, **asked: Any) -> str:
    return page(client, f"/archive/{conversation.pk}/", **asked)


def test_it_works(say: Say) -> None:
    message = say("茶叶很香，包装不错")
    say("别的事情")
    html = page(signed_in(), q="不错")
    assert results(html) == 1
    assert "茶叶很香，包装<mark>不错</mark>" in html
    assert f"/archive/{message.conversation_id}/?q=%E4%B8%8D%E9%94%99&amp;at=1#m1" in html


def test_without_words_all_conversations_newest_first(say: Say) -> None:
    say("先来的")
    say("后来的")
    html = page(signed_in())
    assert results(html) == 2
    assert html.index("后来的") < html.index("先来的")


@pytest.mark.parametrize("path", ["/archive/", "/archive/01a1fd1a-9d5b-7ce8-86af-2ceaceb34cfa/"])
def test_strangers_log_in_and_partners_stay_out(path: str) -> None:
    assert Client().get(path).status_code == 302
    for role in ("partner", None):
        assert signed_in(role).get(path).status_code == 403
    assert signed_in().post(path).status_code == 405


def test_htmx_gets_the_results_alone(say: Say) -> None:
    say("你好啊")
    response = signed_in().get("/archive/", {"q": "你好"}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert results(html) == 1
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "好"}, "至少输入两个"),
        ({"q": "不" * 101}, "100"),
        ({"q": "不错\x00"}, "关键词"),
        ({"channel": "nonsense"}, "渠道"),
        ({"agent": "01a1fd1a-9d5b-7ce8-86af-2ceaceb34cfa"}, "坐席"),
        ({"since": "yesterday"}, "从"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "结束日期早于开始日期"),
    ],
)
def test_bad_input_is_explained(say: Say, asked: dict[str, str], said: str) -> None:
    say("不错")
    html = page(signed_in(), **asked)
    assert results(html) == 0
    error = html.split('data-testid="archive-error"')[1]
    assert said in error


@pytest.mark.parametrize("after", ["x", "_", "1_x", "9" * 30 + "_" + "a" * 32, "-1", "\x00"])
def test_a_broken_cursor_is_the_first_page(say: Say, after: str) -> None:
    say("不错")
    assert results(page(signed_in(), q="不错", after=after)) == 1


def test_pages_follow_each_other(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = factories.ConversationFactory()
    for n in range(120):
        factories.MessageFactory(
            conversation=conversation, content={"type": "text", "text": f"不错{n}"}
        )
    index_conversations([conversation.pk])
    client, seen = signed_in(), []
    html = page(client, q="不错")
    while True:
        seen += re.findall(r"<mark>不错</mark>(\d+)", html)
        more = re.search(r'href="(/archive/\?[^"]*after[^"]*)"', html)
        if more is None:
            break
        html = client.get(more.group(1).replace("&amp;", "&")).content.decode()
    assert seen == [str(n) for n in reversed(range(120))]


def test_markup_of_visitors_is_text(say: Say) -> None:
    attack = '<script>alert("不错")</script>'
    customer = factories.CustomerFactory(name=f"<b>{attack}</b>")
    conversation = factories.ConversationFactory(customer=customer)
    say(attack, conversation=conversation)
    client = signed_in()
    for html in (
        page(client, q="不错"),
        page(client, q="<script>"),
        page(client),
        transcript(client, conversation, q="alert"),
    ):
        assert "<script>alert" not in html
        assert "<b>" not in html


def test_masked_viewers_see_and_find_masked_numbers(say: Say) -> None:
    message = say(f"电话 {PHONE} 不错")
    auditor, supervisor = signed_in("auditor"), signed_in("supervisor")
    for html in (page(auditor, q="不错"), transcript(auditor, message.conversation), page(auditor)):
        assert PHONE not in html
        assert "138****5678" in html
    assert PHONE in page(supervisor, q="不错")
    assert PHONE in transcript(supervisor, message.conversation)


def test_search_is_no_oracle_for_hidden_digits(say: Say) -> None:
    say(f"电话{PHONE}不错")
    for client in (signed_in("auditor"), signed_in("agent", "all")):
        for start in range(10):
            for width in range(2, 12 - start):
                part = PHONE[start : start + width]
                visible = part in "138" or part in "5678"
                assert results(page(client, q=part)) == int(visible), part


def test_the_customer_filter_is_no_oracle() -> None:
    customer = factories.CustomerFactory(name=f"张三{PHONE}", phone=PHONE)
    factories.IdentityFactory(customer=customer, kind="phone", value=PHONE)
    factories.IdentityFactory(customer=customer, kind="member", value=PHONE)
    factories.ConversationFactory(customer=customer)
    auditor, supervisor = signed_in("auditor"), signed_in("supervisor")
    for part in (PHONE, "3812", "1234", "812345"):
        assert results(page(auditor, customer=part)) == 0, part
    assert results(page(supervisor, customer=PHONE)) == 1
    assert results(page(auditor, customer="张三")) == 1
    assert results(page(auditor, customer=str(customer.pk))) == 1


def test_filters(say: Say) -> None:
    agent, other = factories.AgentFactory(), factories.AgentFactory()
    first = factories.ConversationFactory(state=State.SERVING, agent=agent)
    second = factories.ConversationFactory(state=State.SERVING, agent=other)
    factories.ParticipantFactory(conversation=second, agent=agent)
    third = factories.ConversationFactory()
    for conversation in (first, second, third):
        say("真不错", conversation=conversation)
    client = signed_in()
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 3),
        ({"agent": agent.pk}, 2),
        ({"agent": other.pk}, 1),
        ({"channel": third.channel_id}, 1),
        ({"channel": third.channel_id, "agent": agent.pk}, 0),
        ({"customer": first.customer.name}, 1),
        ({"customer": "nobody of that name"}, 0),
        ({"since": "2000-01-01"}, 3),
        ({"until": "2000-01-01"}, 0),
    ]
    for asked, count in cases:
        assert results(page(client, **asked)) == count, asked
        assert results(page(client, q="不错", **asked)) == count, asked


def test_a_conversation_by_its_id(say: Say) -> None:
    wanted = say("你好啊").conversation
    say("你好吗")
    assert results(page(signed_in(), q=str(wanted.pk))) == 1
    assert results(page(signed_in(), q=str(wanted.customer_id))) == 0
    stranger = factories.AgentFactory()
    assert results(page(signed_in(user=stranger.user), q=str(wanted.pk))) == 0


def test_scope(say: Say) -> None:
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(groups=[group])
    colleague = factories.AgentFactory(groups=[group])
    channel = factories.ChannelFactory(group=group)
    mine, theirs, waits, foreign = (
        factories.ConversationFactory(channel=channel, state=State.SERVING, agent=agent),
        factories.ConversationFactory(channel=channel, state=State.SERVING, agent=colleague),
        factories.ConversationFactory(channel=channel),
        factories.ConversationFactory(),
    )
    for conversation in (mine, theirs, waits, foreign):
        say("真不错", conversation=conversation)
    leader = factories.AgentFactory(
        groups=[group], user=factories.UserFactory(role="supervisor", scope="group")
    )
    for user, permitted in (
        (agent.user, {mine, waits}),
        (leader.user, {mine, theirs, waits}),
        (factories.UserFactory(role="inspector", scope="all"), {mine, theirs, waits, foreign}),
    ):
        client = signed_in(user=user)
        assert results(page(client)) == len(permitted)
        assert results(page(client, q="不错")) == len(permitted)
        for conversation in (mine, theirs, waits, foreign):
            answer = client.get(f"/archive/{conversation.pk}/")
            assert answer.status_code == (200 if conversation in permitted else 404)


def test_the_transcript_has_everything_in_order(say: Say) -> None:
    agent = factories.AgentFactory(name="小林")
    conversation = factories.ConversationFactory(state=State.CLOSED, agent=agent)
    factories.RatingFactory(conversation=conversation, score=4, comment="还行吧")
    add = factories.MessageFactory
    person = {"agent": {"id": str(agent.pk), "name": "小林"}, "group": {"name": "售后组"}}
    told = {"from": {"name": "小林"}, "to": {"name": "小王"}, "note": "请接手"}
    entries: list[tuple[str, str, dict[str, Any]]] = [
        ("state", "system", {"state": "queued", "reason": "start"}),
        ("message", "visitor", {"type": "text", "text": "在吗？"}),
        ("assignment", "system", person),
        ("message", "agent", {"type": "text", "text": "在的"}),
        ("note", "agent", {"type": "text", "text": "老客户"}),
        ("transfer", "agent", told),
        ("message", "visitor", {"type": "file", "attachment": str(agent.pk), "name": "图.pdf"}),
        ("state", "visitor", {"state": "closed", "reason": "closed_by_visitor"}),
        ("rating", "visitor", {"score": 4, "comment": "还行吧"}),
        ("state", "system", {"state": "of the future", "reason": "unheard"}),
        ("recall", "agent", {}),
    ]
    for kind, author, content in entries:
        add(conversation=conversation, kind=kind, author_type=author, content=content)
    html = transcript(signed_in(), conversation)
    log = html[html.index('class="log') :]
    shown = (
        "进入排队（访客发起会话）", "在吗？", "由 小林 接待（售后组）", "在的", "老客户",
        "小林 转接给 小王：请接手", "图.pdf", "会话结束（访客结束）", "访客评价 4 分：还行吧",
        "of the future（unheard）", "撤回了一条消息",
    )  # fmt: skip
    places = [log.index(text) for text in shown]
    assert places == sorted(places)
    assert [int(seq) for seq in re.findall(r'id="m(\d+)"', log)] == list(range(1, 12))


def test_what_was_recalled_or_edited_stays_readable(say: Say) -> None:
    recalled = say("说错的话", revised={"type": "recalled"})
    edited = say(
        "一份", conversation=recalled.conversation, revised={"type": "text", "text": "两份"}
    )
    content = {"type": "text", "text": "两份", "message": str(edited.pk)}
    factories.MessageFactory(conversation=edited.conversation, kind="edit", content=content)
    html = transcript(signed_in(), edited.conversation)
    for text in ("说错的话", "已撤回", "一份", "已修改", "修改了一条消息：两份"):
        assert text in html
    assert results(page(signed_in(), q="说错")) == 1


def test_opening_a_transcript_is_logged(say: Say) -> None:
    conversation = say("你好啊").conversation
    user = factories.UserFactory(role="auditor", scope="all")
    client = signed_in(user=user)
    page(client, q="你好")
    opened = LogEntry.objects.filter(action=LogEntry.Action.ACCESS)
    assert not opened.exists()
    transcript(client, conversation)
    entry = opened.get()
    assert entry.object_pk == str(conversation.pk)
    assert entry.actor == user


def test_a_long_log_comes_in_stretches() -> None:
    conversation = factories.ConversationFactory()
    for n in range(1, 561):
        factories.MessageFactory.create(
            conversation=conversation, content={"type": "text", "text": f"第{n}句"}
        )
    client = signed_in()
    html = transcript(client, conversation)
    assert "第1句" in html
    assert "第500句" in html
    assert "第501句" not in html
    later = re.search(r'href="\?at=(\d+)', html)
    assert later
    html = transcript(client, conversation, at=later.group(1))
    assert "第501句" in html
    assert "第560句" in html
    assert "第400句" not in transcript(client, conversation, at="555")
    assert "第1句" in transcript(client, conversation, at="nonsense")


@pytest.mark.parametrize("asked", [{}, {"q": "不错"}])
def test_the_number_of_queries_does_not_grow(say: Say, asked: dict[str, str]) -> None:
    client = signed_in()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            page(client, **asked)
        return len(caught)

    say("真不错")
    page(client, **asked)
    before = queries()
    for _ in range(20):
        say("真不错")
    assert queries() == before
