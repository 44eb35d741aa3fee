"""The life of what is published in versions.

Whoever changes what is in force, or a draft, first locks the owner's row; so two people who
publish at once are one after the other, and the second finds that the draft has moved on. Every
change is in the audit log.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from auditlog.models import LogEntry
from django.db import models, transaction
from django.utils import timezone

from lingxi.errors import Conflict, Invalid
from lingxi.versioned.models import VersionState
from lingxi.versioned.problems import AnyProblem, as_fields, errors_of

MAX_NOTE = 200
OwnerT = TypeVar("OwnerT", bound=models.Model)
Check = Callable[[Any, Any], Sequence[AnyProblem]]


def _no_problems(content: Any, owner: Any) -> Sequence[AnyProblem]:
    return []


class Versions(Generic[OwnerT]):
    """Drafts and versions of the rows of `owner_model`, whose content is the field `content`.

    `problems(content, owner)` says what is wrong with a content. What is put in force, and what
    else happens then, a subclass says.
    """

    in_force: tuple[str, ...] = ("current",)
    """The owner's fields that say what is in force; all are saved when it changes."""
    log_key = "version"
    """Under which the audit log says what was done."""

    def __init__(
        self, owner_model: type[OwnerT], content: str = "content", problems: Check = _no_problems
    ) -> None:
        self.owner_model, self.content, self.problems = owner_model, content, problems

    # What subclasses may say otherwise.

    def base_of(self, owner: Any) -> Any:
        """The version that a new draft begins with, or None."""
        return owner.current

    def clean(self, content: Any) -> Any:
        """A content without errors in the one form that is stored."""
        return content

    def draft_problems(self, content: Any, owner: Any) -> Sequence[AnyProblem]:
        """What is wrong with a draft; its errors refuse saving. All that refuses publishing, too,
        unless drafts may be unfinished.
        """
        return self.problems(content, owner)

    def place(self, owner: Any, version: Any, **how: Any) -> None:
        """Put a version in force; the owner is saved afterwards."""
        owner.current = version

    def refuse_publishing(self, owner: Any) -> None:
        """Raises `Conflict` when nothing can be published now."""

    def changed(self, owner: Any) -> None:
        """Called inside the transaction when something else is in force."""

    def shown(self, owner: Any) -> dict[str, Any]:
        """What is in force, for the audit log."""
        return {"current": owner.current.number if owner.current else None}

    # The life.

    @transaction.atomic
    def draft_of(self, owner: OwnerT, by: Any) -> Any:
        """The draft; a copy of what is in force when there is none."""
        locked = self.lock(owner)
        draft = self.found_draft(locked)
        if draft is not None:
            return draft
        base = self.base_of(locked)
        content = {self.content: getattr(base, self.content)} if base else {}
        return locked.versions.create(
            **content, based_on=base, revision=_last_revision(locked) + 1, edited_by=by
        )

    @transaction.atomic
    def save_draft(self, owner: OwnerT, content: Any, by: Any, revision: int) -> Any:
        """Replace the draft's content. `revision` is the one the editor has seen, 0 for none.

        Raises `Conflict` when the draft was saved, published or discarded since, `Invalid` with
        messages by path when the content has errors.
        """
        locked = self.lock(owner)
        if revision == 0 and self.found_draft(locked) is None:
            revision = self.draft_of(locked, by).revision
        draft = self._seen(locked, revision)
        self._refuse(self.draft_problems(content, locked))
        setattr(draft, self.content, self.clean(content))
        draft.revision += 1
        draft.edited_by, draft.edited_at = by, timezone.now()
        draft.save(update_fields=[self.content, "revision", "edited_by", "edited_at"])
        self._log(locked, by, "save_draft", {"draft": [revision, draft.revision]})
        return draft

    @transaction.atomic
    def discard_draft(self, owner: OwnerT, by: Any) -> None:
        """Delete the draft, if there is one."""
        locked = self.lock(owner)
        draft = self.found_draft(locked)
        if draft is not None:
            self._log(locked, by, "discard_draft", {"draft": [draft.revision, None]})
            draft.delete()

    @transaction.atomic
    def publish(self, owner: OwnerT, by: Any, revision: int, note: str = "", **how: Any) -> Any:
        """Make the draft a version and put it in force.

        Raises `Conflict` when the draft is not of `revision` any more, `Invalid` for errors in
        the content or a long note. `how` is for `place`.
        """
        refuse_odd_note(note)
        locked = self.lock(owner)
        draft = self._seen(locked, revision)
        self.refuse_publishing(locked)
        self._refuse_errors(getattr(draft, self.content), locked)
        draft.state, draft.number = VersionState.PUBLISHED, _last_number(locked) + 1
        draft.note, draft.published_by, draft.published_at = note, by, timezone.now()
        draft.save(update_fields=["state", "number", "note", "published_by", "published_at"])
        before = self.shown(locked)
        self.place(locked, draft, **how)
        self.put_in_force(locked, by, "publish", before, number=draft.number, note=note)
        return draft

    @transaction.atomic
    def roll_back(self, owner: OwnerT, version: Any, by: Any) -> Any:
        """Publish the content of an earlier version again, as a new one.

        Raises `Conflict` for a draft or a version of another owner, `Invalid` when the content
        has errors by now (what it names was deleted since, ...).
        """
        locked = self.lock(owner)
        if not locked.versions.filter(pk=version.pk, state=VersionState.PUBLISHED).exists():
            raise Conflict("只能回滚到此处已发布的版本")
        content = getattr(version, self.content)
        self._refuse_errors(content, locked)
        made = locked.versions.create(
            **{self.content: content},
            state=VersionState.PUBLISHED,
            number=_last_number(locked) + 1,
            revision=_last_revision(locked) + 1,
            note=f"回滚到 v{version.number}",
            based_on=version,
            edited_by=by,
            published_by=by,
            published_at=timezone.now(),
        )
        before = self.shown(locked)
        self.place(locked, made)
        self.put_in_force(locked, by, "roll_back", before, number=made.number, to=version.number)
        return made

    # For subclasses with more ways to change what is in force.

    def lock(self, owner: OwnerT) -> Any:
        """The row as it is now, locked."""
        return self.owner_model._default_manager.select_for_update(no_key=True).get(pk=owner.pk)

    def found_draft(self, owner: Any) -> Any:
        """The draft, or None."""
        return owner.versions.filter(state=VersionState.DRAFT).first()

    def put_in_force(
        self, owner: Any, by: Any, action: str, before: dict[str, Any], **more: Any
    ) -> Any:
        """Save what `place` has set, and log what is other than `before`."""
        owner.save(update_fields=self.in_force)
        after = self.shown(owner)
        changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        self._log(owner, by, action, changes, **more)
        self.changed(owner)
        return owner

    def _seen(self, owner: Any, revision: int) -> Any:
        """The draft that the editor has seen. Raises `Conflict`."""
        draft = self.found_draft(owner)
        if draft is None:
            raise Conflict("草稿已被发布或放弃，请刷新后重试")
        if draft.revision != revision:
            raise Conflict("草稿已被他人修改，请刷新后重试", fields={"revision": draft.revision})
        return draft

    def _refuse_errors(self, content: Any, owner: Any) -> None:
        self._refuse(self.problems(content, owner))

    def _refuse(self, problems: Sequence[AnyProblem]) -> None:
        errors = errors_of(problems)
        if errors:
            raise Invalid(errors[0].message, fields=as_fields(errors, self.content))

    def _log(self, owner: Any, by: Any, action: str, changes: dict[str, Any], **more: Any) -> None:
        LogEntry.objects.log_create(
            owner,
            action=LogEntry.Action.UPDATE,
            changes=changes,
            actor=by,
            additional_data={self.log_key: action, **more},
        )


def refuse_odd_note(note: Any) -> None:
    """Raises `Invalid` unless it is a text of at most `MAX_NOTE` characters."""
    if not isinstance(note, str) or len(note) > MAX_NOTE or "\x00" in note:
        raise Invalid(fields={"note": [f"{MAX_NOTE} 个字以内的文本"]})


def _last_revision(owner: Any) -> int:
    """Revisions go on over drafts, so that no stale page fits a later draft."""
    latest = owner.versions.order_by("-revision").values_list("revision", flat=True).first()
    return latest or 0


def _last_number(owner: Any) -> int:
    numbers = owner.versions.exclude(number=None).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0
