"""When an approval is asked for, and of whom."""

import pytest

from lingxi.errors import Conflict
from tests import factories as base
from tests.tickets.approval.world import World, by_users, step
from tickets.models import Approval

pytestmark = pytest.mark.django_db
DEAR = [{"field": "amount", "operator": "gt", "value": 1000}]


def test_a_step_is_for_what_its_conditions_say():
    boss = base.UserFactory(role="admin", scope="all")
    world = World(step("组长"), step("经理", approvers=by_users(boss), when=DEAR), amount=5000)
    approval = world.ask()
    assert [row.state for row in approval.steps.all()] == ["pending", "waiting"]

    world = World(step("组长"), step("经理", approvers=by_users(boss), when=DEAR), amount=1000)
    assert [row.state for row in world.ask().steps.all()] == ["pending", "skipped"]


def test_where_no_step_applies_nobody_is_asked():
    world = World(step(when=DEAR), amount=10)
    assert world.ask() is None
    assert world.now().status == "resolved"


def test_the_amount_that_is_said_with_the_transition_counts():
    world = World(step(when=DEAR), amount=10)
    assert world.ask(said={"fields": {"amount": 2000}}).state == "pending"


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({"fact": "priority", "operator": "gte", "value": 2}, True),
        ({"fact": "priority", "operator": "gte", "value": 3}, False),
        ({"fact": "level", "operator": "eq", "value": "VIP"}, False),
    ],
)
def test_conditions_look_at_more_than_fields(when, applies):
    world = World(step(when=[when]))
    assert (world.ask() is not None) is applies


def test_a_chain_that_is_not_there_refuses_rather_than_lets_pass():
    world = World(approval="nothing")
    with pytest.raises(Conflict):
        world.ask()
    assert world.now().status == "new"


def test_the_system_asks_nobody():
    from tickets import service

    world = World()
    service.move(world.ticket.pk, "resolve", service.SYSTEM)
    assert not Approval.objects.exists()
    assert world.now().status == "resolved"
