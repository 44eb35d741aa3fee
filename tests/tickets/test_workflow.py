"""Random workflows walked at random: no status but by a transition that its own version allows."""

import copy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from lingxi.errors import Conflict, Forbidden, Invalid, TransitionNotAllowed
from tests import factories as base
from tests.routing.at_once import at_once
from tests.tickets import factories
from tests.tickets.random_workflows import working
from tickets.models import Entry, Ticket, Watcher
from tickets.service import SYSTEM, By, move
from tickets.workflow import STANDARD
from tickets.workflow_checks import problems_of

REFUSALS = (TransitionNotAllowed, Forbidden)
ACTORS = ("agent", "supervisor", "admin", "creator", "watcher", "member", "customer", "rule")


class World:
    """A ticket, and one of everybody who may have to do with it."""

    def __init__(self, content: Any) -> None:
        member = base.AgentFactory(groups=[base.SkillGroupFactory()])
        creator = base.UserFactory(role="agent", scope="all")
        self.type = factories.TicketTypeFactory(workflow=content, group=member.groups.get())
        customer = base.CustomerFactory()
        self.ticket = factories.ticket(self.type, by=By.staff(creator), requester=customer)
        people = {
            role: base.UserFactory(role=role, scope="all")
            for role in ("agent", "supervisor", "admin")
        }
        people |= {"creator": creator, "watcher": base.UserFactory(role="agent", scope="all")}
        people["member"] = member.user
        Watcher.objects.create(ticket=self.ticket, user=people["watcher"])
        self.actors = {name: By.staff(user) for name, user in people.items()}
        self.actors |= {"customer": By.requester(customer), "rule": By.rule("规则")}

    def status(self) -> str:
        return Ticket.objects.get(pk=self.ticket.pk).status


def allowed(content: Any, status: str, key: str, who: str) -> str | None:
    """The status that the step leads to, reckoned from the content alone; None when refused."""
    step = next((one for one in content["transitions"] if one["key"] == key), None)
    if step is None or step["to"] == status:
        return None
    if step.get("from") and status not in step["from"]:
        return None
    roles, relations = set(step.get("roles", [])), set(step.get("relations", []))
    role = {"supervisor": "supervisor", "admin": "admin", "customer": "", "rule": ""}.get(
        who, "agent"
    )
    relation = {"creator": "creator", "watcher": "watcher", "member": "group"}.get(who, who)
    if not roles and not relations:
        return step["to"] if role or who == "rule" else None
    return step["to"] if role in roles or relation in relations else None


steps = st.lists(
    st.tuples(
        st.sampled_from([f"t{n}" for n in range(8)] + [f"way{n}" for n in range(5)] + ["x"]),
        st.sampled_from(ACTORS),
    ),
    max_size=8,
)


@pytest.mark.django_db
@settings(max_examples=30)
@given(content=working(), walk=steps)
def test_a_ticket_goes_only_where_its_own_version_lets_somebody_take_it(content, walk):
    world = World(content)
    # A later version that allows everything changes nothing for a ticket there already.
    everything = [
        {"key": one["key"], "name": "任意", "to": status["key"]}
        for one, status in zip(content["transitions"], content["statuses"], strict=False)
    ]
    factories.publish_workflow(world.type, {**content, "transitions": everything})
    here = content["initial"]
    for key, who in walk:
        wanted = allowed(content, here, key, who)
        try:
            move(world.ticket.pk, key, world.actors[who])
        except REFUSALS:
            assert wanted is None, (here, key, who)
        else:
            assert wanted is not None, (here, key, who)
            here = wanted
        assert world.status() == here


@pytest.mark.django_db
@settings(max_examples=12)
@given(content=working(), key=st.sampled_from([f"t{n}" for n in range(8)] + ["x"]))
def test_what_the_workflow_has_not_is_refused_to_everybody_in_the_same_words(content, key):
    world = World(content)
    leaving = {
        one["key"]
        for one in content["transitions"]
        if one["to"] != content["initial"]
        and (not one.get("from") or content["initial"] in one["from"])
    }
    if key in leaving:
        return
    said = set()
    for by in (*world.actors.values(), SYSTEM):
        with pytest.raises(TransitionNotAllowed) as refused:
            move(world.ticket.pk, key, by)
        said.add((refused.value.code, refused.value.detail))
    assert len(said) == 1
    assert Entry.objects.filter(ticket=world.ticket).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["agent", "creator", "watcher", "member", "customer", "rule"])
def test_a_step_left_to_supervisors_is_forbidden_to_others(who):
    content = copy.deepcopy(STANDARD)
    content["transitions"][0]["roles"] = ["supervisor"]
    world = World(content)
    with pytest.raises(Forbidden):
        move(world.ticket.pk, "start", world.actors[who])
    assert world.status() == "new"
    move(world.ticket.pk, "start", world.actors["supervisor"])
    assert world.status() == "open"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["agent", "supervisor", "customer", "rule"])
def test_what_a_step_requires_is_required_of_everybody(who):
    content = copy.deepcopy(STANDARD)
    content["transitions"][0] |= {
        "required": ["solution"],
        "comment": True,
        "roles": ["agent", "supervisor"],
        "relations": ["customer", "rule"],
    }
    world = World(content)
    form = [{"key": "solution", "type": "text", "label": "方案"}]
    factories.publish_form(world.type, form)
    assert problems_of(content, world.type) == []
    by = world.actors[who]
    with pytest.raises(Invalid) as refused:
        move(world.ticket.pk, "start", by, comment="好")
    assert "fields.solution" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        move(world.ticket.pk, "start", by, {"fields": {"solution": "换货"}})
    assert refused.value.fields == {"comment": ["必填"]}
    assert world.status() == "new"
    move(world.ticket.pk, "start", by, {"fields": {"solution": "换货"}}, comment="好")
    assert world.status() == "open"
    assert Ticket.objects.get(pk=world.ticket.pk).fields == {"solution": "换货"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "code"),
    [("reopen", "transition_not_allowed"), ("close", "forbidden"), ("start", "invalid")],
)
def test_page_and_api_refuse_the_same_in_the_same_words(key, code):
    content = copy.deepcopy(STANDARD)
    content["transitions"][0]["comment"] = True
    world = World(content)
    client = Client()
    client.force_login(world.actors["agent"].user)
    reference = world.ticket.reference
    by_page = client.post(reverse("tickets:move", args=[world.ticket.number, key]))
    url, body = f"/api/v1/tickets/{reference}/transitions", {"transition": key}
    by_api = client.post(url, body, content_type="application/json")
    answers = [one.json() for one in (by_page, by_api)]
    assert by_page.status_code == by_api.status_code
    assert [one["code"] for one in answers] == [code, code]
    assert answers[0]["detail"] == answers[1]["detail"]
    assert answers[0]["fields"] == answers[1]["fields"]
    assert world.status() == "new"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_revision", [True, False])
def test_of_two_who_take_different_steps_at_once_one_wins_and_the_other_is_told(with_revision):
    content = copy.deepcopy(STANDARD)
    content["transitions"] = [
        {"key": "a", "name": "甲", "from": ["new"], "to": "open"},
        {"key": "b", "name": "乙", "from": ["new"], "to": "pending"},
        {"key": "end", "name": "结束", "to": "closed"},
    ]
    world = World(content)
    people = [world.actors["agent"], world.actors["supervisor"]]
    seen = world.ticket.revision if with_revision else None

    def pull(what: Any) -> Any:
        key, by = what
        return move(world.ticket.pk, key, by, revision=seen)

    answers = at_once(pull, zip(("a", "b"), people, strict=True))
    won = [one for one in answers if isinstance(one, Ticket)]
    lost = [one for one in answers if not isinstance(one, Ticket)]
    assert (len(won), len(lost)) == (1, 1)
    assert isinstance(lost[0], Conflict if with_revision else TransitionNotAllowed), lost
    assert world.status() == won[0].status
    assert Entry.objects.filter(ticket=world.ticket, kind="status").count() == 1
    if with_revision:
        assert lost[0].fields["changes"][0]["changes"]["status"]["to"] == (
            "处理中" if won[0].status == "open" else "待客户回复"
        )
