"""Learning from tickets: what each teaches is a row, and the counts follow.

The row (`Lesson`) is written in the transaction of the ticket; the counts are brought up to it in
batches by one learner at a time, so that the hot rows of frequent words are never waited for by
people. A lesson remembers with which words it was counted, and as what: taking it back is exact,
whatever became of the ticket's text, and the counts always equal those made anew from all lessons.
"""

import uuid
from collections import Counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lingxi.recordset import recordset
from tickets.classification.tokens import words
from tickets.models import IssueType, IssueTypeCount, Lesson, LessonState, Ticket, WordCount

BATCH = 200
BATCHES = 20  # of one wake-up

Words = Counter[tuple[str, uuid.UUID]]
Tickets = Counter[uuid.UUID]

_WORDS = """
INSERT INTO tickets_wordcount (word, issue_type_id, tickets)
SELECT word, issue_type_id, tickets FROM json_to_recordset(%s::json)
  AS t(word text, issue_type_id uuid, tickets int)
ON CONFLICT (word, issue_type_id) DO UPDATE SET tickets = tickets_wordcount.tickets + excluded.tickets
"""  # noqa: E501
_GONE = """
DELETE FROM tickets_wordcount c USING json_to_recordset(%s::json) AS t(word text, issue_type_id uuid)
WHERE c.word = t.word AND c.issue_type_id = t.issue_type_id AND c.tickets <= 0
"""  # noqa: E501
_TOTALS = """
INSERT INTO tickets_issuetypecount (issue_type_id, tickets, words)
SELECT issue_type_id, tickets, words FROM json_to_recordset(%s::json)
  AS t(issue_type_id uuid, tickets int, words int)
ON CONFLICT (issue_type_id) DO UPDATE
SET tickets = tickets_issuetypecount.tickets + excluded.tickets,
    words = tickets_issuetypecount.words + excluded.words
"""


def teach(ticket: Ticket, issue_type: IssueType | None) -> None:
    """Note that the saved ticket belongs to an issue type, or teaches nothing any more.

    Inside the transaction that holds the ticket. The same again changes nothing in the end.
    """
    Lesson.objects.bulk_create(
        [Lesson(ticket=ticket, issue_type=issue_type, changed_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["ticket"],
        update_fields=["issue_type", "state", "changed_at"],
    )
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    from tickets.tasks import learn

    learn.delay()


def learn() -> int:
    """Count what is pending; how many lessons. Also the sweep: a row that was left is taken up."""
    total = 0
    for _ in range(BATCHES):
        done = learn_batch()
        total += done
        if done < BATCH:
            break
    return total


@transaction.atomic
def learn_batch() -> int:
    """Count up to a batch of pending lessons; how many."""
    lock()
    lessons = list(
        Lesson.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("ticket")
        .filter(state=LessonState.PENDING)
        .order_by("changed_at", "pk")[:BATCH]
    )
    counts, tickets = Words(), Tickets()
    for lesson in lessons:
        _count(lesson, -1, counts, tickets)
        _renew(lesson)
        _count(lesson, 1, counts, tickets)
    add(counts, tickets)
    Lesson.objects.bulk_update(lessons, ["learned_as", "words", "state"])
    return len(lessons)


def lock() -> None:
    """One learner at a time; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tickets.learning', 3))")


def _count(lesson: Lesson, by: int, counts: Words, tickets: Tickets) -> None:
    """Add what the lesson was learned as, or take it back."""
    if lesson.learned_as_id is not None:
        tickets[lesson.learned_as_id] += by
        for word in lesson.words:
            counts[word, lesson.learned_as_id] += by


def _renew(lesson: Lesson) -> None:
    """Make it what the ticket teaches now."""
    ticket = lesson.ticket
    lesson.learned_as_id = lesson.issue_type_id
    is_taught = lesson.issue_type_id is not None
    lesson.words = words(f"{ticket.title}\n{ticket.description}") if is_taught else []
    lesson.state = LessonState.LEARNED


def add(counts: Words, tickets: Tickets) -> None:
    """Add to the counts, or take from them; rows that come to nothing go."""
    rows: list[dict[str, Any]] = [
        {"word": word, "issue_type_id": one, "tickets": by}
        for (word, one), by in sorted(counts.items())
        if by
    ]
    sums = Tickets()
    for (_, one), by in counts.items():
        sums[one] += by
    totals = [
        {"issue_type_id": one, "tickets": tickets[one], "words": sums[one]}
        for one in sorted({*tickets, *sums})
        if tickets[one] or sums[one]
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [recordset(rows)])
        cursor.execute(_GONE, [recordset([row for row in rows if row["tickets"] < 0])])
        cursor.execute(_TOTALS, [recordset(totals)])


def recounted() -> tuple[Words, Tickets]:
    """The counts as the lessons have them, made anew: what the rows must equal."""
    counts, tickets = Words(), Tickets()
    rows = Lesson.objects.filter(learned_as__isnull=False).values_list("learned_as_id", "words")
    for one, found in rows.iterator():
        counts.update((word, one) for word in found)
        tickets[one] += 1
    return counts, tickets


def forget_all() -> None:
    """Begin anew: empty counts, every lesson pending, one for each ticket that is done."""
    lock()
    WordCount.objects.all().delete()
    IssueTypeCount.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_ANEW)


_ANEW = """
INSERT INTO tickets_lesson (ticket_id, issue_type_id, learned_as_id, words, state, changed_at)
SELECT id, issue_type_id, NULL, '{}', 'pending', coalesce(resolved_at, updated_at)
FROM tickets_ticket
WHERE (category IN ('resolved', 'closed') AND issue_type_id IS NOT NULL AND merged_into_id IS NULL)
   OR EXISTS (SELECT FROM tickets_lesson l WHERE l.ticket_id = tickets_ticket.id)
ON CONFLICT (ticket_id) DO UPDATE SET learned_as_id = NULL, words = '{}', state = 'pending'
"""
