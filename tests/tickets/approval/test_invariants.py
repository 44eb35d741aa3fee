"""Whatever people do with a request: no yes without those needed, and never the asker's."""

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from lingxi.errors import LingxiError
from tests import factories as base
from tests.tickets.approval.world import World, by_users, step
from tickets.approval import decide, delegate, timing, withdraw
from tickets.models import ApprovalAnswer, ApprovalState

pytestmark = pytest.mark.django_db
ACTIONS = st.tuples(
    st.sampled_from(["approve", "approve", "approve", "reject", "return", "delegate", "withdraw"]),
    st.integers(0, 4),
    st.integers(0, 4),
)
MODES = st.lists(st.sampled_from(["one", "all"]), min_size=1, max_size=3)


class _Undo(Exception):
    pass


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(modes=MODES, asker=st.integers(0, 3), actions=st.lists(ACTIONS, max_size=14))
def test_no_way_leads_round_the_approvers(modes, asker, actions):
    try:
        with transaction.atomic():
            _play(modes, asker, actions)
            raise _Undo
    except _Undo:
        pass


def _play(modes, asker, actions):
    people = [base.UserFactory(role="supervisor", scope="all") for _ in range(4)]
    # The asker is named in every step, too.
    steps = [
        step(f"{n}", mode=mode, approvers=by_users(*people[:3])) for n, mode in enumerate(modes)
    ]
    world = World(*steps)
    world.asker = people[asker]
    approval = world.ask()
    everybody = [*people, world.admin]
    for what, who, to in actions:
        try:
            with transaction.atomic():
                _do(what, approval, everybody[who], everybody[to])
        except LingxiError:
            continue
    timing.sweep()
    approval.refresh_from_db()
    _check(world, approval)


def _do(what, approval, user, to):
    if what == "delegate":
        delegate(approval.pk, user, to, "请处理")
    elif what == "withdraw":
        withdraw(approval.pk, user)
    else:
        decide(approval.pk, user, what, "理由")


def _check(world, approval):
    yes = ApprovalAnswer.objects.filter(step__approval=approval, state="approved")
    assert not yes.filter(user=world.asker).exists()
    assert not ApprovalAnswer.objects.filter(
        step__approval=approval, user=world.asker, answered_at__isnull=False
    ).exists()
    is_done = world.now().status == "resolved"
    assert is_done is (approval.state == ApprovalState.APPROVED)
    for row in approval.steps.all() if is_done else ():
        states = list(row.answers.values_list("state", flat=True))
        assert "approved" in states
        assert not {"rejected", "returned"} & set(states)
        if row.needs_all:
            assert set(states) <= {"approved", "delegated"}
