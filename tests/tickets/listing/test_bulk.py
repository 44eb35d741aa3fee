"""One action on many tickets."""

import pytest

from lingxi.errors import Forbidden, Invalid, NotFound
from lingxi.jobs.models import Job
from lingxi.jobs.tasks import run_job
from tests import factories
from tests.tickets.factories import TicketTypeFactory
from tests.tickets.listing.conftest import Desk
from tickets import service
from tickets.listing import bulk, bulk_job
from tickets.models import Ticket, Watcher
from tickets.service import SYSTEM, By
from tickets.workflow import STANDARD


def do(desk: Desk, tickets, user=None, **said) -> list[str]:
    """The reasons of refusal, in the order of the tickets."""
    user = user or desk.lead.user
    act = bulk.act_of(user, said)
    return [one.reason for one in bulk.run(user, [one.pk for one in tickets], act)]


def test_each_ticket_is_told_how_it_went(desk: Desk):
    strict = {**STANDARD, "transitions": [
        {**one, "required": ["city"]} if one["key"] == "resolve" else one
        for one in STANDARD["transitions"]
    ]}  # fmt: skip
    demanding = TicketTypeFactory(
        workflow=strict, form=[{"key": "city", "type": "text", "label": "城市"}]
    )
    fine, done, asking = desk.ticket(), desk.ticket(), desk.ticket(type=demanding)
    service.move(done.pk, "close", SYSTEM)
    reasons = do(desk, [fine, done, asking], action="move", transition="resolve")
    assert reasons[0] == ""
    assert "已关闭" in reasons[1]
    assert "城市" in reasons[2]
    assert Ticket.objects.get(pk=fine.pk).category == "resolved"
    assert Ticket.objects.get(pk=asking.pk).category == "new"


def test_assign_priority_tags_and_watch(desk: Desk):
    rows = [desk.ticket(tags=["旧"]), desk.ticket()]
    group, agent = str(desk.groups[0].pk), str(desk.agent.pk)
    assert do(desk, rows, action="assign", agent=agent, group=group) == ["", ""]
    assert do(desk, rows, action="priority", priority="urgent") == ["", ""]
    rows = list(Ticket.objects.order_by("pk"))
    assert do(desk, rows, action="tags", add="新，VIP", remove="旧") == ["", ""]
    assert do(desk, rows, action="watch") == ["", ""]
    for row in Ticket.objects.all():
        assert (row.assignee, row.priority, row.tags) == (desk.agent, 4, ["新", "VIP"])
    assert Watcher.objects.filter(user=desk.lead.user).count() == 2
    assert do(desk, rows, action="unwatch") == ["", ""]
    assert not Watcher.objects.filter(user=desk.lead.user).exists()


def test_what_may_not_be_seen_does_not_exist(desk: Desk):
    foreign = desk.ticket(type=desk.types[1])
    service.assign(foreign.pk, SYSTEM, group=desk.groups[1])
    assert do(desk, [foreign], user=desk.agent.user, action="priority", priority="low") == [
        "工单不存在，或你无权查看"
    ]
    assert Ticket.objects.get(pk=foreign.pk).priority == 2


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"action": "explode"},
        {"action": "assign"},
        {"action": "priority", "priority": "9"},
        {"action": "tags", "add": " ， "},
        {"action": "move"},
    ],
)
def test_an_action_that_says_nothing_is_refused(desk: Desk, said):
    with pytest.raises(Invalid):
        bulk.act_of(desk.lead.user, said)


def test_readers_may_not_act(desk: Desk):
    auditor = factories.UserFactory(role="auditor", scope="all")
    for action in ("assign", "priority", "tags", "move"):
        with pytest.raises(Forbidden):
            bulk.act_of(auditor, {"action": action})


def test_people_one_does_not_know_cannot_be_given_tickets(desk: Desk):
    stranger = factories.AgentFactory(groups=desk.groups[1:])
    with pytest.raises(NotFound):
        bulk.act_of(desk.agent.user, {"action": "assign", "agent": str(stranger.pk)})


def test_too_many_at_once_are_refused(desk: Desk):
    with pytest.raises(Invalid):
        bulk.chosen(desk.lead.user, [])
    ids = [factories.uuid.uuid4() for _ in range(bulk.MOST_AT_ONCE + 1)]
    with pytest.raises(Invalid):
        bulk.chosen(desk.lead.user, ids)


def test_the_whole_filter_is_done_as_a_job(desk: Desk, monkeypatch):
    monkeypatch.setattr(bulk_job, "STEP", 2)
    rows = [desk.ticket(priority=1) for _ in range(5)]
    other = desk.ticket(priority=3)
    service.merge(rows[0].pk, other.pk, By.staff(desk.lead.user))
    job = bulk_job.ask(desk.lead.user, "priority=low", {"action": "priority", "priority": "high"})
    assert job.total == 5
    run_job(str(job.pk))
    job = Job.objects.get(pk=job.pk)
    assert job.state == "done", job.error
    assert (job.result["done"], job.result["failed"]) == (4, 1)
    assert job.result["refused"][0][0] == rows[0].reference
    assert set(Ticket.objects.exclude(pk=rows[0].pk).values_list("priority", flat=True)) == {3}


def test_a_job_reaches_what_its_owner_sees_and_no_more(desk: Desk):
    desk.ticket()
    foreign = desk.ticket(type=desk.types[1])
    service.assign(foreign.pk, SYSTEM, group=desk.groups[1])
    job = bulk_job.ask(desk.agent.user, "", {"action": "priority", "priority": "high"})
    run_job(str(job.pk))
    assert Ticket.objects.get(pk=foreign.pk).priority == 2
    assert Job.objects.get(pk=job.pk).result["done"] == 1
