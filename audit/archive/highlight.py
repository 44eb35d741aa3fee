"""The found words in a text. The text is escaped here, and has to be masked before."""

from collections.abc import Iterable, Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lingxi.grams import normalise_with_origin

Span = tuple[int, int]
BEFORE = 24  # characters of a snippet in front of the first found word


def spans(text: str, terms: Iterable[str]) -> list[Span]:
    """Where the terms stand in `text`, in order, touching ones joined."""
    folded, origin = normalise_with_origin(text)
    joined: list[Span] = []
    for start, end in sorted(_each(folded, origin, terms)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _each(folded: str, origin: list[int], terms: Iterable[str]) -> Iterator[Span]:
    for term in terms:
        at = folded.find(term)
        while at >= 0:
            yield origin[at], origin[at + len(term) - 1] + 1
            at = folded.find(term, at + 1)


def highlight(text: str, terms: Iterable[str]) -> SafeString:
    """`text` as HTML, the terms in `<mark>`."""
    parts, done = [], 0
    for start, end in spans(text, terms):
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, escape(text[done:])]))  # noqa: S308 - escaped above


def snippet(text: str, terms: Iterable[str], width: int = 160) -> SafeString:
    """At most `width` characters around the first found word, as HTML."""
    terms, text = list(terms), " ".join(text.split())
    if len(text) <= width:
        return highlight(text, terms)
    found = spans(text, terms)
    start = min(max(found[0][0] - BEFORE, 0), len(text) - width) if found else 0
    end = start + width
    cut = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return highlight(cut, terms)
