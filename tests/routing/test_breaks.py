"""Breaks that need approval: asking, deciding, taking back, and each refusal."""

import pytest
from guardian.shortcuts import assign_perm

from conversations import break_notices
from conversations.models import Notice
from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from lingxi.events.models import Event
from routing import breaks, presence
from routing.models import AgentStatus, BreakRequest, BreakRequestState, StatusPeriod
from tests import factories
from tests.routing.at_once import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return factories.SkillGroupFactory()


@pytest.fixture
def lunch():
    return factories.BreakReasonFactory(name="午休", needs_approval=True)


@pytest.fixture
def agent(group):
    return factories.AgentFactory(status=AgentStatus.READY, groups=[group])


@pytest.fixture
def boss(group):
    return supervisor_of(group)


def supervisor_of(group):
    user = factories.UserFactory(role="supervisor", scope="group")
    assign_perm("routing.supervise_skillgroup", user, group)
    return user


def test_a_reason_that_needs_none_begins_at_once(agent):
    factories.BreakReasonFactory(name="喝水")
    assert presence.set_status(agent, "break", "喝水").status == AgentStatus.BREAK
    assert not BreakRequest.objects.exists()


def test_free_text_begins_at_once(agent):
    assert presence.set_status(agent, "break", "接孩子").status_reason == "接孩子"


def test_a_reason_that_needs_approval_is_asked_for_and_the_status_stays(agent, lunch):
    assert presence.set_status(agent, "break", " 午休 ").status == AgentStatus.READY
    agent.refresh_from_db()
    assert agent.status == AgentStatus.READY
    assert breaks.pending_of(agent).reason == lunch


def test_a_reason_out_of_use_is_refused(agent, lunch):
    lunch.is_active = False
    lunch.save()
    with pytest.raises(Invalid):
        presence.set_status(agent, "break", "午休")


def test_asking_twice_is_one_request(agent, lunch):
    assert breaks.ask(agent, lunch) == breaks.ask(agent, lunch)
    assert BreakRequest.objects.count() == 1


def test_asking_for_something_else_meanwhile_is_refused(agent, lunch):
    breaks.ask(agent, lunch)
    with pytest.raises(Conflict):
        breaks.ask(agent, factories.BreakReasonFactory(needs_approval=True))


def test_who_is_offline_asks_for_no_break(lunch):
    with pytest.raises(Conflict):
        presence.set_status(factories.AgentFactory(), "break", "午休")


def test_approval_begins_the_break(agent, lunch, boss):
    request = breaks.decide(breaks.ask(agent, lunch), boss, True, "去吧")
    agent.refresh_from_db()
    assert (agent.status, agent.status_reason) == (AgentStatus.BREAK, "午休")
    assert StatusPeriod.objects.get(agent=agent, ended_at=None).reason == "午休"
    assert (request.state, request.decided_by, request.note) == ("approved", boss, "去吧")
    assert request.decided_at


def test_saying_the_approved_break_again_asks_for_nothing(agent, lunch, boss):
    breaks.decide(breaks.ask(agent, lunch), boss, True)
    assert presence.set_status(agent, "break", "午休").status == AgentStatus.BREAK
    assert breaks.pending_of(agent) is None


def test_the_next_break_is_asked_for_anew(agent, lunch, boss):
    breaks.decide(breaks.ask(agent, lunch), boss, True)
    presence.set_status(agent, "ready")
    assert presence.set_status(agent, "break", "午休").status == AgentStatus.READY
    assert breaks.pending_of(agent) is not None


def test_rejection_leaves_the_agent_at_work(agent, lunch, boss):
    breaks.decide(breaks.ask(agent, lunch), boss, False, "高峰期")
    agent.refresh_from_db()
    assert agent.status == AgentStatus.READY


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_what_is_decided_stays_decided(agent, lunch, boss, first, again):
    request = breaks.ask(agent, lunch)
    breaks.decide(request, boss, first)
    with pytest.raises(Conflict):
        breaks.decide(request, boss, again)


def test_supervisors_of_other_groups_do_not_decide(agent, lunch):
    request = breaks.ask(agent, lunch)
    with pytest.raises(NotFound):
        breaks.decide(request, supervisor_of(factories.SkillGroupFactory()), True)


def test_colleagues_do_not_decide(agent, group, lunch):
    colleague = factories.AgentFactory(groups=[group])
    with pytest.raises(Forbidden):
        breaks.decide(breaks.ask(agent, lunch), colleague.user, True)


def test_nobody_decides_about_themselves(group, lunch):
    boss = supervisor_of(group)
    agent = factories.AgentFactory(user=boss, status="ready", groups=[group])
    with pytest.raises(Forbidden):
        breaks.decide(breaks.ask(agent, lunch), boss, True)


def test_who_has_gone_offline_is_not_sent_on_a_break(boss, group):
    agent = factories.AgentFactory(status="offline", groups=[group])
    request = factories.BreakRequestFactory(agent=agent)
    with pytest.raises(Conflict):
        breaks.decide(request, boss, True)
    assert breaks.decide(request, boss, False).state == "rejected"


def test_going_offline_takes_the_request_back(agent, lunch, boss):
    request = breaks.ask(agent, lunch)
    presence.set_status(agent, "offline")
    request.refresh_from_db()
    assert request.state == BreakRequestState.WITHDRAWN
    with pytest.raises(Conflict):
        breaks.decide(request, boss, True)


def test_taking_back_makes_room_for_another(agent, lunch):
    request = breaks.ask(agent, lunch)
    assert breaks.withdraw(request).state == BreakRequestState.WITHDRAWN
    with pytest.raises(Conflict):
        breaks.withdraw(request)
    assert breaks.ask(agent, lunch) != request


def test_supervisors_hear_of_a_request_and_the_agent_of_the_decision(agent, lunch, boss):
    stranger = supervisor_of(factories.SkillGroupFactory())
    request = breaks.ask(agent, lunch)
    break_notices.tell(list(Event.objects.filter(type="agent.break_requested")))
    assert "午休" in Notice.objects.get(user=boss).text
    assert not Notice.objects.filter(user__in=[stranger, agent.user]).exists()
    breaks.decide(request, boss, False, "高峰期")
    break_notices.tell(list(Event.objects.filter(type="agent.break_decided")))
    assert "高峰期" in Notice.objects.get(user=agent.user).text


@pytest.mark.django_db(transaction=True)
def test_of_two_supervisors_at_once_one_decides(agent, lunch, group):
    request = breaks.ask(agent, lunch)
    bosses = [supervisor_of(group), supervisor_of(group)]

    answers = at_once(lambda boss: breaks.decide(request, boss, True).state, bosses)
    assert "approved" in answers
    assert any(isinstance(answer, Conflict) for answer in answers)
