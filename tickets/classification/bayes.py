"""The classifier: multinomial naive Bayes over words, and which words decided. Pure functions.

Manning, Raghavan, Schütze, *Introduction to Information Retrieval* (2008), chapter 13: the class of
a text is the one with the largest log P(c) + Σ log P(t|c) (formula 13.4). Each word of a ticket
counts once. P(t|c) is smoothed by what is known of all classes, chapter 12.2 (formula 12.10):

    P(t|c) = (tickets of c with t + MU · P(t)) / (words of c + MU)
    P(t) = tickets with t / all words

so that a class with few tickets is not believed more than it deserves. Words that were never
learned say nothing. Neighbouring pairs of characters overlap and are no independent witnesses;
therefore the evidence of a text of n words counts as that of at most `WITNESSES`, which keeps the
probabilities from being 0 or 1 for every longer text.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

C = TypeVar("C")

MU = 60.0
WITNESSES = 8


@dataclass(frozen=True)
class Total:
    """What was learned of a class: how many tickets, and the sum of their words."""

    tickets: int
    words: int


@dataclass
class Learned(Generic[C]):
    """Counts: `totals` by class, and for the words of a text in how many tickets of each class."""

    totals: Mapping[C, Total]
    counts: Mapping[str, Mapping[C, int]] = field(default_factory=dict)

    @property
    def tickets(self) -> int:
        """Of all classes."""
        return sum(total.tickets for total in self.totals.values())

    def known(self, words: Iterable[str]) -> list[str]:
        """Those of the words that were ever learned."""
        return [word for word in words if any(self.counts.get(word, {}).values())]

    def without(self, one: C, words: Iterable[str]) -> "Learned[C]":
        """As if one ticket of a class had not been learned, for trying it on that ticket."""
        words = list(words)
        total = self.totals[one]
        less = Total(total.tickets - 1, max(0, total.words - len(words)))
        counts = {word: dict(found) for word, found in self.counts.items()}
        for word in words:
            found = counts.setdefault(word, {})
            found[one] = max(0, found.get(one, 0) - 1)
        totals = {**self.totals, one: less}
        return Learned({key: kept for key, kept in totals.items() if kept.tickets > 0}, counts)


@dataclass(frozen=True)
class Verdict(Generic[C]):
    """A class with its probability, and by how much each word speaks for it (natural log)."""

    of: C
    probability: float
    weights: Mapping[str, float]


def verdicts(learned: Learned[C], words: Iterable[str]) -> list[Verdict[C]]:
    """Every class, the most probable first; nothing for a text without a known word."""
    known = learned.known(words)
    if not known or not learned.totals:
        return []
    everywhere = sum(total.words for total in learned.totals.values())
    weights: dict[C, dict[str, float]] = {one: {} for one in learned.totals}
    for word in known:
        found = learned.counts[word]
        usual = sum(found.values()) / everywhere
        for one, total in learned.totals.items():
            likely = (found.get(one, 0) + MU * usual) / (total.words + MU)
            weights[one][word] = math.log(likely / usual)
    scores = {one: _score(learned, one, weights[one]) for one in learned.totals}
    chances = _softmax(scores)
    found_ = [Verdict(one, chances[one], weights[one]) for one in learned.totals]
    return sorted(found_, key=lambda verdict: -verdict.probability)


def _score(learned: Learned[C], one: C, weights: Mapping[str, float]) -> float:
    """The logarithm of the probability, but for what is the same for all classes."""
    prior = (learned.totals[one].tickets + 1) / (learned.tickets + len(learned.totals))
    return math.log(prior) + sum(weights.values()) * min(1.0, WITNESSES / len(weights))


def _softmax(scores: Mapping[C, float]) -> dict[C, float]:
    highest = max(scores.values())
    raised = {one: math.exp(score - highest) for one, score in scores.items()}
    total = sum(raised.values())
    return {one: value / total for one, value in raised.items()}
