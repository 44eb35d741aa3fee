"""The workflows of ticket types: drafts, publishing, going back.

A ticket keeps the version it was made with until it is moved by `tickets.migrating`.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from lingxi.fields.models import Entity, Schema
from lingxi.versioned import Problem, Versions
from tickets.models import TicketType
from tickets.workflow import STANDARD
from tickets.workflow_checks import problems_of
from tickets.workflow_shape import normal, shape_problems


class TypeVersions(Versions[TicketType]):
    """Drafts may be unfinished as long as their shape is right; what is published must work."""

    def draft_problems(self, content: Any, owner: Any) -> Sequence[Problem]:
        """The shape only."""
        return shape_problems(content)

    def clean(self, content: Any) -> Any:
        """Nothing left out."""
        return normal(content)


WORKFLOWS = TypeVersions(TicketType, "content", problems_of)


@transaction.atomic
def begin(type: TicketType, by: Any) -> TicketType:
    """Save a new type, with an empty form and the standard workflow in force at once."""
    named = {"entity": Entity.TICKET, "key": type.key, "name": type.name}
    type.schema = Schema.objects.create(**named)
    type.save()
    draft = WORKFLOWS.save_draft(type, STANDARD, by=by, revision=0)
    WORKFLOWS.publish(type, by=by, revision=draft.revision, note="标准流程")
    type.refresh_from_db()
    return type
