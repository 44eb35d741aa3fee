"""问题分类: what tickets are about, suggested by keyword and by what was learned from earlier ones.

tokens      the words of a text
bayes       the model: counts and words give probabilities, and which words decided
keywords    what supervisors said
suggesting  `suggest(title, text)`
learning    resolved tickets teach, corrections move the counts
watching    the listener: guesses, corrections, lessons
rebuild     learning everything anew, as a job
accuracy    how good it is
"""

from tickets.classification.suggesting import Suggestion, suggest

__all__ = ["Suggestion", "suggest"]
