"""Who sees which part of the floor: compared with what `visible_to` answers."""

import pytest
from django.contrib.auth.models import AnonymousUser
from guardian.shortcuts import assign_perm

from conversations.floor.scope import part_of, viewer_of
from conversations.floor.snapshot import take
from conversations.models import Conversation, SensitiveHit
from lingxi.access import permissions
from lingxi.access.models import Role, Scope
from routing.models import Agent, SkillGroup
from tests.factories import AgentFactory, CustomerFactory, UserFactory, WorkItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(floor, other):
    """Something of every kind on both floors; a viewer may be an agent there too."""
    for one in (floor, other):
        agent = one.agent(groups=[floor.group, other.group])
        one.waiting(200)
        one.unanswered(999)
        one.unanswered(999, agent)
        moving = one.conversation("transferring", agent, waiting_since=None)
        SensitiveHit.objects.create(
            conversation=moving, word="投诉", action="log", author_type="visitor"
        )
    AgentFactory(ready=True)
    return take()


def see(snapshot, user):
    return part_of(snapshot, viewer_of(user))


def people(floor, other):
    """Leaders of each scope, some of whom serve."""
    everything = UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL)
    own = floor.supervisor(scope=Scope.OWN)
    serving = floor.supervisor()
    agent = AgentFactory(user=serving, ready=True, groups=[])
    other.unanswered(999, agent)
    nobody = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP)
    return [everything, floor.supervisor(), own, serving, nobody]


def test_everybody_sees_what_visible_to_says(floor, other, busy):
    everyone = people(floor, other)
    snapshot = take()
    for user in everyone:
        part = see(snapshot, user)
        for table, model in (("groups", SkillGroup), ("agents", Agent)):
            allowed = {str(row.pk) for row in model.objects.visible_to(user)}
            assert set(part[table]) == allowed, (user.role_assignment.scope, table)
        visible = {str(row.pk) for row in Conversation.objects.visible_to(user)}
        assert set(part["conversations"]) == visible & set(snapshot.conversations)


def test_a_group_moved_to_another_queue_is_seen_by_who_sees_the_conversation(floor, other):
    """The rule asks for the conversation's group, not for the queue it stands in."""
    one = floor.conversation("transferring", floor.agent(), waiting_since=None)
    SensitiveHit.objects.create(conversation=one, word="投诉", action="log", author_type="visitor")
    WorkItemFactory(item_id=one.pk, group=other.group, is_transfer=True)
    assert str(one.pk) in see(take(), floor.supervisor())["conversations"]
    assert see(take(), other.supervisor())["conversations"] == {}


def test_of_an_agent_only_the_groups_in_sight_are_named(floor, other):
    agent = floor.agent(groups=[floor.group, other.group])
    row = see(take(), floor.supervisor())["agents"][str(agent.pk)]
    assert row["groups"] == [str(floor.group.pk)]


@pytest.mark.parametrize("role", [Role.AGENT, Role.INSPECTOR, Role.AUDITOR, Role.PARTNER, None])
def test_who_may_not_view_the_floor_has_no_part_of_it(role):
    assert viewer_of(UserFactory(role=role, scope=Scope.ALL)) is None


def test_strangers_have_no_part_of_it():
    assert viewer_of(AnonymousUser()) is None


def test_people_with_the_same_rights_share_a_view(floor):
    assert viewer_of(floor.supervisor()) == viewer_of(floor.supervisor())


def test_another_group_is_another_view(floor, other):
    user = floor.supervisor()
    before = viewer_of(user)
    assign_perm("supervise_skillgroup", user, other.group)
    del user._skill_group_ids
    assert viewer_of(user) != before


def masked(snapshot, monkeypatch):
    """As a leader would see it who may not see sensitive values."""
    may_not = permissions.PERMISSIONS | {"sensitive.view": set()}
    monkeypatch.setattr(permissions, "PERMISSIONS", may_not)
    return see(snapshot, UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL))


def test_names_and_words_are_masked_for_who_may_not_see_them(floor, monkeypatch):
    one = floor.unanswered(
        999,
        customer=CustomerFactory(name="王 13812345678", tags=["VIP 13812345678"]),
        last_text="打给我 13812345678",
    )
    SensitiveHit.objects.create(
        conversation=one, word="13812345678", action="log", author_type="visitor"
    )
    plain = see(take(), UserFactory(role=Role.ADMIN, scope=Scope.ALL))
    assert plain["conversations"][str(one.pk)]["name"] == "王 13812345678"
    hidden = masked(take(), monkeypatch)["conversations"][str(one.pk)]
    assert "12345678" not in str(hidden)
    assert hidden["name"] == "王 138****5678"


def test_who_steps_in_from_outside_is_named_to_who_sees_the_conversation(floor):
    """A supervisor who takes over is in no group: not on the viewer's list of agents."""
    from_outside = AgentFactory(ready=True, name="林主管")
    one = floor.unanswered(999, from_outside)
    part = see(take(), floor.supervisor())
    assert part["conversations"][str(one.pk)]["who"] == "林主管"
    assert str(from_outside.pk) not in part["agents"]


def test_the_nameless_have_the_name_of_the_lists(floor):
    one = floor.waiting(1, customer=CustomerFactory(name=""))
    row = see(take(), floor.supervisor())["conversations"][str(one.pk)]
    assert row["name"] == f"访客 {one.customer_id.hex[-6:]}"


def test_what_only_decides_about_sight_is_not_sent(floor):
    one = floor.waiting(1)
    row = see(take(), floor.supervisor())["conversations"][str(one.pk)]
    assert not {"home", "customer", "serves"} & set(row)
