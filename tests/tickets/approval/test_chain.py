"""What answers amount to, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.approval.chain import Answer, Step, verdict

STATES = ("asked", "approved", "rejected", "returned", "delegated", "not_needed")
ANSWERS = st.lists(st.builds(Answer, st.sampled_from(STATES), st.booleans()), max_size=6)


@given(needs_all=st.booleans(), answers=ANSWERS)
def test_nothing_is_approved_without_the_needed_answers(needs_all, answers):
    if verdict(needs_all, answers) != "approved":
        return
    yes = [one for one in answers if one.state == "approved"]
    assert yes
    assert not [one for one in answers if one.state in ("rejected", "returned")]
    waits = [one for one in answers if one.state == "asked" and not one.is_escalated]
    assert not needs_all or not waits or any(one.is_escalated for one in yes)


@given(needs_all=st.booleans(), answers=ANSWERS)
def test_one_no_is_enough_whoever_else_said_yes(needs_all, answers):
    states = [one.state for one in answers]
    said = verdict(needs_all, answers)
    assert (said in ("rejected", "returned")) is ("rejected" in states or "returned" in states)


@given(needs_all=st.booleans(), answers=ANSWERS)
def test_the_order_of_answers_does_not_matter(needs_all, answers):
    assert verdict(needs_all, answers) == verdict(needs_all, answers[::-1])


@given(answers=ANSWERS)
def test_when_one_is_enough_it_never_takes_longer_than_when_all_are_needed(answers):
    if verdict(True, answers) == "approved":
        assert verdict(False, answers) == "approved"


def test_a_step_read_from_little_reminds_and_waits_for_ever():
    step = Step({})
    assert (step.needs_all, step.time, step.on_timeout) == (False, None, "remind")
    assert step.applies({})
