"""The page of an agent: groups with levels, limits per kind of channel, and each refusal."""

import pytest
from django.urls import reverse

from routing.models import (
    Agent,
    ChannelCapacity,
    Membership,
    OverflowStep,
    Strategy,
    StrategyVersion,
)
from tests.admin_forms import add_row, errors_of, filled
from tests.factories import AgentFactory, SkillGroupFactory

pytestmark = pytest.mark.django_db
LIMITS = "channel_capacities"


def page(agent):
    return reverse("admin:routing_agent_change", args=[agent.pk])


def save(client, agent, data):
    return errors_of(client.post(page(agent), data))


def test_it_works(administrator):
    agent, group = AgentFactory(), SkillGroupFactory()
    data = filled(administrator, page(agent), capacity=8)
    data = add_row(data, "membership_set", skillgroup=group.pk, level=70, weight=2)
    data = add_row(data, LIMITS, channel_kind="web", capacity=3)
    assert save(administrator, agent, data) == ""
    agent.refresh_from_db()
    member = agent.membership_set.get()
    assert (agent.capacity, member.skillgroup, member.level, member.weight) == (8, group, 70, 2)
    assert agent.channel_capacities.get().capacity == 3


@pytest.mark.parametrize("capacity", ["0", "201", ""])
def test_a_senseless_capacity_is_refused(administrator, capacity):
    agent = AgentFactory()
    assert save(administrator, agent, filled(administrator, page(agent), capacity=capacity)) != ""


def test_a_limit_of_nothing_is_refused(administrator):
    agent = AgentFactory()
    data = add_row(filled(administrator, page(agent)), LIMITS, channel_kind="web", capacity=0)
    assert save(administrator, agent, data) != ""


def test_a_kind_of_channel_that_there_is_not_is_refused(administrator):
    agent = AgentFactory()
    data = add_row(filled(administrator, page(agent)), LIMITS, channel_kind="fax", capacity=1)
    assert save(administrator, agent, data) != ""


def test_one_limit_for_a_kind(administrator):
    agent = AgentFactory()
    ChannelCapacity.objects.create(agent=agent, channel_kind="web", capacity=2)
    data = add_row(filled(administrator, page(agent)), LIMITS, channel_kind="web", capacity=3)
    assert save(administrator, agent, data) != ""


def test_the_last_who_is_good_enough_stays_good_enough(administrator):
    group = SkillGroupFactory(min_level=60)
    agent = AgentFactory(groups=[group])
    Membership.objects.update(level=70)
    data = filled(administrator, page(agent), **{"membership_set-0-level": 50})
    assert "最低技能值" in save(administrator, agent, data)
    better = AgentFactory(groups=[group])
    Membership.objects.filter(agent=better).update(level=80)
    assert save(administrator, agent, data) == ""


def test_the_last_of_a_target_of_overflow_stays(administrator):
    target = SkillGroupFactory()
    agent = AgentFactory(groups=[target])
    OverflowStep.objects.create(
        group=SkillGroupFactory(name="来源"), when="waited", limit=9, then="group", target=target
    )
    data = filled(administrator, page(agent), **{"membership_set-0-DELETE": "on"})
    assert "是“来源”的溢出目标" in save(administrator, agent, data)


def test_groups_out_of_sight_are_not_given(supervisor_of):
    mine, other = SkillGroupFactory(), SkillGroupFactory()
    agent = AgentFactory(groups=[mine])
    client = supervisor_of(mine)
    data = filled(client, page(agent))
    data = add_row(data, "membership_set", skillgroup=other.pk, level=50, weight=1)
    assert save(client, agent, data) != ""
    assert list(agent.groups.all()) == [mine]


def test_agents_out_of_sight_are_not_edited(supervisor_of):
    agent = AgentFactory(groups=[SkillGroupFactory()])
    assert supervisor_of(SkillGroupFactory()).get(page(agent)).status_code == 302


def delete(client, agent):
    url = reverse("admin:routing_agent_delete", args=[agent.pk])
    return client.post(url, {"post": "yes"})


def test_an_agent_whom_nothing_needs_can_be_deleted(administrator):
    agent = AgentFactory(groups=[SkillGroupFactory()])
    assert delete(administrator, agent).status_code == 302
    assert not Agent.objects.exists()


def test_an_agent_who_is_needed_says_where(administrator):
    target = SkillGroupFactory(name="售后")
    agent = AgentFactory(groups=[target])
    OverflowStep.objects.create(
        group=SkillGroupFactory(name="售前"), when="waited", limit=9, then="group", target=target
    )
    rules = [{"then": [{"action": "designated_agent", "params": {"agent": str(agent.pk)}}]}]
    strategy = Strategy.objects.create(kind="conversation", name="会话")
    StrategyVersion.objects.create(strategy=strategy, rules=rules)
    text = delete(administrator, agent).text
    assert "“售前”的溢出目标“售后”的唯一成员" in text
    assert "策略：会话 草稿" in text
    assert Agent.objects.exists()
