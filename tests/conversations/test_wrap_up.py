"""Wrap-ups: who writes them, until when, about what, and which are missing."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import service, wrap_up
from conversations.models import ServiceSettings, WrapUp, WrapUpCategory
from lingxi.errors import Forbidden, Invalid, NotFound, TooLong, TransitionNotAllowed
from lingxi.events.models import Event
from tests.factories import (
    AgentFactory,
    ConversationFactory,
    ParticipantFactory,
    SkillGroupFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return AgentFactory(groups=[SkillGroupFactory()])


@pytest.fixture
def ended(agent):
    return ConversationFactory(state="closed", agent=agent)


@pytest.fixture
def refund():
    return WrapUpCategory.objects.create(
        name="退款", parent=WrapUpCategory.objects.create(name="售后")
    )


def required(conversation, **changes):
    row = ServiceSettings.objects.create(group=conversation.group, wrap_up_required=True)
    ServiceSettings.objects.filter(pk=row.pk).update(**changes)
    service.forget()
    return row


def test_it_works(ended, agent, refund):
    row = wrap_up.write(ended.id, agent.user, refund.id, True, " 已登记 ")
    assert (row.category, row.resolved, row.note, row.agent) == (refund, True, "已登记", agent)
    event = Event.objects.get(type="conversation.wrapped_up")
    assert event.payload == {"category": "售后 / 退款", "resolved": True, "note": "已登记"}


def test_an_empty_one_is_enough_where_none_is_required(ended, agent):
    row = wrap_up.write(ended.id, agent.user)
    assert (row.category, row.resolved, row.note) == (None, None, "")


def test_writing_again_changes_it(ended, agent, refund):
    wrap_up.write(ended.id, agent.user, refund.id, False)
    wrap_up.write(ended.id, agent.user, None, True, "后来好了")
    row = WrapUp.objects.get()
    assert (row.category, row.resolved, row.note) == (None, True, "后来好了")


@pytest.mark.parametrize(
    ("late", "allowed"), [(dt.timedelta(0), True), (dt.timedelta(microseconds=1), False)]
)
def test_it_can_be_changed_for_a_day_to_the_moment(ended, agent, late, allowed, monkeypatch):
    written = wrap_up.write(ended.id, agent.user).created_at
    now = written + dt.timedelta(hours=24) + late
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    if allowed:
        assert wrap_up.write(ended.id, agent.user, note="改").note == "改"
    else:
        with pytest.raises(Forbidden):
            wrap_up.write(ended.id, agent.user, note="改")


def test_before_the_end_there_is_none(agent):
    conversation = ConversationFactory(state="serving", agent=agent)
    with pytest.raises(TransitionNotAllowed):
        wrap_up.write(conversation.id, agent.user)


def test_only_the_last_agent_writes_it(ended, agent):
    earlier = ParticipantFactory(conversation=ended).agent
    with pytest.raises(Forbidden):
        wrap_up.write(ended.id, earlier.user)
    with pytest.raises(Forbidden):
        wrap_up.write(ended.id, UserFactory(role="supervisor", scope="all"))
    with pytest.raises(NotFound):
        wrap_up.write(ended.id, AgentFactory().user)
    with pytest.raises(Forbidden):
        wrap_up.write(ended.id, UserFactory(role="auditor", scope="all"))
    assert not WrapUp.objects.exists()


def test_too_long_a_note_is_refused(ended, agent):
    with pytest.raises(TooLong):
        wrap_up.write(ended.id, agent.user, note="长" * 2001)


def test_categories_of_other_groups_and_retired_ones_are_no_choice(ended, agent, refund):
    other = WrapUpCategory.objects.create(name="物流", group=SkillGroupFactory())
    old = WrapUpCategory.objects.create(name="旧", is_active=False)
    below = WrapUpCategory.objects.create(name="旧的下级", parent=old)
    own = WrapUpCategory.objects.create(name="发票", group=ended.group, order=9)
    paths = [one.path for one in wrap_up.categories_for(ended.group_id)]
    assert paths == ["售后", "售后 / 退款", "发票"]
    for wrong in (other, old, below):
        with pytest.raises(Invalid):
            wrap_up.write(ended.id, agent.user, wrong.id)
    assert wrap_up.write(ended.id, agent.user, own.id).category == own


def test_a_category_that_was_retired_since_may_stay(ended, agent, refund):
    wrap_up.write(ended.id, agent.user, refund.id)
    WrapUpCategory.objects.update(is_active=False)
    assert wrap_up.write(ended.id, agent.user, refund.id, True).category == refund


def test_where_it_is_required_it_needs_a_category_if_there_are_any(ended, agent):
    required(ended, wrap_up_since=ended.closed_at)
    wrap_up.write(ended.id, agent.user)
    WrapUpCategory.objects.create(name="售后")
    with pytest.raises(Invalid):
        wrap_up.write(ended.id, agent.user)


def test_what_is_missing_stays_on_the_list_until_it_is_there(ended, agent):
    assert not wrap_up.missing_of(agent).exists()
    required(ended, wrap_up_since=ended.closed_at)
    ConversationFactory(state="serving", agent=agent, channel=ended.channel)
    ConversationFactory(state="closed", channel=ended.channel)  # somebody else's
    assert list(wrap_up.missing_of(agent)) == [ended]
    wrap_up.write(ended.id, agent.user)
    assert not wrap_up.missing_of(agent).exists()


def test_what_ended_before_it_was_required_is_not_missing(ended, agent):
    required(ended)
    assert not wrap_up.missing_of(agent).exists()
    assert not wrap_up.is_required(ended)


def test_switching_it_off_and_on_begins_anew(ended):
    row = required(ended, wrap_up_since=timezone.now() - dt.timedelta(days=9))
    row.refresh_from_db()
    row.wrap_up_required = False
    row.save()
    assert row.wrap_up_since is None
    row.wrap_up_required = True
    row.save()
    assert timezone.now() - row.wrap_up_since < dt.timedelta(minutes=1)
