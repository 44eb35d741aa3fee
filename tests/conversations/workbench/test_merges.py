"""Merging customers by hand: who may, whom they find, what they are shown, what happens."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client

from conversations.merge_preview import preview
from conversations.merging import merge
from conversations.models import Conversation, Customer
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def boss() -> Any:
    return UserFactory(role="supervisor", scope="all")


@pytest.fixture
def browser_of_boss(boss: Any) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def customer(**kwargs: Any) -> Customer:
    """One with a conversation: who has none is in nobody's sight."""
    state = kwargs.pop("state", "closed")
    made: Customer = CustomerFactory(**kwargs)
    ConversationFactory(customer=made, state=state)
    return made


@pytest.fixture
def one() -> Customer:
    return customer(name="王芳", phone="13800138000", tags=["老客户"])


@pytest.fixture
def two() -> Customer:
    return customer(name="小芳", phone="", email="fang@example.com", tags=["老客户", "礼盒"])


def url(one: Customer) -> str:
    return f"/workbench/customers/{one.pk}/merge/"


class TestFinding:
    """The search."""

    @pytest.fixture(autouse=True)
    def known(self, two: Customer) -> None:
        two.phone = "13912345678"
        two.save()
        IdentityFactory(customer=two, kind="member", value="M-1024")

    @pytest.mark.parametrize("words", ["小芳", "芳", "13912345678", "1234", "M-1024"])
    def test_by_name_phone_or_whole_member_id(
        self, words: str, browser_of_boss: Client, one: Customer, two: Customer
    ) -> None:
        body = browser_of_boss.get(url(one), {"q": words}).content.decode()
        assert f"?other={two.pk}" in body
        assert f"?other={one.pk}" not in body, "not oneself"

    def test_by_id(self, browser_of_boss: Client, one: Customer, two: Customer) -> None:
        assert str(two.pk) in browser_of_boss.get(url(one), {"q": str(two.pk)}).content.decode()

    @pytest.mark.parametrize("words", ["M-10", "nobody", "%", " ", "x" * 500])
    def test_not_by_less(self, words: str, browser_of_boss: Client, one: Customer) -> None:
        answer = browser_of_boss.get(url(one), {"q": words}, headers={"HX-Request": "true"})
        assert "merge-found" not in answer.content.decode()

    def test_the_merged_and_the_unseen_are_not_found(self, one: Customer, two: Customer) -> None:
        page = Client()
        page.force_login(UserFactory(role="supervisor", scope="group"))
        assert page.get(url(one)).status_code == 404
        boss = Client()
        boss.force_login(UserFactory(role="admin", scope="all"))
        merge(two, one)
        assert "merge-found" not in boss.get(url(one), {"q": "小芳"}).content.decode()


class TestLooking:
    """Both side by side."""

    def test_what_is_shown_is_what_will_be(self, boss: Any, one: Customer, two: Customer) -> None:
        one.fields, two.fields = {"城市": "成都"}, {"城市": "雅安", "生日": "五月"}
        one.save()
        two.save()
        shown = preview(boss, one, two)
        rows = {row.label: (row.kept or row.gone) for row in shown.rows}
        merge(two, one, by=boss)
        one.refresh_from_db()
        assert rows == {
            "姓名": one.name,
            "电话": one.phone,
            "邮箱": one.email,
            "会员等级": one.level,
            "备注": one.remark,
            **one.fields,
        }
        assert [*shown.tags, *shown.new_tags] == one.tags
        assert one.conversations.count() == shown.kept.conversations + shown.gone.conversations

    def test_fates(self, boss: Any, one: Customer, two: Customer) -> None:
        fates = {row.label: row.fate for row in preview(boss, one, two).rows}
        assert fates == {
            "姓名": "dropped",
            "电话": "",
            "邮箱": "added",
            "会员等级": "",
            "备注": "",
        }

    def test_an_open_conversation_that_will_end_is_told(
        self, boss: Any, one: Customer, two: Customer
    ) -> None:
        first = ConversationFactory(customer=one, state="queued")
        assert preview(boss, one, two).closes == []
        ConversationFactory(customer=two, state="queued", channel=first.channel)
        assert preview(boss, one, two).closes == [first.channel.name]

    def test_it_can_be_turned_round(
        self, browser_of_boss: Client, one: Customer, two: Customer
    ) -> None:
        body = browser_of_boss.get(url(one), {"other": str(two.pk)}).content.decode()
        assert body.index("王芳") < body.index("小芳")
        body = browser_of_boss.get(
            url(one), {"other": str(two.pk), "keep": "other"}
        ).content.decode()
        assert body.index(">小芳<") < body.index(">王芳<")

    def test_texts_stay_texts(self, browser_of_boss: Client, one: Customer) -> None:
        bad = customer(name=SCRIPT, remark=SCRIPT, tags=[SCRIPT, 7], fields={SCRIPT: {"a": SCRIPT}})
        IdentityFactory(customer=bad, value=SCRIPT)
        pk = str(bad.pk)
        for query in ({"q": "script"}, {"other": pk}, {"other": pk, "keep": "other"}):
            body = browser_of_boss.get(url(one), query).content.decode()
            assert SCRIPT not in body
            assert "&lt;script&gt;" in body

    @pytest.mark.parametrize("other", ["nonsense", "", "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e77"])
    def test_one_who_is_not_there(self, other: str, browser_of_boss: Client, one: Customer) -> None:
        answer = browser_of_boss.get(url(one), {"other": other})
        assert answer.status_code == (404 if len(other) == 36 else 200)


class TestMerging:
    """The confirmation."""

    def test_it_works(
        self, browser_of_boss: Client, boss: Any, one: Customer, two: Customer
    ) -> None:
        answer = browser_of_boss.post(
            url(one), {"other": two.pk, "keep": "this"}, headers={"Accept": "application/json"}
        )
        assert answer.json() == {"customer": str(one.pk)}
        two.refresh_from_db()
        assert two.merged_into == one
        assert Conversation.objects.filter(customer=one).count() == 2
        assert LogEntry.objects.filter(actor=boss, object_pk=str(two.pk)).exists()

    def test_the_other_can_be_kept(
        self, browser_of_boss: Client, one: Customer, two: Customer
    ) -> None:
        answer = browser_of_boss.post(url(one), {"other": two.pk, "keep": "other"})
        assert answer.status_code == 302
        assert str(two.pk) in answer["Location"]
        one.refresh_from_db()
        assert one.merged_into == two

    @pytest.mark.parametrize("data", [{}, {"other": "x", "keep": "this"}, {"keep": "nobody"}])
    def test_bad_input_is_said(
        self, data: dict[str, str], browser_of_boss: Client, one: Customer
    ) -> None:
        answer = browser_of_boss.post(url(one), data, headers={"Accept": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid"
        assert browser_of_boss.post(url(one), data).status_code == 400

    def test_oneself_is_refused_in_words(self, browser_of_boss: Client, one: Customer) -> None:
        answer = browser_of_boss.post(
            url(one), {"other": one.pk, "keep": "this"}, headers={"Accept": "application/json"}
        )
        assert (answer.status_code, answer.json()["detail"]) == (400, "不能与自己合并")

    @pytest.mark.parametrize("role", ["agent", "inspector", "auditor", "partner", None])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_others_may_not(
        self, method: str, role: str | None, one: Customer, two: Customer
    ) -> None:
        client = Client()
        client.force_login(UserFactory(role=role, scope="all"))
        answer = getattr(client, method)(url(one), {"other": two.pk, "keep": "this"})
        assert answer.status_code == 403
        two.refresh_from_db()
        assert two.merged_into is None


class TestDoors:
    """The ways in."""

    def test_the_panel_offers_it_to_those_who_may(
        self, browser_of_boss: Client, page: Client, serving: Any
    ) -> None:
        path = f"/workbench/c/{serving.id}/"
        assert 'data-testid="merge-open"' in browser_of_boss.get(path).content.decode()
        assert 'data-testid="merge-open"' not in page.get(path).content.decode()

    def test_admin_leads_to_it(self, browser_of_boss: Client, one: Customer) -> None:
        body = browser_of_boss.get(f"/admin/conversations/customer/{one.pk}/change/")
        assert "合并客户" in body.content.decode()
        path = f"/admin/conversations/customer/{one.pk}/merge"
        answer = browser_of_boss.get(path, follow=True)
        assert answer.redirect_chain[-1][0] == url(one)
        assert "返回客户资料" in answer.content.decode()
