"""What is said to be wrong with a workflow before it is published."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingxi.versioned import errors_of
from tests import factories as base
from tests.tickets import factories
from tests.tickets.random_workflows import contents, garbage, working
from tickets.workflow import STANDARD, parse
from tickets.workflow_checks import problems_of
from tickets.workflow_shape import normal, shape_problems

FORM = [
    {"key": "amount", "type": "money", "label": "退款金额"},
    {"key": "reason", "type": "text", "label": "原因"},
]


def changed(how: Any) -> dict[str, Any]:
    """The standard workflow, changed by `how`."""
    content = normal(copy.deepcopy(STANDARD))
    how(content)
    return content


def paths(content: Any, type: Any = None) -> set[str]:
    return {problem.path for problem in errors_of(problems_of(content, type))}


def test_the_standard_workflow_is_in_order():
    assert problems_of(STANDARD) == []


def with_chain(**step: Any) -> dict[str, Any]:
    """The standard workflow, where closing takes an approval of one step."""
    usual = {"name": "主管", "approvers": [{"kind": "group_supervisor"}]}
    chain = {"key": "ok", "name": "审批", "steps": [{**usual, **step}]}
    content = changed(lambda one: one["approvals"].append(chain))
    content["transitions"][-1]["approval"] = "ok"
    return normal(content)


def _status(content, place, **values):
    content["statuses"][place].update(values)


def _step(content, place, **values):
    content["transitions"][place].update(values)


WRONG = {
    "no status": (lambda c: c.update(statuses=[], transitions=[]), "statuses"),
    "an odd key": (lambda c: _status(c, 1, key="Open!"), "statuses.1.key"),
    "no name": (lambda c: _status(c, 1, name="  "), "statuses.1.name"),
    "a name twice": (lambda c: _status(c, 1, name="挂起"), "statuses.1.name"),
    "a phase that is none": (lambda c: _status(c, 1, category="later"), "statuses.1.category"),
    "no first status": (lambda c: c.update(initial="nowhere"), "initial"),
    "a first status that is an end": (lambda c: c.update(initial="closed"), "initial"),
    "to nowhere": (lambda c: _step(c, 0, to="gone"), "transitions.0.to"),
    "from nowhere": (lambda c: _step(c, 0, **{"from": ["new", "gone"]}), "transitions.0.from"),
    "to where it starts": (lambda c: _step(c, 0, **{"from": ["open"]}), "transitions.0.from"),
    "a key twice": (lambda c: _step(c, 0, key="close"), "transitions.0.key"),
    "nameless": (lambda c: _step(c, 0, name=""), "transitions.0.name"),
    "an auditor": (lambda c: _step(c, 0, roles=["auditor"]), "transitions.0.roles"),
    "an odd relation": (lambda c: _step(c, 0, relations=["friend"]), "transitions.0.relations"),
    "a field of no form": (lambda c: _step(c, 0, required=["amount"]), "transitions.0.required"),
    "a chain that is none": (lambda c: _step(c, 0, approval="x"), "transitions.0.approval"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where_it_is(name):
    how, path = WRONG[name]
    assert path in paths(changed(how))


def test_a_status_without_a_way_to_it_is_told():
    lonely = {"key": "lonely", "name": "孤立", "category": "open"}
    content = changed(lambda one: one["statuses"].append(lonely))
    messages = [problem.message for problem in problems_of(content) if problem.path == "statuses.6"]
    assert messages == [
        "没有流转能到达“孤立”",
        "从“孤立”没有路径到达已解决或已关闭的状态",
    ]


def test_a_status_without_a_way_to_an_end_is_told():
    trap = {"key": "trap", "name": "陷阱", "category": "on_hold"}
    into = {"key": "fall", "name": "落入", "from": ["open"], "to": "trap"}

    def how(content):
        content["statuses"].append(trap)
        content["transitions"].append(into)

    assert paths(changed(how)) == {"statuses.6"}


def test_an_end_may_be_final():
    content = changed(lambda one: one["transitions"].pop(5))  # 重新打开
    assert errors_of(problems_of(content)) == []


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"name": ""}, "name"),
        ({"mode": "most"}, "mode"),
        ({"approvers": []}, "approvers"),
        ({"approvers": [{"kind": "role", "value": "auditor"}]}, "approvers"),
        ({"approvers": [{"kind": "team"}]}, "approvers"),
        ({"hours": 0}, "hours"),
        ({"hours": 721}, "hours"),
        ({"on_timeout": "explode"}, "on_timeout"),
        ({"when": [{"field": "amount", "operator": "gt", "value": 1}]}, "when.0"),
        ({"when": [{"fact": "weather", "operator": "eq", "value": "rain"}]}, "when.0"),
        ({"when": [{"fact": "priority", "operator": "gte", "value": 5}]}, "when.0"),
    ],
)
def test_what_is_wrong_with_a_step_of_a_chain_is_said(step, path):
    assert paths(with_chain(**step)) == {f"approvals.0.steps.0.{path}"}


def test_a_chain_in_order_is_accepted_and_one_that_nobody_asks_for_is_told():
    urgent = [{"fact": "priority", "operator": "gte", "value": 3}]
    content = with_chain(hours=24, when=urgent)
    assert problems_of(content) == []
    content["transitions"][-1]["approval"] = ""
    assert [(one.path, one.level) for one in problems_of(content)] == [("approvals.0", "warning")]


def test_a_chain_without_steps_is_refused():
    content = with_chain()
    content["approvals"][0]["steps"] = []
    assert paths(content) == {"approvals.0.steps"}


@pytest.mark.django_db
class TestWithAType:
    """What takes a look at the form, at people and at tickets."""

    def test_fields_are_those_of_the_published_form_with_operators_that_suit_them(self):
        type = factories.TicketTypeFactory(form=FORM)
        assert paths(changed(lambda c: _step(c, 0, required=["amount"])), type) == set()
        assert paths(changed(lambda c: _step(c, 0, required=["color"])), type) == {
            "transitions.0.required"
        }
        for operator, value, is_fine in (
            ("gt", 100, True),
            ("gt", "100", False),
            ("contains", "1", False),
            ("filled", None, True),
        ):
            when = [{"field": "amount", "operator": operator, "value": value}]
            assert (paths(with_chain(when=when), type) == set()) is is_fine, operator

    @pytest.mark.parametrize(
        ("role", "active", "is_fine"),
        [("agent", True, True), ("auditor", True, False), ("supervisor", False, False)],
    )
    def test_people_who_approve_are_there_active_and_may(self, role, active, is_fine):
        user = base.UserFactory(role=role, is_active=active)
        found = paths(with_chain(approvers=[{"kind": "user", "value": str(user.pk)}]))
        assert (found == set()) is is_fine

    @pytest.mark.parametrize("value", ["0", "x", "٣", "99999999999"])
    def test_nobody_is_not_an_approver(self, value):
        found = paths(with_chain(approvers=[{"kind": "user", "value": value}]))
        assert found == {"approvals.0.steps.0.approvers"}

    def test_tickets_in_a_status_that_goes_are_counted_in_a_note(self):
        type = factories.TicketTypeFactory()
        held = factories.ticket(type)
        factories.service.move(held.pk, "hold", factories.SYSTEM)

        def how(content):
            content["statuses"].pop(3)
            content["transitions"] = [
                {**one, "from": [key for key in one["from"] if key != "on_hold"]}
                for one in content["transitions"]
                if one["to"] != "on_hold"
            ]

        assert [(one.level, one.message) for one in problems_of(changed(how), type)] == [
            ("warning", "“挂起”下还有 1 个未完成的工单，它们继续按原流程处理")
        ]

    def test_what_the_type_promises_and_nobody_may_do_is_told(self):
        type = factories.TicketTypeFactory()
        content = changed(lambda c: (c["transitions"].pop(6), c["transitions"].pop(5)))
        content["statuses"].pop()
        warnings = [one.message for one in problems_of(content, type) if one.level == "warning"]
        assert [words[:6] for words in warnings] == ["解决 7 天", "客户不能重新"]


@given(garbage)
def test_garbage_of_any_shape_has_problems_and_raises_nothing(content):
    assert errors_of(problems_of(content))


@given(contents())
def test_what_passes_parses_and_every_status_leads_to_an_end(content):
    if errors_of(problems_of(content)):
        return
    workflow = parse(normal(content))
    for start in workflow.statuses:
        assert _leads_to_an_end(workflow, start)


@given(working())
def test_workflows_that_work_pass(content):
    assert errors_of(problems_of(content)) == []


@given(contents() | st.just(STANDARD))
def test_the_stored_form_says_the_same_and_is_its_own(content):
    assert shape_problems(content) == []
    whole = normal(content)
    assert normal(whole) == whole
    assert problems_of(whole) == problems_of(content)


def _leads_to_an_end(workflow, start) -> bool:
    """Walks, instead of reckoning backwards as the checks do."""
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        if workflow.status(here).category in {"resolved", "closed"}:
            return True
        for step in workflow.leaving(here):
            if step.to not in seen:
                seen.add(step.to)
                todo.append(step.to)
    return False
