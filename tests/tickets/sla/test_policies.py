"""Which policy fits, and which can never apply."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.sla.world import FIRST, NEXT, RESOLUTION, policy
from tickets.models import SlaPolicy
from tickets.sla.policies import Facts, Policy, compiled, read, shadowed

MINUTE = dt.timedelta(minutes=1)


def made(**conditions):
    empty = {"types": frozenset(), "priorities": frozenset(), "levels": frozenset()}
    return Policy(id=None, name="", terms={}, **{**empty, **conditions})


sets = {
    "types": st.frozensets(st.sampled_from(["a", "b"])),
    "priorities": st.frozensets(st.sampled_from([1, 2])),
    "levels": st.frozensets(st.sampled_from(["x", "y"])),
}
rules = st.builds(made, **sets)
# One value more than any condition names: a policy without conditions fits it, others do not.
facts = st.builds(
    Facts,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from(["", "x", "y"]),
)
EVERY_FACT = [Facts(t, p, c) for t in "abc" for p in (1, 2, 3) for c in ("", "x", "y")]


@given(rules, rules)
def test_one_covers_the_other_when_it_fits_all_that_the_other_fits(one, other):
    assert one.covers(other) == all(one.fits(fact) for fact in EVERY_FACT if other.fits(fact))


@given(rules, st.lists(rules, max_size=4), facts)
def test_a_shadowed_policy_is_never_the_first_that_fits(rule, earlier, fact):
    if shadowed(rule, earlier) is not None and rule.fits(fact):
        assert any(one.fits(fact) for one in earlier)


@pytest.mark.django_db
class TestRead:
    def test_the_first_active_one_by_order_applies(self):
        policy(name="后", order=2)
        policy(name="停用", order=0, is_active=False)
        policy(name="先", order=1, priorities=[4])
        policies = read()
        assert policies.of(Facts("any", 4)).name == "先"
        assert policies.of(Facts("any", 2)).name == "后"

    def test_without_any_none_applies(self):
        assert read().of(Facts("any", 2)) is None

    @pytest.mark.parametrize(
        ("before", "unit", "after"),
        [(20, "percent", 48), (15, "minutes", 45), (90, "minutes", None), (None, "percent", None)],
    )
    def test_the_warning_comes_before_the_end(self, before, unit, after):
        policy(warn_before=before, warn_unit=unit, next_response=None)
        terms = compiled(SlaPolicy.objects.get()).terms
        assert terms[FIRST].target == 60 * MINUTE
        assert terms[FIRST].warn == (after * MINUTE if after else None)
        assert (terms[NEXT].target, terms[NEXT].warn) == (None, None)
        assert terms[RESOLUTION].target == 480 * MINUTE
