"""Before two customers are made one: finding the other, and what will become of both.

What is told here is what `merging.merge` will do; a test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from conversations.models import Conversation, Customer, Identity, PageView
from lingxi.access.masking import for_viewer
from lingxi.ids import parse_id

FOUND, IDENTITIES = 20, 20
_LABELS = {
    "name": "姓名",
    "phone": "电话",
    "email": "邮箱",
    "level": "会员等级",
    "remark": "备注",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both. `fate` of the second's: added, dropped, or empty when it is no news."""

    label: str
    kept: str
    gone: str

    @property
    def fate(self) -> str:
        """What becomes of the value of the one who goes."""
        if not self.gone or self.gone == self.kept:
            return ""
        return "dropped" if self.kept else "added"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    customer: Customer
    name: str
    identities: list[dict[str, Any]]
    identity_count: int
    conversations: int
    page_views: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Both side by side. `closes` are channels where an open conversation will be ended."""

    kept: Side
    gone: Side
    rows: list[Row]
    tags: list[str]
    new_tags: list[str]
    closes: list[str]


def candidates(user: Any, customer: Customer, words: str) -> list[Customer]:
    """Customers `user` may see, by part of the name or phone, or a whole member id or other id."""
    words = words.strip()[:191]
    if not words:
        return []
    known = Identity.objects.filter(value=words).values("customer_id")
    match = Q(name__icontains=words) | Q(phone__icontains=words) | Q(pk__in=known)
    if wanted := parse_id(words):
        match |= Q(pk=wanted)
    rows = Customer.objects.visible_to(user).filter(match, merged_into=None)
    return list(rows.exclude(pk=customer.pk).order_by("-last_seen_at")[:FOUND])


def preview(user: Any, kept: Customer, gone: Customer) -> Preview:
    """What merging `gone` into `kept` will do, as `user` may see it."""
    both = Conversation.objects.open().filter(customer__in=[kept, gone])
    twice = both.values("channel").annotate(count=Count("pk")).filter(count__gt=1)
    ended = both.filter(channel__in=twice.values("channel"))
    return Preview(
        kept=_side(user, kept),
        gone=_side(user, gone),
        rows=list(_rows(user, kept, gone)),
        tags=for_viewer(user, _texts(kept.tags)),
        new_tags=for_viewer(user, [tag for tag in _texts(gone.tags) if tag not in kept.tags]),
        closes=sorted(set(ended.values_list("channel__name", flat=True))),
    )


def _side(user: Any, customer: Customer) -> Side:
    identities = Identity.objects.filter(customer=customer).order_by("kind", "id")
    shown = [
        {"kind": one.get_kind_display(), "value": for_viewer(user, one.value), "ok": one.verified}
        for one in identities[:IDENTITIES]
    ]
    return Side(
        customer=customer,
        name=for_viewer(user, customer.display_name),
        identities=shown,
        identity_count=identities.count(),
        conversations=Conversation.objects.filter(customer=customer).count(),
        page_views=PageView.objects.filter(customer=customer).count(),
    )


def _rows(user: Any, kept: Customer, gone: Customer) -> Iterable[Row]:
    for field, label in _LABELS.items():
        yield _row(user, label, getattr(kept, field), getattr(gone, field))
    names = list(dict.fromkeys([*kept.fields, *gone.fields]))
    for name in names[:20]:
        yield _row(user, str(name)[:40], kept.fields.get(name), gone.fields.get(name))


def _row(user: Any, label: str, kept: Any, gone: Any) -> Row:
    return Row(label, _text(user, kept), _text(user, gone))


def _text(user: Any, value: Any) -> str:
    if isinstance(value, dict):
        value = " · ".join(str(part) for part in value.values())
    return "" if value is None else str(for_viewer(user, value))[:300]


def _texts(tags: Iterable[Any]) -> list[str]:
    return [tag for tag in tags if isinstance(tag, str)]
