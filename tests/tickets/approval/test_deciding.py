"""Answers to requests: what they do, and who may give them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from auditlog.models import LogEntry
from django.db import connections

from conversations.models import Notice
from lingxi.access.models import RoleAssignment
from lingxi.errors import Conflict, Forbidden, Invalid, LingxiError, NotFound
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets.approval.world import World, by_users, step
from tickets import service
from tickets.approval import decide, delegate, withdraw
from tickets.models import Approval, Comment, Entry
from tickets.service import By

pytestmark = pytest.mark.django_db


def test_the_transition_waits_for_the_yes_and_is_pulled_with_it():
    world = World()
    approval = world.ask(comment="客户已退货")
    assert (world.now().status, approval.state) == ("new", "pending")
    assert not Comment.objects.exists()

    approval = decide(approval.pk, world.lead, "approve")
    assert (world.now().status, approval.state) == ("resolved", "approved")
    assert Comment.objects.get().text == "客户已退货"
    assert Comment.objects.get().user == world.asker


def test_everything_about_it_is_told():
    world = World()
    approval = world.ask()
    decide(approval.pk, world.lead, "reject", "凭证不全")
    told = Event.objects.filter(type__startswith="ticket.approval").order_by("position")
    assert [(one.type, one.payload["state"]) for one in told] == [
        ("ticket.approval_requested", "pending"),
        ("ticket.approval_decided", "rejected"),
    ]
    texts = [row.data["what"] for row in Entry.objects.filter(kind="approval").order_by("id")]
    assert texts == ["asked", "rejected"]
    assert Notice.objects.filter(user=world.lead).count() == 1
    assert Notice.objects.filter(user=world.asker, text__contains="驳回").count() == 1
    log = LogEntry.objects.get_for_object(approval).get()
    assert (log.actor, log.additional_data["reason"]) == (world.lead, "凭证不全")


def test_steps_follow_each_other_and_each_tells_the_next():
    world = World(step("组长"), step("经理", approvers=[{"kind": "role", "value": "admin"}]))
    approval = world.ask()
    assert not Notice.objects.filter(user=world.admin).exists()
    approval = decide(approval.pk, world.lead, "approve")
    assert (approval.state, world.now().status) == ("pending", "new")
    assert Notice.objects.filter(user=world.admin).exists()
    told = [
        one.type
        for one in Event.objects.filter(type__startswith="ticket.approval").order_by("position")
    ]
    assert told == [
        "ticket.approval_requested",
        "ticket.approval_decided",
        "ticket.approval_requested",
    ]
    decide(approval.pk, world.admin, "approve")
    assert world.now().status == "resolved"


def test_a_countersigned_step_needs_everybody():
    first, second = (base.UserFactory(role="supervisor", scope="all") for _ in range(2))
    world = World(step(mode="all", approvers=by_users(first, second)))
    approval = world.ask()
    assert decide(approval.pk, first, "approve").state == "pending"
    with pytest.raises(Conflict):
        decide(approval.pk, first, "approve")
    assert decide(approval.pk, second, "approve").state == "approved"


def test_who_must_countersign_and_has_gone_is_waited_for_no_longer():
    first, second = (base.UserFactory(role="supervisor", scope="all") for _ in range(2))
    world = World(step(mode="all", approvers=by_users(first, second)))
    approval = world.ask()
    second.is_active = False
    second.save()
    assert decide(approval.pk, first, "approve").state == "approved"


@pytest.mark.parametrize("decision", ["reject", "return"])
def test_no_needs_a_reason_and_ends_the_request(decision):
    world = World(step("组长"), step("经理"))
    approval = world.ask()
    with pytest.raises(Invalid):
        decide(approval.pk, world.lead, decision, "  ")
    approval = decide(approval.pk, world.lead, decision, "金额不对")
    assert approval.state == {"reject": "rejected", "return": "returned"}[decision]
    assert world.now().status == "new"
    assert world.ask().pk != approval.pk  # amended, and asked for again


def test_an_unknown_decision_is_refused():
    world = World()
    with pytest.raises(Invalid):
        decide(world.ask().pk, world.lead, "maybe")


def test_nobody_approves_their_own_request_though_they_have_the_role():
    world = World()
    service.move(world.ticket.pk, "resolve", By.staff(world.lead))
    approval = Approval.objects.get()
    assert [row.user for row in approval.steps.get().answers.all()] == [world.admin]
    with pytest.raises(Forbidden):
        decide(approval.pk, world.lead, "approve")


def test_a_step_without_anybody_else_goes_to_the_admins():
    world = World(step(approvers=[{"kind": "user", "value": "0"}]))
    approval = world.ask()
    assert decide(approval.pk, world.admin, "approve").state == "approved"


def test_where_nobody_could_approve_it_is_not_even_asked():
    world = World()
    world.lead.delete()
    world.admin.delete()
    with pytest.raises(Conflict, match="没有可以审批的人"):
        world.ask()
    assert not Approval.objects.exists()


@pytest.mark.parametrize("loss", ["role", "active", "everything"])
def test_who_lost_the_role_meanwhile_may_not_answer_any_more(loss):
    world = World()
    approval = world.ask()
    assignment = RoleAssignment.objects.filter(user=world.lead)
    if loss == "role":
        assignment.update(role="agent")
    elif loss == "everything":
        assignment.delete()
    else:
        type(world.lead).objects.filter(pk=world.lead.pk).update(is_active=False)
    # As in a request that began a moment before: what is known of the person is from then.
    with pytest.raises(LingxiError) as refused:
        decide(approval.pk, world.lead, "approve")
    assert isinstance(refused.value, Forbidden | NotFound)
    approval.refresh_from_db()
    assert approval.state == "pending"


def test_the_supervisor_of_the_group_answers_for_it_only_while_they_are():
    from guardian.shortcuts import assign_perm, remove_perm

    world = World(step(approvers=[{"kind": "group_supervisor"}]))
    world.lead.delete()
    lead = base.UserFactory(role="supervisor", scope="group")
    other = base.UserFactory(role="supervisor", scope="group")
    assign_perm("routing.supervise_skillgroup", lead, world.type.group)
    approval = world.ask()
    with pytest.raises(NotFound):
        decide(approval.pk, other, "approve")
    remove_perm("routing.supervise_skillgroup", lead, world.type.group)
    with pytest.raises(Forbidden):
        decide(approval.pk, lead, "approve")


def test_people_who_were_not_asked_may_not_answer():
    world = World()
    approval = world.ask()
    with pytest.raises(Forbidden):
        decide(approval.pk, world.admin, "approve")
    auditor = base.UserFactory(role="auditor", scope="all")
    with pytest.raises(Forbidden):
        decide(approval.pk, auditor, "approve")
    stranger = base.UserFactory(role="agent")
    with pytest.raises(NotFound):
        decide(approval.pk, stranger, "approve")


def test_what_was_decided_is_decided():
    world = World()
    approval = world.ask()
    decide(approval.pk, world.lead, "reject", "不行")
    with pytest.raises(Conflict):
        decide(approval.pk, world.lead, "approve")


def test_it_can_be_handed_to_somebody_else():
    world = World()
    deputy = base.UserFactory(role="agent")
    approval = world.ask()
    delegate(approval.pk, world.lead, deputy, "我不在")
    with pytest.raises(Conflict):
        decide(approval.pk, world.lead, "approve")
    assert decide(approval.pk, deputy, "approve").state == "approved"
    answers = approval.steps.get().answers.order_by("asked_at")
    assert [row.state for row in answers] == ["delegated", "approved"]


def test_it_is_not_handed_to_the_asker_to_strangers_or_to_one_who_is_asked():
    world = World()
    auditor = base.UserFactory(role="auditor", scope="all")
    approval = world.ask()
    for other in (world.asker, auditor, world.lead, None):
        with pytest.raises(Invalid):
            delegate(approval.pk, world.lead, other, "请处理")
    assert approval.steps.get().answers.count() == 1


def test_only_the_asker_takes_a_request_back():
    world = World()
    approval = world.ask()
    with pytest.raises(Forbidden):
        withdraw(approval.pk, world.lead)
    assert withdraw(approval.pk, world.asker).state == "withdrawn"
    with pytest.raises(Conflict):
        decide(approval.pk, world.lead, "approve")
    with pytest.raises(Conflict):
        withdraw(approval.pk, world.asker)


def test_what_became_impossible_after_the_yes_is_noted():
    world = World()
    approval = world.ask()
    type(world.ticket).objects.filter(pk=world.ticket.pk).update(status="resolved")
    approval = decide(approval.pk, world.lead, "approve")
    assert approval.state == "approved"
    assert "未能执行" in approval.outcome
    last = Entry.objects.filter(kind="approval").order_by("-id")[0]
    assert last.data["what"] == "not_done"


def test_a_reason_for_the_customer_waits_for_the_yes():
    world = World()
    approval = world.ask(comment="已为您退款", is_public=True)
    assert not Comment.objects.exists()
    decide(approval.pk, world.lead, "approve")
    assert Comment.objects.get().is_public


def test_a_required_comment_is_asked_for_once():
    world = World(comment=True)
    with pytest.raises(Invalid):
        world.ask()
    approval = world.ask(comment="好")
    decide(approval.pk, world.lead, "approve")
    assert world.now().status == "resolved"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_first():
    first, second = (base.UserFactory(role="supervisor", scope="all") for _ in range(2))
    world = World(step(approvers=by_users(first, second)))
    approval = world.ask()
    barrier = threading.Barrier(2)

    def answer(user, decision):
        barrier.wait()
        try:
            decide(approval.pk, user, decision, "理由")
            return decision
        except Conflict:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(answer, (first, second), ("approve", "reject")))
    [won] = [one for one in said if one]
    approval.refresh_from_db()
    assert approval.state == {"approve": "approved", "reject": "rejected"}[won]
    assert world.now().status == {"approve": "resolved", "reject": "new"}[won]
