"""The search box: number, title or customer, by what the person may see of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from conversations.models import Customer, Identity, IdentityKind
from lingxi.access.masking import mask_text, sees_plain
from tickets.listing.condition import NOTHING, Condition, contains
from tickets.listing.terms import TITLE
from tickets.models import number_of

if TYPE_CHECKING:
    from tickets.listing.viewer import Viewer

MOST_CUSTOMERS = 200
MOST_WORDS = 100


def of_words(viewer: "Viewer", values: Sequence[str]) -> Condition:
    """Tickets of that number, with the words in the title, or of a customer of that name.

    Several words must all be in the title.
    """
    text = " ".join(values[0].split())[:MOST_WORDS]
    if not text:
        return Condition()
    titled = Condition()
    for word in text.split(" "):
        titled &= contains(TITLE, word, Q(title__icontains=word), viewer.user)
    other = Q(requester__in=customers(viewer.user, text))
    number = number_of(text)
    if number is not None and number < 2**63:
        other |= Q(number=number)
    return Condition(titled.exact | other, hint=titled.indexed | other if titled.has else Q())


def of_requester(viewer: "Viewer", values: Sequence[str]) -> Condition:
    """Tickets of customers of that name, phone or member number."""
    text = values[0].strip()[:MOST_WORDS]
    if not text:
        return Condition()
    found = customers(viewer.user, text)
    return Condition(Q(requester__in=found)) if found else NOTHING


def customers(user: Any, text: str) -> list[Any]:
    """Customers by part of the name or member number, and by phone for who sees phones in plain.

    At most 200, those seen last first. For others, a name matches as they see it: by trying they
    must not find out what is masked.
    """
    rows = Customer.objects.order_by("-last_seen_at")
    known = Identity.objects.filter(kind=IdentityKind.MEMBER, value=text).values("customer_id")
    if sees_plain(user):
        phones = Identity.objects.filter(kind=IdentityKind.PHONE, value=text)
        wanted = Q(name__icontains=text) | Q(phone=text) | Q(pk__in=known)
        found = rows.filter(wanted | Q(pk__in=phones.values("customer_id")))
        return list(found.values_list("pk", flat=True)[:MOST_CUSTOMERS])
    if mask_text(text) != text:
        return []
    named = rows.filter(Q(name__icontains=text) | Q(pk__in=known))[:MOST_CUSTOMERS]
    wanted_text = text.casefold()
    is_member = set(known.values_list("customer_id", flat=True))
    return [
        row.pk
        for row in named
        if wanted_text in mask_text(row.name).casefold() or row.pk in is_member
    ]
