"""Which customers a person means by a few characters.

Whoever sees masked values must not find out hidden digits by trying: for them a name matches as
they see it, and a phone number does not match at all.
"""

import uuid
from typing import Any

from django.db.models import Q

from conversations.models import Customer, Identity, IdentityKind
from lingxi.access.masking import mask_text, sees_plain
from lingxi.ids import parse_id

MOST = 500


def find_customers(user: Any, text: str) -> list[uuid.UUID]:
    """By id, part of the name, member number; and by phone for those who see phones in plain.

    At most 500, those seen last first.
    """
    text = text.strip()
    given = parse_id(text) if len(text) >= 32 else None
    if given is not None:
        return [given]
    if sees_plain(user):
        known = [_known_as(text, kind) for kind in (IdentityKind.PHONE, IdentityKind.MEMBER)]
        identity = Q(pk__in=known[0]) | Q(pk__in=known[1])
        return _ids(Q(name__icontains=text) | Q(phone=text) | identity)
    found = Customer.objects.filter(name__icontains=text).order_by("-last_seen_at")[:MOST]
    seen = [row.pk for row in found if text.casefold() in mask_text(row.name).casefold()]
    return seen + (_member(text) if mask_text(text) == text else [])


def _ids(condition: Q) -> list[uuid.UUID]:
    rows = Customer.objects.filter(condition).order_by("-last_seen_at")
    return list(rows.values_list("pk", flat=True)[:MOST])


def _known_as(value: str, kind: IdentityKind) -> Any:
    return Identity.objects.filter(kind=kind, value=value).values("customer_id")


def _member(text: str) -> list[uuid.UUID]:
    return list(_known_as(text, IdentityKind.MEMBER).values_list("customer_id", flat=True))
