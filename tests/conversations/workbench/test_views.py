"""The pages and fragments: who sees what, and that nothing in a text becomes markup."""

from typing import Any

import pytest
from django.test import Client

from conversations.models import Participant
from routing.models import Agent
from tests.factories import (
    AgentFactory,
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    MessageFactory,
    PageViewFactory,
    QuickReplyFactory,
    UserFactory,
    WorkItemFactory,
)

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_has_what_a_person_and_a_test_look_for(page: Client, serving: Any) -> None:
    MessageFactory(conversation=serving, content={"type": "text", "text": "什么时候发货？"})
    body = page.get(f"/workbench/?c={serving.id}").content.decode()
    for name in (
        "status-switch capacity tab-mine tab-queue tab-ended conversation-row unread chat-log "
        "message composer send note-toggle quick-replies transfer-open end customer-panel "
        "typing-preview connection"
    ).split():
        assert f'data-testid="{name}"' in body, name
    assert f'data-conversation="{serving.id}"' in body
    assert "什么时候发货？" in body


def test_nothing_on_the_page_is_inline_code(page: Client, serving: Any) -> None:
    body = page.get(f"/workbench/?c={serving.id}").content.decode()
    assert "<style" not in body
    assert " style=" not in body
    assert " onclick=" not in body
    scripts = body.split("<script")[1:]
    assert all(" src=" in one or 'type="application/json"' in one for one in scripts)


def test_strangers_go_to_log_in(client: Client) -> None:
    answer = client.get("/workbench/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("role", ["auditor", "inspector", "partner", None])
def test_roles_that_do_not_serve_are_refused(role: str | None) -> None:
    answer = client_of(UserFactory(role=role, scope="all")).get("/workbench/")
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["", "head/", "history/", "transcript/", "targets/"])
def test_a_conversation_of_others_is_not_there(path: str, page: Client) -> None:
    foreign = ConversationFactory(state="serving")
    MessageFactory(conversation=foreign, content={"type": "text", "text": "秘密"})
    answer = page.get(f"/workbench/c/{foreign.id}/{path}")
    assert "秘密" not in answer.content.decode()
    if path:
        assert answer.status_code == 404
    else:
        assert "无权查看" in answer.content.decode()


def test_a_nonsense_address_shows_the_lists(page: Client) -> None:
    assert page.get("/workbench/?c=nonsense&tab=nonsense").status_code == 200


def test_texts_of_visitors_stay_texts(page: Client, agent: Agent, channel: Any) -> None:
    customer = CustomerFactory(
        name=SCRIPT, tags=[SCRIPT, 7, None], remark=SCRIPT, level="<b>", email=SCRIPT
    )
    IdentityFactory(customer=customer, value=SCRIPT)
    PageViewFactory(customer=customer, url="javascript:alert(1)", title=SCRIPT)
    context = {"entry_page": "javascript:alert(1)", "utm": {SCRIPT: SCRIPT}, "device": [SCRIPT]}
    conversation = ConversationFactory(
        state="serving",
        agent=agent,
        channel=channel,
        customer=customer,
        context=context,
        fields={SCRIPT: {"a": SCRIPT}},
        last_text=SCRIPT,
    )
    MessageFactory(conversation=conversation, content={"type": "text", "text": SCRIPT})
    QuickReplyFactory(text="</script>" + SCRIPT)
    body = page.get(f"/workbench/?c={conversation.id}").content.decode()
    assert SCRIPT not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert 'href="javascript:' not in body


@pytest.mark.parametrize("context", [[], "x", {"utm": "x"}, {"utm": []}, {"device": {"a": [1]}}])
def test_any_context_a_client_sends_can_be_shown(
    context: Any, page: Client, agent: Agent, channel: Any
) -> None:
    one = ConversationFactory(
        state="serving", agent=agent, channel=channel, context=context, fields=[]
    )
    assert page.get(f"/workbench/c/{one.id}/").status_code == 200


class TestMasking:
    """Phone numbers, wherever they stand."""

    NUMBER = "13812345678"

    @pytest.fixture
    def conversation(self, agent: Agent, channel: Any) -> Any:
        customer = CustomerFactory(
            name=f"王{self.NUMBER}", phone=self.NUMBER, remark=self.NUMBER, tags=[self.NUMBER]
        )
        IdentityFactory(customer=customer, kind="phone", value=self.NUMBER)
        PageViewFactory(customer=customer, url=f"https://a.cn/?p={self.NUMBER}", title=self.NUMBER)
        earlier = ConversationFactory(
            state="closed", agent=agent, channel=channel, customer=customer, last_text=self.NUMBER
        )
        MessageFactory(conversation=earlier, content={"type": "text", "text": self.NUMBER})
        conversation = ConversationFactory(
            state="serving",
            agent=agent,
            channel=channel,
            customer=customer,
            context={"entry_page": f"https://a.cn/{self.NUMBER}"},
            fields={"手机": int(self.NUMBER)},
        )
        MessageFactory(conversation=conversation, content={"type": "text", "text": self.NUMBER})
        return conversation

    def paths(self, conversation: Any) -> list[str]:
        earlier = type(conversation).objects.get(state="closed").id
        return [
            f"/workbench/?c={conversation.id}&tab=ended",
            f"/workbench/c/{earlier}/history/",
            f"/workbench/c/{earlier}/transcript/",
            "/workbench/find/?q=王",
        ]

    def test_agents_see_them_masked_everywhere(self, page: Client, conversation: Any) -> None:
        for path in self.paths(conversation):
            body = page.get(path).content.decode()
            assert self.NUMBER not in body, path
            assert "138****5678" in body, path

    def test_supervisors_see_them_plain(self, conversation: Any) -> None:
        page = client_of(UserFactory(role="supervisor", scope="all"))
        body = page.get(f"/workbench/?c={conversation.id}").content.decode()
        assert self.NUMBER in body
        assert 'data-testid="reveal"' not in body


class TestTranscript:
    """The middle column."""

    def test_only_the_last_page_is_sent_and_the_rest_on_request(
        self, page: Client, serving: Any
    ) -> None:
        for number in range(60):
            MessageFactory(
                conversation=serving, content={"type": "text", "text": f"第{number}句。"}
            )
        body = page.get(f"/workbench/c/{serving.id}/").content.decode()
        assert "第10句。" in body
        assert "第9句。" not in body
        assert "?before=11" in body
        body = page.get(f"/workbench/c/{serving.id}/history/?before=11").content.decode()
        assert "第0句。" in body
        assert "第9句。" in body
        assert "第10句。" not in body

    @pytest.mark.parametrize("before", ["0", "1", "99999999", "-1", "x", "９", "9" * 30])
    def test_any_place_may_be_asked_for(self, before: str, page: Client, serving: Any) -> None:
        MessageFactory(conversation=serving)
        answer = page.get(f"/workbench/c/{serving.id}/history/?before={before}")
        assert answer.status_code == 200

    def test_reading_on_upwards_leads_to_the_conversation_before(
        self, page: Client, agent: Agent, serving: Any
    ) -> None:
        earlier = ConversationFactory(
            state="closed",
            agent=agent,
            channel=serving.channel,
            customer=serving.customer,
            created_at=serving.created_at.replace(year=2020),
        )
        body = page.get(f"/workbench/c/{serving.id}/").content.decode()
        assert f"/workbench/c/{earlier.id}/history/" in body
        assert "早先的会话" in page.get(f"/workbench/c/{earlier.id}/history/").content.decode()

    def test_what_the_visitor_read_is_marked(self, page: Client, serving: Any) -> None:
        MessageFactory.create_batch(3, conversation=serving, author_type="agent")
        people = Participant.objects.filter(conversation=serving, agent=None)
        people.update(received_seq=2, read_seq=1)
        body = page.get(f"/workbench/c/{serving.id}/").content.decode()
        found = [body.count(f'data-status="{one}"') for one in ("read", "delivered", "queued")]
        assert found == [1, 1, 1]

    def test_events_are_lines(self, page: Client, agent: Agent, serving: Any) -> None:
        to = {"agent": "x", "name": "王芳"}
        entries = [
            ("assignment", {"agent": {"name": "李雯"}, "group": {"name": "售前"}}),
            ("state", {"state": "serving", "reason": "assigned"}),
            ("transfer", {"from": {"name": "李雯"}, "to": to, "note": "老客户"}),
            ("state", {"state": "closed", "reason": "closed_by_visitor"}),
            ("rating", {"score": 4, "resolved": True, "comment": "不错"}),
        ]
        for kind, content in entries:
            MessageFactory(conversation=serving, kind=kind, author_type="system", content=content)
        body = page.get(f"/workbench/c/{serving.id}/").content.decode()
        assert "李雯 接入会话（售前）" in body
        assert "李雯 将会话转给 王芳，附言：老客户" in body
        assert "访客结束了会话" in body
        assert "★★★★☆ 4 分 · 已解决 · “不错”" in body
        assert 'data-seq="5"' in body  # the last entry, which the client goes on from

    def test_a_long_message_is_folded(self, page: Client, serving: Any) -> None:
        MessageFactory(conversation=serving, content={"type": "text", "text": "长" * 10_000})
        assert "展开全文" in page.get(f"/workbench/c/{serving.id}/").content.decode()


def test_head_says_where_the_log_ends(page: Client, serving: Any) -> None:
    MessageFactory.create_batch(2, conversation=serving)
    answer = page.get(f"/workbench/c/{serving.id}/head/")
    assert answer.json() == {"seq": 2, "epoch": 1, "state": "serving"}


def test_the_transfer_dialog_offers_those_who_can_take_it_first(
    page: Client, serving: Any, group: Any
) -> None:
    AgentFactory(name="甲离线", groups=[group])
    AgentFactory(name="乙空闲", groups=[group], ready=True)
    full = AgentFactory(name="丙已满", groups=[group], ready=True, capacity=1)
    WorkItemFactory(group=group, agent=full, state="assigned")
    body = page.get(f"/workbench/c/{serving.id}/targets/").content.decode()
    assert body.index("乙空闲") < body.index("丙已满") < body.index("甲离线")
    assert "李雯" not in body
    assert "1 人可接" in body
    assert body.count("disabled") == 2
