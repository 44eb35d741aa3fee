"""Making one customer of two.

Locks are taken in one order: customers by id, then conversations by id. Whoever opens a
conversation holds its customer first, so none slips in while its customer is being merged.
"""

from typing import Any

from auditlog.models import LogEntry
from django.db import transaction

from conversations import actions
from conversations.actors import SYSTEM
from conversations.models import (
    Attachment,
    AuthorType,
    Block,
    Conversation,
    Customer,
    Identity,
    IdentityKind,
    Message,
    PageView,
)
from conversations.realtime import hints
from lingxi.access.permissions import check
from lingxi.errors import Conflict, Invalid, NotFound
from lingxi.events.outbox import emit

SECRET_KINDS = frozenset({IdentityKind.COOKIE, IdentityKind.DEVICE})
_BLANKS = ("name", "phone", "email", "level", "remark")


def merge(source: Customer, target: Customer, by: Any = None) -> Customer:
    """Move all that `source` has to `target`, which is returned; `source` points there for good.

    Where both have an open conversation on one channel, the older one is closed. `by` is the
    person who decided it, None for the system. Raises `Invalid`, `Conflict` or `Forbidden`.
    """
    if by is not None:
        check(by, "customers.merge")
    if source.pk == target.pk:
        raise Invalid("不能与自己合并", fields={"target": ["不能是同一客户"]})
    with transaction.atomic():
        return _merge(*_locked(source, target), by)


def _merge(source: Customer, target: Customer, by: Any) -> Customer:
    _close_older(source, target)
    moved = _move(source, target)
    _fill_blanks(source, target)
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    Customer.objects.filter(merged_into=source).update(merged_into=target)
    _record(source, target, by, moved)
    # Open sockets speak for a customer who is no more; with a new token they go on.
    hint = hints.Hint(merged=[str(source.pk)])
    transaction.on_commit(lambda: hints.say(hint), robust=True)
    return target


def _locked(source: Customer, target: Customer) -> tuple[Customer, Customer]:
    ids = [source.pk, target.pk]
    rows = {
        row.pk: row
        for row in Customer.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .order_by("pk")
    }
    if len(rows) < 2:
        raise NotFound("客户不存在")
    if any(row.merged_into_id for row in rows.values()):
        raise Conflict("客户已被合并")
    return rows[source.pk], rows[target.pk]


def _close_older(source: Customer, target: Customer) -> None:
    """One open conversation per customer and channel: the newer one goes on."""
    open_ones = Conversation.objects.open().filter(customer__in=[source, target])
    latest: dict[Any, Conversation] = {}
    for conversation in open_ones.order_by("created_at", "id"):
        older = latest.get(conversation.channel_id)
        if older is not None:
            actions.close_conversation(older.id, SYSTEM)
        latest[conversation.channel_id] = conversation


def _move(source: Customer, target: Customer) -> dict[str, int]:
    conversations = Conversation.objects.filter(customer=source)
    ids = list(
        conversations.select_for_update(no_key=True).order_by("id").values_list("id", flat=True)
    )
    # A message sent again after the merge must be known as the same author's.
    Message.objects.filter(
        conversation__in=conversations.open(), author_type=AuthorType.VISITOR, author_id=source.pk
    ).update(author_id=target.pk)
    return {
        "conversations": Conversation.objects.filter(id__in=ids).update(customer=target),
        "identities": Identity.objects.filter(customer=source).update(customer=target),
        "page_views": PageView.objects.filter(customer=source).update(customer=target),
        "attachments": Attachment.objects.filter(customer=source).update(customer=target),
        "blocks": Block.objects.filter(customer=source).update(customer=target),
    }


def _fill_blanks(source: Customer, target: Customer) -> None:
    for field in _BLANKS:
        if not getattr(target, field):
            setattr(target, field, getattr(source, field))
    target.tags = [*target.tags, *(tag for tag in source.tags if tag not in target.tags)]
    target.fields = {**source.fields, **target.fields}
    target.fields_version_id = target.fields_version_id or source.fields_version_id
    target.device = target.device or source.device
    target.last_seen_at = max(target.last_seen_at, source.last_seen_at)
    target.save(
        update_fields=[*_BLANKS, "tags", "fields", "fields_version", "device", "last_seen_at"]
    )


def _record(source: Customer, target: Customer, by: Any, moved: dict[str, int]) -> None:
    LogEntry.objects.log_create(
        source,
        action=LogEntry.Action.UPDATE,
        changes={"merged_into": [None, str(target.pk)]},
        actor=by,
        additional_data={"merged_into": str(target.pk), **moved},
    )
    emit(
        "customer.merged",
        customer_id=target.pk,
        payload={"source": str(source.pk), "target": str(target.pk), **moved},
    )


def absorb(kind: str, value: str, target: Customer) -> None:
    """An anonymous visitor signed in: what they had belongs to `target` now.

    The secret they were known by is retired, not moved: on a shared computer the next visitor
    has the same cookie, and must not find the member's history with it. A customer somebody has
    already vouched for is left alone.
    """
    identity = Identity.objects.select_related("customer").filter(kind=kind, value=value).first()
    if identity is None or identity.customer_id == target.pk:
        return
    try:
        with transaction.atomic():
            source, target = _locked(identity.customer, target)
            if not source.identities.filter(verified=True).exists():
                source.identities.filter(kind__in=SECRET_KINDS).delete()
                _merge(source, target, None)
    except Conflict:
        return  # merged elsewhere this moment
