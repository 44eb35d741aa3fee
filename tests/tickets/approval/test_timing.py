"""Steps that nobody answers in time."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.models import Notice
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets.approval.world import World, by_users, step
from tickets.approval import decide, timing
from tickets.models import ApprovalStep

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def _late(hours: float = 25) -> dt.datetime:
    return timezone.now() + hours * HOUR


@pytest.fixture
def named():
    return base.UserFactory(role="agent")


def _world(named, on_timeout, **more):
    return World(step(approvers=by_users(named), hours=24, on_timeout=on_timeout, **more))


def test_nothing_happens_before_its_time(named):
    _world(named, "reject").ask()
    assert timing.sweep(_late(23)) == 0


def test_reminding_goes_on_at_the_same_pace(named):
    approval = _world(named, "remind").ask()
    assert timing.sweep(_late(25)) == 1
    assert timing.sweep(_late(26)) == 0
    assert timing.sweep(_late(50)) == 1
    assert Notice.objects.filter(user=named).count() == 3
    assert decide(approval.pk, named, "approve").state == "approved"


def test_rejecting(named):
    world = _world(named, "reject")
    approval = world.ask()
    assert timing.sweep(_late()) == 1
    approval.refresh_from_db()
    assert (approval.state, world.now().status) == ("rejected", "new")
    assert Event.objects.filter(type="ticket.approval_decided").count() == 1


def test_approving_pulls_the_transition(named):
    world = _world(named, "approve")
    world.ask()
    assert timing.sweep(_late()) == 1
    assert world.now().status == "resolved"
    assert timing.sweep(_late()) == 0


def test_those_above_may_answer_for_all_of_the_step(named):
    world = _world(named, "escalate", mode="all")
    approval = world.ask()
    assert timing.sweep(_late()) == 1
    assert decide(approval.pk, world.lead, "approve").state == "approved"


def test_escalating_never_reaches_the_asker(named):
    world = _world(named, "escalate")
    from tickets import service

    service.move(world.ticket.pk, "resolve", service.By.staff(world.lead))
    timing.sweep(_late())
    asked = set(ApprovalStep.objects.get().answers.values_list("user_id", flat=True))
    assert asked == {named.pk, world.admin.pk}


def test_escalating_twice_only_reminds(named):
    world = _world(named, "escalate")
    approval = world.ask()
    timing.sweep(_late(25))
    before = approval.steps.get().answers.count()
    assert timing.sweep(_late(50)) == 1
    assert approval.steps.get().answers.count() == before


def test_what_is_over_does_not_run_out_of_time(named):
    approval = _world(named, "reject").ask()
    decide(approval.pk, named, "approve")
    assert timing.sweep(_late()) == 0
