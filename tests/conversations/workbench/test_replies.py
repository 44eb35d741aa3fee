"""One's own quick replies, and the table behind the slash."""

import uuid

import pytest
from django.urls import reverse

from conversations.models import QuickReply, QuickReplyCategory
from conversations.workbench.replies import MAX_OWN, table_of
from tests.factories import QuickReplyFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("workbench:replies")
SAID = {"shortcut": "hi", "title": "问候", "text": "您好，我是{agent}"}


def url_of(name, reply):
    return reverse(f"workbench:{name}", args=[reply.pk])


def mine(agent):
    rows = QuickReply.objects.filter(owner=agent.user).order_by("order", "shortcut")
    return [row.shortcut for row in rows]


def test_it_works(page, agent):
    assert "您好，我是{agent}" in page.post(PAGE, SAID).text
    row = QuickReply.objects.get()
    assert (row.owner, row.shortcut, row.text) == (agent.user, "hi", "您好，我是{agent}")


def test_a_message_is_the_beginning_of_one(page):
    assert "&lt;b&gt;已为您登记" in page.get(PAGE, {"text": "<b>已为您登记"}).text


def test_it_is_changed_and_removed(page, agent):
    page.post(PAGE, SAID)
    row = QuickReply.objects.get()
    page.post(url_of("reply", row), SAID | {"shortcut": "hello"})
    assert mine(agent) == ["hello"]
    page.post(url_of("reply-remove", row))
    assert mine(agent) == []


def test_they_are_put_in_order(page, agent):
    for name in "abc":
        page.post(PAGE, SAID | {"shortcut": name})
    last = QuickReply.objects.get(shortcut="c")
    page.post(url_of("reply-move", last), {"step": "-1"})
    assert mine(agent) == ["a", "c", "b"]
    page.post(url_of("reply-move", last), {"step": "-1"})
    page.post(url_of("reply-move", last), {"step": "-1"})
    assert mine(agent) == ["c", "a", "b"]


@pytest.mark.parametrize(
    "changes",
    [
        {"shortcut": ""},
        {"shortcut": "a b"},
        {"shortcut": "/hi"},
        {"shortcut": "长" * 25},
        {"title": ""},
        {"text": ""},
        {"text": "长" * 2001},
    ],
)
def test_nonsense_is_refused(page, changes):
    assert page.post(PAGE, SAID | changes).status_code == 400
    assert not QuickReply.objects.exists()


def test_one_shortcut_is_there_once(page, agent):
    page.post(PAGE, SAID)
    assert page.post(PAGE, SAID).status_code == 409
    page.post(PAGE, SAID | {"shortcut": "b"})
    other = QuickReply.objects.get(shortcut="b")
    assert page.post(url_of("reply", other), SAID).status_code == 409
    assert mine(agent) == ["hi", "b"]


def test_there_is_an_end_to_it(page, agent):
    QuickReply.objects.bulk_create(
        QuickReply(owner=agent.user, shortcut=f"s{n}", title="x", text="x") for n in range(MAX_OWN)
    )
    assert page.post(PAGE, SAID).status_code == 400


@pytest.mark.parametrize("name", ["reply", "reply-remove", "reply-move"])
def test_shared_ones_and_others_do_not_exist_here(page, name):
    for row in (QuickReplyFactory(), QuickReplyFactory(owner=UserFactory())):
        assert page.post(url_of(name, row), SAID | {"step": "1"}).status_code == 404
    assert page.post(reverse(f"workbench:{name}", args=[uuid.uuid4()]), SAID).status_code in (
        404,
        400,
    )
    assert QuickReply.objects.count() == 2


def test_the_table_is_ones_own_first_then_folder_by_folder(page, agent):
    late = QuickReplyCategory.objects.create(name="售后", order=2)
    early = QuickReplyCategory.objects.create(name="售前", order=1)
    QuickReplyFactory(shortcut="d")
    QuickReplyFactory(shortcut="c", category=late)
    QuickReplyFactory(shortcut="b", category=early)
    QuickReplyFactory(shortcut="a", owner=agent.user)
    QuickReplyFactory(shortcut="x", owner=UserFactory())
    found = page.get(reverse("workbench:replies-table")).json()["replies"]
    places = [(one["category"], one["shortcut"]) for one in found]
    assert places == [("我的", "a"), ("售前", "b"), ("售后", "c"), ("未分类", "d")]
    assert found == table_of(agent.user)
