"""The page of a ticket, and what is done on it."""

import pytest

from conversations.models import Attachment
from tests import factories as base
from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets import service
from tickets.models import Entry, Link, Ticket, Watcher
from tickets.service import SYSTEM, By

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type, agent, customer):
    return factories.ticket(
        type, title="退款 13812345678", requester=customer, by=By.staff(agent.user)
    )


@pytest.fixture
def page(agent):
    return client_of(agent.user)


def url(ticket, more=""):
    return f"/tickets/{ticket.reference}/{more}"


def now(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def test_it_shows_the_ticket_masked_for_an_agent_and_plain_for_a_supervisor(
    ticket, page, supervisor
):
    shown = page.get(url(ticket)).content.decode()
    assert "退款 138****5678" in shown
    assert "13812345678" not in shown
    assert "13812345678" in client_of(supervisor).get(url(ticket)).content.decode()


def test_a_strangers_ticket_is_not_there(ticket, stranger):
    assert client_of(stranger.user).get(url(ticket)).status_code == 404
    assert client_of(stranger.user).post(url(ticket, "comment/"), {"text": "x"}).status_code == 404


def test_the_number_of_queries_does_not_grow(ticket, page, django_assert_max_num_queries, agent):
    page.get(url(ticket))
    for number in range(30):
        service.comment(ticket.pk, By.staff(agent.user), f"第 {number} 条")
    with django_assert_max_num_queries(30):
        page.get(url(ticket))


def test_a_transition_without_questions_is_one_click(ticket, page):
    answer = page.post(url(ticket, "move/start/"), {"revision": ticket.revision})
    assert answer.status_code == 200
    assert now(ticket).status == "open"
    assert "处理中" in answer.content.decode()


def test_what_the_workflow_has_not_is_refused(ticket, page):
    assert page.post(url(ticket, "move/fly/"), {}).status_code == 404
    answer = page.post(url(ticket, "move/reopen/"), {})
    assert (answer.status_code, answer.json()["code"]) == (409, "transition_not_allowed")


def test_the_second_of_two_who_save_sees_what_changed(ticket, page, colleague):
    seen = ticket.revision
    other = client_of(colleague.user)
    assert other.post(url(ticket, "edit/"), {"title": "换货", "revision": seen}).status_code == 200
    answer = page.post(url(ticket, "edit/"), {"title": "退货", "revision": seen})
    assert answer.status_code == 409
    told = answer.json()["fields"]
    assert told["revision"] == seen + 1
    assert told["changes"][0]["changes"]["title"]["to"] == "换货"
    assert now(ticket).title == "换货"
    again = page.post(url(ticket, "edit/"), {"title": "退货", "revision": told["revision"]})
    assert again.status_code == 200
    assert now(ticket).title == "退货"


def test_a_masked_title_sent_back_is_left_as_it_is(ticket, page):
    form = page.get(url(ticket, "edit/")).content.decode()
    assert "退款 138****5678" in form
    page.post(url(ticket, "edit/"), {"title": "退款 138****5678", "priority": "4"})
    assert now(ticket).title == "退款 13812345678"
    assert now(ticket).priority == 4


def test_comments_are_internal_unless_said_otherwise(ticket, page):
    page.post(url(ticket, "comment/"), {"text": "问过仓库"})
    page.post(url(ticket, "comment/"), {"text": "已寄出", "is_public": "yes"})
    assert list(ticket.comments.order_by("created_at").values_list("text", "is_public")) == [
        ("问过仓库", False),
        ("已寄出", True),
    ]
    assert page.post(url(ticket, "comment/"), {"text": "  "}).status_code == 400


def test_a_file_of_ones_own_goes_with_a_comment_and_anothers_does_not(ticket, page, agent):
    mine = base.AttachmentFactory(
        conversation=None, customer=None, uploaded_by_user_id=agent.user.pk
    )
    other = base.AttachmentFactory(conversation=None, customer=None)
    answer = page.post(url(ticket, "comment/"), {"text": "见附件", "files": [str(mine.pk)]})
    assert mine.name in answer.content.decode()
    refused = page.post(url(ticket, "comment/"), {"text": "偷看", "files": [str(other.pk)]})
    assert refused.status_code == 404
    assert ticket.files.count() == 1
    assert Attachment.objects.count() == 2


def test_watching_on_and_off(ticket, page, agent):
    page.post(url(ticket, "watch/"), {"on": "yes"})
    assert Watcher.objects.filter(ticket=ticket, user=agent.user).exists()
    page.post(url(ticket, "watch/"), {"on": "no"})
    assert not Watcher.objects.filter(ticket=ticket).exists()


def test_merging_by_number(ticket, type, page, customer, agent):
    other = factories.ticket(type, requester=customer, by=By.staff(agent.user))
    answer = page.post(url(ticket, "merge/"), {"target": other.reference.lower()})
    assert answer.status_code == 200
    assert now(ticket).merged_into_id == other.pk
    assert page.post(url(other, "merge/"), {"target": "abc"}).status_code == 400
    assert page.post(url(other, "merge/"), {"target": "T999"}).status_code == 404


def test_a_parent_by_number_and_no_circles(ticket, type, page, agent):
    other = factories.ticket(type, by=By.staff(agent.user))
    page.post(url(ticket, "parent/"), {"parent": other.reference})
    assert now(ticket).parent_id == other.pk
    assert page.post(url(other, "parent/"), {"parent": ticket.reference}).status_code == 400
    page.post(url(ticket, "parent/"), {"parent": ""})
    assert now(ticket).parent_id is None


def test_conversations_are_tied_and_untied(ticket, page, agent, group, stranger):
    channel = base.ChannelFactory(group=group)
    mine = base.ConversationFactory(channel=channel, state="serving", agent=agent)
    hidden = base.ConversationFactory(state="serving", agent=stranger)
    assert page.post(url(ticket, "link/"), {"conversation": str(mine.pk)}).status_code == 200
    assert page.post(url(ticket, "link/"), {"conversation": str(hidden.pk)}).status_code == 404
    assert [one.conversation_id for one in Link.objects.all()] == [mine.pk]
    assert page.post(url(ticket, f"unlink/{mine.pk}/")).status_code == 200
    assert not Link.objects.exists()


def test_auditors_read_and_change_nothing(ticket):
    auditor = client_of(base.UserFactory(role="auditor", scope="all"))
    assert auditor.get(url(ticket)).status_code == 200
    assert auditor.post(url(ticket, "comment/"), {"text": "x"}).status_code == 403
    assert auditor.post(url(ticket, "move/start/")).status_code == 403
    assert now(ticket).revision == ticket.revision


def test_a_merged_ticket_says_where_it_goes_on(ticket, type, page, customer):
    other = factories.ticket(type, requester=customer)
    service.merge(ticket.pk, other.pk, SYSTEM)
    shown = page.get(url(ticket)).content.decode()
    assert f'已合并到 <a href="/tickets/{other.reference}/">' in shown
    assert "composer" not in shown


def test_the_timeline_says_which_time_was_missed(ticket, page):
    for what, words in (("warning", "首次响应即将超时"), ("breach", "首次响应已超时")):
        Entry.objects.create(
            ticket=ticket,
            revision=1,
            kind="sla",
            actor_kind="system",
            data={"what": what, "label": "首次响应"},
        )
        assert words in page.get(url(ticket)).content.decode()
