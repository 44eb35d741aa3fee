"""How good the learned suggestions are: each of the last tickets is judged without itself.

Leave-one-out: what a ticket taught is taken from the counts, then its issue type is predicted from
the rest and compared with what people chose. So nothing is asked that was told before.
"""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tickets.classification.bayes import Learned, verdicts
from tickets.classification.suggesting import LEAST_CHANCE, Ids, is_enough, learned_of
from tickets.models import IssueType, Lesson, LessonState

LAST = 300
MOST_MIXED = 3


@dataclass
class Row:
    """One issue type: how many tickets people gave it, what was predicted for them and others.

    `right` of `chosen` were predicted; it was predicted for `predicted` tickets in all; of
    `silent` nothing would have been said. `mixed` are the issue types it was taken for most.
    """

    issue_type: IssueType
    chosen: int = 0
    right: int = 0
    predicted: int = 0
    silent: int = 0
    mixed: list[tuple[IssueType, int]] = field(default_factory=list)

    @property
    def recall(self) -> float | None:
        """Of the tickets people gave it, the share that was predicted; None without any."""
        return self.right / self.chosen if self.chosen else None

    @property
    def precision(self) -> float | None:
        """Of the predictions, the share that was right; None without any."""
        return self.right / self.predicted if self.predicted else None


@dataclass
class Accuracy:
    """Of `judged` tickets, `right` were predicted as people chose, and nothing said of `silent`."""

    rows: list[Row]
    judged: int
    right: int
    silent: int

    @property
    def share(self) -> float | None:
        """Right, of those where something was said."""
        said = self.judged - self.silent
        return self.right / said if said else None


def estimate(last: int = LAST) -> Accuracy:
    """Judge the `last` tickets that were learned; four queries."""
    lessons = Lesson.objects.filter(state=LessonState.LEARNED, learned_as__isnull=False)
    newest = list(lessons.order_by("-changed_at")[:last].values_list("learned_as_id", "words"))
    learned = learned_of(sorted({word for _, words in newest for word in words}))
    pairs = [(one, predicted(learned, one, words)) for one, words in newest]
    rows = _rows(pairs)
    return Accuracy(
        rows,
        judged=len(pairs),
        right=sum(one == said for one, said in pairs),
        silent=sum(said is None for _, said in pairs),
    )


def predicted(learned: Ids, one: uuid.UUID, words: list[str]) -> uuid.UUID | None:
    """What would have been said of a learned ticket, had it not been; None: nothing."""
    if one not in learned.totals:
        return None
    counts = {word: learned.counts.get(word, {}) for word in words}
    without = Learned(learned.totals, counts).without(one, words)
    if not is_enough(without, words):
        return None
    best = verdicts(without, words)[0]
    return best.of if best.probability >= LEAST_CHANCE else None


def _rows(pairs: list[tuple[uuid.UUID, uuid.UUID | None]]) -> list[Row]:
    ids = {one for pair in pairs for one in pair if one is not None}
    known = IssueType.objects.select_related("parent__parent").in_bulk(ids)
    rows = {one: Row(issue_type) for one, issue_type in known.items()}
    mixed: dict[uuid.UUID, Counter[uuid.UUID]] = defaultdict(Counter)
    for one, said in pairs:
        rows[one].chosen += 1
        rows[one].silent += said is None
        rows[one].right += said == one
        if said is not None:
            rows[said].predicted += 1
            if said != one:
                mixed[one][said] += 1
    for one, others in mixed.items():
        rows[one].mixed = [(known[other], n) for other, n in others.most_common(MOST_MIXED)]
    return sorted(rows.values(), key=lambda row: (-row.chosen, str(row.issue_type)))
