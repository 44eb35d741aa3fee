"""What the classifier does with every change of a ticket: guess, notice corrections, learn."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tickets.classification import learning
from tickets.classification.suggesting import Suggestion, suggest
from tickets.models import Guess, IssueType, Lesson, Source, Ticket
from tickets.service.change import Change


def on_change(change: Change) -> None:
    """Listener of every change; before tickets are placed, which asks for the issue type."""
    if "created" in change.kinds:
        _guess(change)
        return
    if change.before["issue_type_id"] != change.ticket.issue_type_id:
        change.after(lambda: _corrected(change))
    if _is_lesson(change.ticket, change.before):
        change.after(lambda: learning.teach(change.ticket, _teaches(change.ticket)))


def _guess(change: Change) -> None:
    """What it may be about: taken at once when it is sure and nobody was there to be asked."""
    ticket = change.ticket
    is_asked = change.by.user is not None
    if ticket.source == Source.IMPORT or (ticket.issue_type is not None and not is_asked):
        return
    found = suggest(ticket.title, ticket.description)
    if not found:
        return
    best, chosen = found[0], ticket.issue_type
    is_taken = chosen is None and not is_asked and best.is_sure
    if is_taken:
        change.set("issue_type", best.issue_type)
    change.after(lambda: _record(change, best, chosen, is_taken))


def _record(change: Change, best: Suggestion, chosen: IssueType | None, is_taken: bool) -> None:
    is_other = chosen is not None and chosen != best.issue_type
    Guess.objects.create(
        ticket=change.ticket,
        issue_type=best.issue_type,
        by=best.by,
        probability=best.probability,
        words=[list(pair) for pair in best.words],
        was_applied=is_taken,
        chosen=chosen if is_other else None,
        corrected_by=change.by.user if is_other else None,
        corrected_at=timezone.now() if is_other else None,
    )


def _corrected(change: Change) -> None:
    """Somebody chose another issue type than was suggested, or came back to it."""
    guess = Guess.objects.filter(ticket=change.ticket).first()
    if guess is None:
        return
    chosen = change.ticket.issue_type
    is_other = chosen is not None and chosen.pk != guess.issue_type_id
    guess.chosen = chosen if is_other else None
    guess.corrected_by = change.by.user if is_other else None
    guess.corrected_at = timezone.now() if is_other else None
    guess.save(update_fields=["chosen", "corrected_by", "corrected_at"])


def _is_lesson(ticket: Ticket, before: Mapping[str, Any]) -> bool:
    """Whether this change says anew what the ticket teaches.

    Resolved tickets teach; and once one has, its issue type counts as it is now.
    """
    became_done = not ticket.is_active and before["category"] not in {"resolved", "closed"}
    other = before["issue_type_id"] != ticket.issue_type_id
    merged = before["merged_into_id"] != ticket.merged_into_id
    if became_done and ticket.issue_type is not None and not merged:
        return True
    return (other or merged) and (
        not ticket.is_active or Lesson.objects.filter(ticket_id=ticket.pk).exists()
    )


def _teaches(ticket: Ticket) -> IssueType | None:
    """The issue type; what was merged teaches nothing, its words went on with another ticket."""
    return None if ticket.merged_into_id is not None else ticket.issue_type
