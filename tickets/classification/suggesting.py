"""What a text is about: suggestions by keyword and by what was learned from earlier tickets."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from routing.strategy.keeping import Kept
from tickets.classification import keywords
from tickets.classification.bayes import Learned, Total, Verdict, verdicts
from tickets.classification.tokens import Token, merged, tokens
from tickets.models import IssueType, IssueTypeCount, WordCount

MOST = 3
LEAST_TICKETS = 20  # learned in all before anything learned is suggested
LEAST_OF_ONE = 3  # learned of an issue type before it is suggested
LEAST_WORDS = 3  # known words of the text
LEAST_CHANCE = 0.4
SURE = 0.8
SHOWN_WORDS = 6
MAX_TEXT = 5_000  # characters that are looked at

By = Literal["keyword", "learned"]
Ids = Learned[uuid.UUID]


@dataclass(frozen=True)
class Suggestion:
    """An issue type, and why.

    By keyword: `words` are the keywords found, each with weight 1, and `probability` is the share
    of all keywords found that are this issue type's. Learned: the probability of the model, and
    the words that speak for it, neighbours as one, with their weight (natural logarithm of how
    much more often they stand in tickets of this issue type than in others).
    """

    issue_type: IssueType
    probability: float
    words: tuple[tuple[str, float], ...]
    by: By

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking anybody."""
        return self.probability >= SURE


def suggest(*texts: str) -> list[Suggestion]:
    """At most three, the best first; nothing where neither keyword nor evidence is enough.

    What supervisors said by keyword goes before what was learned. `texts` are title and
    description, or whatever there is.
    """
    text = "\n".join(part for part in texts if part)[:MAX_TEXT]
    found = [*_by_keyword(text), *_learned(text)]
    rows = IssueType.objects.select_related("parent__parent", "group").filter(is_active=True)
    known = rows.in_bulk([one for one, *_ in found])
    kept: dict[uuid.UUID, Suggestion] = {}
    for one, chance, words, by in found:
        if one in known:
            kept.setdefault(one, Suggestion(known[one], chance, words, by))
    return list(kept.values())[:MOST]


Found = tuple[uuid.UUID, float, tuple[tuple[str, float], ...], By]


def _by_keyword(text: str) -> list[Found]:
    hits = keywords.found_in(text)
    total = sum(len(words) for _, words in hits)
    return [
        (one, len(words) / total, tuple((word, 1.0) for word in words), "keyword")
        for one, words in hits
    ]


def _learned(text: str) -> list[Found]:
    found = tokens(text)
    words, totals = [token.word for token in found], _totals.get()
    learned = learned_of(words, totals) if is_begun(totals) else Learned(totals)
    if not is_enough(learned, words):
        return []
    return [
        (one.of, one.probability, reasons(one, found, text), "learned")
        for one in verdicts(learned, words)[:MOST]
        if one.probability >= LEAST_CHANCE
    ]


def is_enough(learned: Ids, words: Iterable[str]) -> bool:
    """Whether there is evidence enough to say anything of a text with these words."""
    return is_begun(learned.totals) and len(learned.known(words)) >= LEAST_WORDS


def is_begun(totals: Mapping[uuid.UUID, Total]) -> bool:
    """Whether enough tickets of at least two issue types were learned."""
    return len(totals) > 1 and sum(total.tickets for total in totals.values()) >= LEAST_TICKETS


def _read_totals() -> dict[uuid.UUID, Total]:
    """Issue types in use with enough tickets."""
    rows = IssueTypeCount.objects.filter(tickets__gte=LEAST_OF_ONE, issue_type__is_active=True)
    return {row.issue_type_id: Total(row.tickets, row.words) for row in rows}


_totals = Kept(_read_totals)


def learned_of(words: Sequence[str], totals: Mapping[uuid.UUID, Total] | None = None) -> Ids:
    """The counts for these words; one query, and one a second for the sums."""
    totals = _totals.get() if totals is None else totals
    counts: dict[str, dict[uuid.UUID, int]] = defaultdict(dict)
    rows = WordCount.objects.filter(word__in=list(words), issue_type__in=list(totals))
    for word, issue_type, tickets in rows.values_list("word", "issue_type_id", "tickets"):
        counts[word][issue_type] = tickets
    return Learned(totals, dict(counts))


def reasons(
    verdict: Verdict[uuid.UUID], found: Sequence[Token], text: str
) -> tuple[tuple[str, float], ...]:
    """The words that speak for it most, neighbours as one."""
    speaking = [
        (token, verdict.weights[token.word])
        for token in found
        if verdict.weights.get(token.word, 0) > 0
    ]
    return tuple((word, round(weight, 2)) for word, weight in merged(speaking, text)[:SHOWN_WORDS])
