"""The counts are those of the lessons, whatever happened in which order."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lingxi.jobs import start
from lingxi.jobs.runner import work_on
from tests import factories
from tests.routing.at_once import at_once
from tests.tickets.classification.corpus import DEFECT, INVOICE, learned, resolved
from tests.tickets.factories import IssueTypeFactory, TicketTypeFactory, ticket
from tickets import service
from tickets.classification import learning, rebuild
from tickets.models import IssueTypeCount, Lesson, Ticket, WordCount
from tickets.service import SYSTEM, By


def counted():
    """The rows, as `recounted` has them."""
    rows = WordCount.objects.values_list("word", "issue_type_id", "tickets")
    totals = IssueTypeCount.objects.values_list("issue_type_id", "tickets", "words")
    return (
        {(word, one): n for word, one, n in rows},
        {one: tickets for one, tickets, _ in totals if tickets},
        {one: words for one, _, words in totals if words},
    )


def agree():
    """The rows are what the lessons say."""
    counts, tickets = learning.recounted()
    words: dict = {}
    for (_, one), n in counts.items():
        words[one] = words.get(one, 0) + n
    assert counted() == (dict(counts), dict(tickets), words)


@pytest.mark.django_db
class TestLessons:
    def test_a_resolved_ticket_teaches(self):
        one = resolved("发票抬头", IssueTypeFactory())
        assert learning.learn() == 1
        found = dict(WordCount.objects.values_list("word", "tickets"))
        assert found == {"发票": 1, "票抬": 1, "抬头": 1}
        assert Lesson.objects.get().learned_as == one.issue_type
        agree()

    def test_what_is_open_or_without_issue_type_teaches_nothing(self):
        ticket(title="发票抬头", issue_type=IssueTypeFactory())
        resolved("发票抬头", None)
        assert learning.learn() == 0
        assert not WordCount.objects.exists()

    def test_closing_what_was_resolved_teaches_nothing_twice(self):
        one = resolved("发票抬头", IssueTypeFactory())
        service.move(one.pk, "close", SYSTEM)
        service.move(one.pk, "reopen", SYSTEM)
        service.move(one.pk, "resolve", SYSTEM)
        learning.learn()
        assert set(WordCount.objects.values_list("tickets", flat=True)) == {1}
        agree()

    def test_a_correction_moves_the_counts_whatever_became_of_the_text(self):
        wrong, right = IssueTypeFactory(), IssueTypeFactory()
        one = resolved("发票抬头", wrong)
        learning.learn()
        service.edit(one.pk, SYSTEM, {"issue_type": right, "title": "税号"})
        learning.learn()
        assert counted()[0] == {("税号", right.pk): 1}
        agree()

    def test_a_merged_ticket_is_forgotten(self):
        kept, gone = (resolved("发票抬头", IssueTypeFactory()) for _ in range(2))
        learning.learn()
        service.merge(gone.pk, kept.pk, SYSTEM)
        learning.learn()
        assert set(WordCount.objects.values_list("issue_type", flat=True)) == {kept.issue_type_id}
        agree()

    def test_an_issue_type_taken_away_is_forgotten(self):
        one = resolved("发票抬头", IssueTypeFactory())
        learning.learn()
        service.edit(one.pk, SYSTEM, {"issue_type": None})
        learning.learn()
        assert not WordCount.objects.exists()
        agree()

    def test_a_ticket_that_teaches_what_it_taught_changes_nothing(self):
        one = resolved("发票抬头", IssueTypeFactory())
        for _ in range(3):
            learning.teach(one, one.issue_type)
            learning.learn()
        assert set(WordCount.objects.values_list("tickets", flat=True)) == {1}
        agree()

    def test_a_kill_before_the_commit_leaves_nothing_behind(self):
        resolved("发票抬头", IssueTypeFactory())
        with transaction.atomic():
            learning.learn_batch()
            transaction.set_rollback(True)
        assert not WordCount.objects.exists()
        assert learning.learn() == 1
        agree()


steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(0, 2)),
        st.sampled_from(["发票抬头", "抬头税号", "物流快递", ""]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


class TestAnyOrder(TestCase):
    """Teaching, correcting and forgetting in any order, counted in between or not."""

    @given(steps)
    @settings(max_examples=12)
    def test_the_counts_are_those_made_anew(self, steps):
        type = TicketTypeFactory()
        made = [ticket(type, title=f"工单{n}") for n in range(4)]
        issue_types = [IssueTypeFactory() for _ in range(3)]
        for place, chosen, text, counts_now in steps:
            Ticket.objects.filter(pk=made[place].pk).update(description=text)
            made[place].refresh_from_db()
            learning.teach(made[place], None if chosen is None else issue_types[chosen])
            if counts_now:
                learning.learn()
                agree()
        learning.learn()
        agree()
        taught = {lesson.ticket_id: lesson for lesson in Lesson.objects.all()}
        for place, chosen, _, _ in steps:
            expected = None if chosen is None else issue_types[chosen].pk
            last = [one for one in steps if one[0] == place][-1]
            if last[1] == chosen:
                assert taught[made[place].pk].learned_as_id == expected


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_many_learners_count_each_lesson_once(self):
        type, one = TicketTypeFactory(), IssueTypeFactory()
        for text in INVOICE[:4] + DEFECT[:4]:
            resolved(text, one, type)
        assert sum(at_once(lambda _: learning.learn(), range(4))) == 8
        agree()

    def test_corrections_while_it_learns(self):
        type = TicketTypeFactory()
        wrong, right = IssueTypeFactory(), IssueTypeFactory()
        made = [resolved(text, wrong, type) for text in INVOICE[:4]]
        work = [learning.learn] * 3 + [
            lambda one=one: service.edit(one.pk, SYSTEM, {"issue_type": right}) for one in made
        ]
        assert not [x for x in at_once(lambda do: do(), work) if isinstance(x, Exception)]
        learning.learn()
        agree()
        assert set(WordCount.objects.values_list("issue_type", flat=True)) == {right.pk}


@pytest.mark.django_db(transaction=True)
def test_the_rebuild_learns_everything_anew():
    learned()
    WordCount.objects.filter(word="发票").update(tickets=999)
    Lesson.objects.filter(ticket__title=INVOICE[0]).delete()
    job = start(rebuild.NAME, factories.UserFactory(role="supervisor"), {})
    assert work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"学习的工单": 27})
    agree()


@pytest.mark.django_db
def test_a_person_who_chooses_otherwise_corrects_the_guess():
    invoice, delivery, _ = learned()
    leader = factories.UserFactory(role="supervisor", scope="all")
    one = ticket(title="发票抬头写错了，请重新开具发票")
    assert (one.issue_type, one.guess.was_applied) == (invoice, True)
    service.edit(one.pk, By.staff(leader), {"issue_type": delivery})
    one.guess.refresh_from_db()
    assert (one.guess.chosen, one.guess.corrected_by) == (delivery, leader)
    service.edit(one.pk, By.staff(leader), {"issue_type": invoice})
    one.guess.refresh_from_db()
    assert (one.guess.chosen, one.guess.corrected_at) == (None, None)


@pytest.mark.django_db
def test_nobody_is_told_what_their_ticket_is_about_when_they_could_be_asked():
    invoice, delivery, _ = learned()
    agent = factories.AgentFactory(user__role="supervisor", user__scope="all")
    one = ticket(by=By.staff(agent.user), title="发票抬头写错了，请重新开具发票")
    assert (one.issue_type, one.guess.issue_type) == (None, invoice)
    assert not one.guess.was_applied
    other = ticket(
        by=By.staff(agent.user), title="发票抬头写错了，请重新开具发票", issue_type=delivery
    )
    assert (other.guess.chosen, other.guess.corrected_by) == (delivery, agent.user)
