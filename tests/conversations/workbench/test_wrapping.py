"""The wrap-up form below an ended conversation."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations import service
from conversations.models import ServiceSettings, WrapUp, WrapUpCategory
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(agent, channel):
    return ConversationFactory(state="closed", agent=agent, channel=channel)


@pytest.fixture
def refund():
    return WrapUpCategory.objects.create(
        name="退款", parent=WrapUpCategory.objects.create(name="售后")
    )


def url_of(conversation, name="wrap-up"):
    return reverse(f"workbench:{name}", args=[conversation.id])


@pytest.fixture
def required(group):
    since = timezone.now() - dt.timedelta(hours=1)
    row = ServiceSettings.objects.create(group=group, wrap_up_required=True)
    ServiceSettings.objects.filter(pk=row.pk).update(wrap_up_since=since)
    service.forget()


def test_the_form_stands_below_the_ended_conversation(page, ended, refund):
    shown = page.get(url_of(ended, "conversation")).text
    assert 'data-testid="wrap-up"' in shown
    assert "售后 / 退款" in shown
    assert 'data-testid="wrap-up-skip"' in shown


def test_an_open_conversation_has_none(page, serving):
    assert 'data-testid="wrap-up"' not in page.get(url_of(serving, "conversation")).text
    assert page.post(url_of(serving), {}).status_code == 409


def test_it_is_saved_shown_and_changed(page, ended, refund):
    said = {"category": "售后/退款", "resolved": "yes", "note": "<i>好</i>"}
    answer = page.post(url_of(ended), said).text
    assert "售后 / 退款" in answer
    assert "&lt;i&gt;好" in answer
    row = WrapUp.objects.get()
    assert (row.category, row.resolved) == (refund, True)
    form = page.get(url_of(ended) + "?edit").text
    assert 'value="售后 / 退款"' in form
    page.post(url_of(ended), {"category": "", "resolved": "no", "note": ""})
    row.refresh_from_db()
    assert (row.category, row.resolved, row.note) == (None, False, "")


@pytest.mark.parametrize("said", [{"category": "没有这个"}, {"resolved": "maybe"}])
def test_nonsense_is_refused(page, ended, refund, said):
    assert page.post(url_of(ended), said).status_code == 400
    assert not WrapUp.objects.exists()


def test_the_required_ones_are_counted_and_listed_until_done(page, ended, refund, required):
    desk = reverse("workbench:desk")
    assert 'data-testid="todo-unwrapped"' in page.get(desk).text
    assert str(ended.id) in page.get(reverse("workbench:unwrapped")).text
    assert 'data-testid="wrap-up-skip"' not in page.get(url_of(ended)).text
    assert page.post(url_of(ended), {"category": ""}).status_code == 400
    page.post(url_of(ended), {"category": "售后"})
    assert 'data-testid="todo-unwrapped"' not in page.get(desk).text
    assert str(ended.id) not in page.get(reverse("workbench:unwrapped")).text


def test_a_number_in_the_note_is_masked_and_stays_whole(page, ended):
    page.post(url_of(ended), {"note": "回电 13812345678"})
    assert "138****5678" in page.get(url_of(ended)).text
    page.post(url_of(ended), {"note": "已回"})
    assert WrapUp.objects.get().note == "回电 13812345678\n已回"


def test_the_archive_shows_it(page, ended, refund):
    page.post(url_of(ended), {"category": "售后 / 退款", "resolved": "yes", "note": "好"})
    shown = page.get(f"/archive/{ended.id}/").text
    assert "售后 / 退款 · 已解决：好" in shown


def test_a_strangers_conversation_does_not_exist(page):
    other = ConversationFactory(state="closed")
    assert page.get(url_of(other)).status_code == 404
    assert page.post(url_of(other), {}).status_code == 404
