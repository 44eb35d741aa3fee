"""Tickets and the work items of routing: whoever holds a ticket holds its item, and nobody else."""

import pytest
from django.db import transaction

from conversations.models import Notice
from lingxi.errors import Conflict, Invalid
from routing import explain, presence
from routing.models import AgentStatus, ChannelCapacity, WorkItem
from routing.strategy import versions
from routing.tasks import assign_group
from tests import factories
from tests.routing.at_once import at_once
from tests.routing.strategy.made import act, cond, rule, to
from tests.tickets.factories import IssueTypeFactory, TicketTypeFactory, ticket
from tickets import service
from tickets.models import Priority, Source, Ticket
from tickets.service import SYSTEM, By, NewTicket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    return factories.SkillGroupFactory(name="售后")


@pytest.fixture
def kind(group):
    return TicketTypeFactory(group=group)


@pytest.fixture
def leader():
    return factories.UserFactory(role="supervisor", scope="all")


def open_items(one):
    rows = WorkItem.objects.open().filter(kind="ticket", item_id=one.pk)
    return [(item.state, item.agent, item.group) for item in rows]


def agree(one):
    """The ticket as it is when the worker had its turn; its open item says the same."""
    one.refresh_from_db()
    assign_group(str(one.group_id))
    one.refresh_from_db()
    items = open_items(one)
    if not one.is_active:
        assert items == []
    else:
        state = "assigned" if one.assignee else "waiting"
        assert items == [(state, one.assignee, one.group)]
    return one


def published(*rules):
    strategy, by = versions.strategy_of("ticket"), factories.UserFactory(role="admin")
    draft = versions.save_draft(strategy, list(rules), by, 0)
    return versions.publish(strategy, by, draft.revision)


# -- where a new ticket goes -----------------------------------------------------------------------


def test_without_rules_it_waits_in_the_group_of_its_type(kind, group):
    one = agree(ticket(kind))
    assert (one.group, one.assignee) == (group, None)


def test_the_issue_type_says_which_group(kind):
    finance = factories.SkillGroupFactory(name="财务")
    money = IssueTypeFactory(name="发票/报销", group=finance)
    assert agree(ticket(kind, issue_type=money)).group == finance
    below = IssueTypeFactory(name="抬头", parent=money)
    assert agree(ticket(kind, issue_type=below)).group == finance  # inherited
    own = IssueTypeFactory(name="专票", parent=money, group=factories.SkillGroupFactory())
    assert agree(ticket(kind, issue_type=own)).group == own.group


def test_a_rule_places_it_and_says_why(kind, group):
    vip = factories.SkillGroupFactory(name="大客户")
    factories.AgentFactory(groups=[vip])
    gold = cond("customer_level", "is", "gold")
    published(
        rule(
            to(vip), act("tag", tag="大额"), act("priority", by=2),
            when=[cond("ticket_field", ">=", "1000", "amount"), gold],
        ),
    )  # fmt: skip
    customer = factories.CustomerFactory(level="gold")
    new = NewTicket(
        type=kind, title="退款", source=Source.API, requester=customer, fields={"amount": 1500},
        raw_fields=False,
    )  # fmt: skip
    one = agree(service.create(new, SYSTEM)[0])
    assert (one.group, one.tags) == (vip, ["大额"])
    item = WorkItem.objects.get(item_id=one.pk)
    assert item.priority == 2
    told = explain.explain("ticket", one.pk)
    assert told.decision["matched"][0]["facts"][0] == {
        "label": "工单字段「amount」",
        "value": "1500",
    }
    other = agree(ticket(kind, requester=customer))
    assert other.group == group


def test_facts_of_the_conversation_and_the_last_agent(kind, group):
    before = factories.AgentFactory(groups=[group], ready=True)
    conversation = factories.ConversationFactory(state="closed", agent=before)
    others = factories.SkillGroupFactory()
    factories.AgentFactory(groups=[others])
    published(
        rule(to(others), when=cond("channel", "is_not", conversation.channel.key)),
        rule(act("last_agent", days=30, seconds=60)),
    )
    one = agree(ticket(kind, conversation=conversation, requester=conversation.customer))
    assert (one.assignee, one.group) == (before, group)


def test_who_makes_it_may_say_to_whom(kind, group):
    agent, other = factories.AgentFactory(groups=[group]), factories.SkillGroupFactory()
    assert agree(ticket(kind, assignee=agent)).assignee == agent  # though nobody is connected
    assert agree(ticket(kind, group=other)).group == other
    with pytest.raises(Invalid, match="不是"):
        ticket(kind, group=other, assignee=agent)


def test_a_ready_agent_is_given_it_and_told(kind, group):
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=1)
    factories.WorkItemFactory(agent=agent, state="assigned")  # full of conversations
    one = agree(ticket(kind))
    assert one.assignee == agent
    assert Notice.objects.get(user=agent.user).text == f"工单 {one.reference} 已分配给你"
    assert one.entries.filter(kind="assigned").get().actor_kind == "system"


def test_tickets_beyond_their_capacity_wait_and_come_when_one_is_done(kind, group):
    agent = factories.AgentFactory(groups=[group], ready=True)
    ChannelCapacity.objects.create(agent=agent, channel_kind="ticket", capacity=2)
    made = [ticket(kind) for _ in range(3)]
    assert [agree(one).assignee for one in made] == [agent, agent, None]
    service.move(made[0].pk, "resolve", SYSTEM)
    assert [agree(one).assignee for one in made] == [agent, agent, agent]


def test_the_more_urgent_comes_first(kind, group):
    low, high = ticket(kind, priority=Priority.LOW), ticket(kind, priority=Priority.URGENT)
    plain = ticket(kind)
    service.edit(plain.pk, SYSTEM, {"priority": Priority.HIGH})
    agent = factories.AgentFactory(groups=[group], present=True)
    ChannelCapacity.objects.create(agent=agent, channel_kind="ticket", capacity=2)
    presence.set_status(agent, AgentStatus.READY)
    assert [agree(one).assignee for one in (high, plain, low)] == [agent, agent, None]


# -- by hand ---------------------------------------------------------------------------------------


def test_giving_it_to_somebody_who_is_away(kind, group, leader):
    agent, one = factories.AgentFactory(groups=[group]), ticket(kind)
    service.assign(one.pk, By.staff(leader), agent=agent, note="请跟进")
    assert agree(one).assignee == agent
    assert one.entries.filter(kind="assigned").get().data["note"] == "请跟进"
    assert Notice.objects.filter(user=agent.user).count() == 1


def test_handing_on_and_back_to_the_queue(kind, group, leader):
    first, second = (factories.AgentFactory(groups=[group]) for _ in range(2))
    one = ticket(kind, assignee=first)
    service.assign(one.pk, By.staff(leader), agent=second)
    assert agree(one).assignee == second
    other = factories.SkillGroupFactory()
    service.assign(one.pk, By.staff(leader), group=other)
    assert (agree(one).assignee, one.group) == (None, other)
    ended = WorkItem.objects.filter(item_id=one.pk, state="done").values_list(
        "left_reason", flat=True
    )
    assert set(ended) == {"reassigned"}


def test_the_group_of_an_agent_goes_with_them(kind, leader):
    other = factories.SkillGroupFactory()
    agent, one = factories.AgentFactory(groups=[other]), ticket(kind)
    service.assign(one.pk, By.staff(leader), agent=agent)
    assert (agree(one).assignee, one.group) == (agent, other)


def test_who_gives_it_back_is_not_given_it_again_at_once(kind, group, leader):
    one = ticket(kind)
    tired = factories.AgentFactory(groups=[group], ready=True)
    service.assign(one.pk, By.staff(leader), agent=tired)
    service.assign(one.pk, By.staff(leader), group=group)
    assert agree(one).assignee is None


def test_asking_for_the_queue_it_waits_in_keeps_its_place(kind, group, leader):
    one = ticket(kind)
    item = WorkItem.objects.get(item_id=one.pk)
    service.assign(one.pk, By.staff(leader), group=group)
    assert WorkItem.objects.get(item_id=one.pk) == item


def test_a_closed_account_is_given_nothing(kind, group, leader):
    gone, one = factories.AgentFactory(groups=[group], user__is_active=False), ticket(kind)
    with pytest.raises(Invalid, match="已停用"):
        service.assign(one.pk, By.staff(leader), agent=gone)
    assert agree(one).assignee is None


# -- its end and its return ------------------------------------------------------------------------


def test_resolved_it_leaves_and_reopened_it_returns_to_the_same_agent(kind, group):
    agent = factories.AgentFactory(groups=[group])
    one = ticket(kind, assignee=agent)
    service.move(one.pk, "resolve", SYSTEM)
    assert agree(one).assignee == agent  # who did it is still told
    service.move(one.pk, "reopen", SYSTEM)
    assert agree(one).assignee == agent
    assert explain.explain("ticket", one.pk).history[-1]["how"] == "回到上次的坐席"


@pytest.mark.parametrize("gone", ["left the group", "closed account"])
def test_reopened_it_waits_when_its_agent_is_gone(kind, group, gone):
    agent = factories.AgentFactory(groups=[group])
    one = ticket(kind, assignee=agent)
    service.move(one.pk, "resolve", SYSTEM)
    if gone == "closed account":
        agent.user.is_active = False
        agent.user.save()
    else:
        agent.groups.clear()
    service.move(one.pk, "reopen", SYSTEM)
    assert agree(one).assignee is None


def test_given_to_somebody_else_after_it_was_resolved_it_takes_no_room(kind, group, leader):
    first, second = (factories.AgentFactory(groups=[group]) for _ in range(2))
    one = ticket(kind, assignee=first)
    service.move(one.pk, "resolve", SYSTEM)
    service.assign(one.pk, By.staff(leader), agent=second)
    assert agree(one).assignee == second
    service.move(one.pk, "reopen", SYSTEM)
    assert agree(one).assignee == second


def test_merged_it_leaves(kind, group):
    one, other = ticket(kind), ticket(kind)
    service.merge(one.pk, other.pk, SYSTEM)
    assert open_items(one) == []
    assert len(open_items(other)) == 1


def test_another_issue_type_is_decided_on_again_without_losing_the_place(kind):
    finance = factories.SkillGroupFactory(name="财务")
    one = ticket(kind)
    before = WorkItem.objects.get(item_id=one.pk)
    service.edit(one.pk, SYSTEM, {"issue_type": IssueTypeFactory(group=finance)})
    assert agree(one).group == finance
    item = WorkItem.objects.open().get(item_id=one.pk)
    assert item.enqueued_at == before.enqueued_at
    before.refresh_from_db()
    assert before.left_reason == "decided_again"


def test_whoever_works_on_it_keeps_it_whatever_it_is_about(kind, group):
    agent = factories.AgentFactory(groups=[group])
    one = ticket(kind, assignee=agent)
    issue = IssueTypeFactory(group=factories.SkillGroupFactory())
    service.edit(one.pk, SYSTEM, {"issue_type": issue})
    assert (agree(one).assignee, one.group) == (agent, group)


# -- at the same moment ----------------------------------------------------------------------------


def test_of_two_who_claim_at_once_one_wins(kind, group):
    agents = [factories.AgentFactory(groups=[group]) for _ in range(4)]
    one = ticket(kind)
    said = at_once(lambda agent: service.claim(one.pk, By.staff(agent.user), agent), agents)
    won = [agent for agent, answer in zip(agents, said, strict=True) if isinstance(answer, Ticket)]
    assert len(won) == 1
    assert all(isinstance(answer, Ticket | Conflict) for answer in said)
    assert agree(one).assignee == won[0]


def test_a_claim_of_what_is_done_or_taken_is_refused(kind, group):
    first, one = factories.AgentFactory(groups=[group]), ticket(kind)
    service.claim(one.pk, By.staff(first.user), first)
    assert service.claim(one.pk, By.staff(first.user), first).assignee == first
    boss = factories.AgentFactory(groups=[group], user__role="supervisor", user__scope="all")
    with pytest.raises(Conflict, match="已由"):
        service.claim(one.pk, By.staff(boss.user), boss)
    service.move(one.pk, "resolve", SYSTEM)
    with pytest.raises(Conflict):
        service.claim(one.pk, By.staff(boss.user), boss)


def test_assigning_while_it_is_resolved_leaves_nothing_behind(kind, group, leader):
    for _ in range(5):
        one = ticket(kind)
        agents = [factories.AgentFactory(groups=[group]) for _ in range(2)]
        work = [
            lambda one=one: service.move(one.pk, "resolve", SYSTEM),
            *(
                lambda one=one, agent=agent: service.assign(one.pk, By.staff(leader), agent=agent)
                for agent in agents
            ),
        ]
        said = at_once(lambda do: do(), work)
        assert all(isinstance(answer, Ticket) for answer in said)
        assert agree(one).category == "resolved"


def test_the_machine_and_a_person_do_not_both_give_it(kind, group, leader):
    waiting = [ticket(kind) for _ in range(6)]
    ready = factories.AgentFactory(groups=[group], status=AgentStatus.BUSY, present=True)
    other = factories.AgentFactory(groups=[group])
    work = [
        lambda: presence.set_status(ready, AgentStatus.READY),
        *(lambda one=one: service.assign(one.pk, By.staff(leader), agent=other) for one in waiting),
    ]
    said = at_once(lambda do: do(), work)
    assert not [answer for answer in said if isinstance(answer, Exception)]
    for one in waiting:
        assert agree(one).assignee in {ready, other}


def test_a_change_that_fails_leaves_the_item_as_it_was(kind, group, leader):
    agent, one = factories.AgentFactory(groups=[group]), ticket(kind)
    with transaction.atomic():
        service.assign(one.pk, By.staff(leader), agent=agent)
        transaction.set_rollback(True)
    assert agree(one).assignee is None
