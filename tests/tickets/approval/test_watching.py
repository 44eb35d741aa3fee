"""What happens to a ticket while a request of it is pending."""

import pytest

from lingxi.errors import Conflict
from tests.tickets.approval.world import World
from tickets import service
from tickets.approval import decide
from tickets.models import Approval
from tickets.service import By

pytestmark = pytest.mark.django_db


def test_there_is_one_request_at_a_time():
    world = World()
    world.ask()
    with pytest.raises(Conflict):
        world.ask()
    assert Approval.objects.count() == 1


def test_the_amount_stands_still_while_it_is_pending():
    world = World()
    approval = world.ask(said={"fields": {"amount": 300}})
    edit = {"fields": {"amount": 9999}}
    for by in (By.staff(world.asker), By.staff(world.lead), service.By.rule("自动规则")):
        with pytest.raises(Conflict):
            service.edit(world.ticket.pk, by, edit)
    assert world.now().fields["amount"] == 300
    decide(approval.pk, world.lead, "approve")
    service.edit(world.ticket.pk, By.staff(world.asker), edit)


def test_what_is_no_field_may_change():
    world = World()
    approval = world.ask()
    service.edit(world.ticket.pk, By.staff(world.asker), {"title": "退款（加急）", "priority": 4})
    service.comment(world.ticket.pk, By.staff(world.asker), "催一下")
    approval.refresh_from_db()
    assert approval.state == "pending"


def test_another_status_ends_the_request():
    world = World()
    approval = world.ask()
    service.move(world.ticket.pk, "hold", By.staff(world.asker))
    approval.refresh_from_db()
    assert (approval.state, approval.outcome) == ("withdrawn", "工单已变为“挂起”")
    with pytest.raises(Conflict):
        decide(approval.pk, world.lead, "approve")
    assert world.now().status == "on_hold"
