"""Customers: recognising them, merging them, and the pages they look at.

How far an identity is believed decides what it opens:

- `cookie` and `device` values are secrets the visitor's own software made up: who has the value
  is the customer, so it must be long and not made of one character.
- `member`, `phone` and `openid` are known to others, so they open a customer only with the host
  site's signature: hex HMAC-SHA256 of ``kind:value`` under the channel's `identity_secret`.
- The same without a signature, on a channel without a secret, is only what the visitor says of
  themselves. It is shown to the agent under ``fields["claimed"]`` and never looked up or kept as
  an identity, so it can neither open somebody's history nor lie in wait for their first visit.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.merging import SECRET_KINDS, absorb, merge
from conversations.models import Channel, Customer, Identity, IdentityKind, PageView
from lingxi.errors import Busy, Forbidden, Invalid

__all__ = ["Claim", "identify", "merge", "record_page_view"]

MIN_SECRET, MIN_DISTINCT, MAX_VALUE = 16, 6, 191
_PRINTABLE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
_PHONE = re.compile(r"\+?\d{5,20}")
_PROFILE = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class Claim:
    """An identity as it was brought; `verified` when its signature was right."""

    kind: str
    value: str
    verified: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether knowing the value is the proof."""
        return self.kind in SECRET_KINDS


def identify(
    channel: Channel,
    kind: str | None = None,
    value: str | None = None,
    signature: str | None = None,
    *,
    profile: Mapping[str, Any] | None = None,
    also: Iterable[Mapping[str, str]] = (),
    device: Mapping[str, Any] | None = None,
) -> Customer:
    """The customer behind an identity, made at the first visit; a new one without an identity.

    `also` are further identities of the same visit (the cookie beside a member id). Two parallel
    first visits make one customer. Raises `Invalid` or `Forbidden`.
    """
    brought = [{"kind": kind, "value": value, "signature": signature}] if kind else []
    claims = [_check(channel, **one) for one in [*brought, *also]]  # type: ignore[arg-type]
    verified = [claim for claim in claims if claim.verified]
    secrets = [claim for claim in claims if claim.is_secret]
    if verified:
        customer = _find_or_make(verified[0])
        for secret in secrets:
            absorb(secret.kind, secret.value, customer)
    elif secrets:
        customer = _find_or_make(secrets[0])
    else:
        customer = Customer.objects.create()
    for claim in (verified or secrets)[1:]:
        _attach(customer, claim)
    _update(customer, claims, profile or {}, device, trusted=bool(verified))
    return customer


def known_by(secret: str, profile: Mapping[str, Any]) -> Customer:
    """The customer behind a secret of our own making, which nobody outside can bring; made at its
    first use. What is said of them fills blanks only.
    """
    claim = Claim(IdentityKind.DEVICE, secret)
    customer = _find_or_make(claim)
    _update(customer, [claim], profile, None, trusted=False)
    return customer


def sign(secret: str, kind: str, value: str) -> str:
    """The signature a host site gives with an identity."""
    return hmac.new(secret.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _check(channel: Channel, kind: str, value: Any, signature: str | None = None) -> Claim:
    if kind not in IdentityKind.values:
        raise _bad("kind", f"必须是 {'、'.join(IdentityKind.values)}")
    if not isinstance(value, str) or len(value) > MAX_VALUE or not _PRINTABLE.fullmatch(value):
        raise _bad("value", f"1 到 {MAX_VALUE} 个可见字符，不含空白")
    if kind in SECRET_KINDS:
        if len(value) < MIN_SECRET or len(set(value)) < MIN_DISTINCT:
            raise _bad("value", f"{kind} 必须是至少 {MIN_SECRET} 位的随机值")
        return Claim(kind, value)
    verified = _verify(channel, kind, value, signature)
    if kind == IdentityKind.PHONE:
        value = re.sub(r"[-()（）]", "", value)
        if not _PHONE.fullmatch(value):
            raise _bad("value", "不是有效的电话号码")
    return Claim(kind, value, verified)


def _bad(field: str, what: str) -> Invalid:
    return Invalid("身份信息有误", fields={"identity": {field: [what]}})


def _verify(channel: Channel, kind: str, value: str, signature: str | None) -> bool:
    if not channel.identity_secret:
        return False
    right = sign(channel.identity_secret, kind, value).encode()
    if not hmac.compare_digest(right, (signature or "").lower().encode()):
        raise Forbidden("身份签名缺失或无效", fields={"identity": {"signature": ["无效"]}})
    return True


def _find_or_make(claim: Claim) -> Customer:
    for _ in range(5):  # a sign-in elsewhere may retire the identity between the two looks
        identity = _find(claim)
        if identity is not None:
            return _current(identity, claim)
        try:
            with transaction.atomic():
                customer = Customer.objects.create()
                Identity.objects.create(
                    customer=customer, kind=claim.kind, value=claim.value, verified=claim.verified
                )
            return customer
        except IntegrityError:
            continue  # the other first visit won
    raise Busy(retry_after=1)


def _find(claim: Claim) -> Identity | None:
    return (
        Identity.objects.select_related("customer")
        .filter(kind=claim.kind, value=claim.value)
        .first()
    )


def _current(identity: Identity, claim: Claim) -> Customer:
    if claim.verified and not identity.verified:
        # Made by people or imports, never by an unsigned claim: see the module's first words.
        Identity.objects.filter(pk=identity.pk).update(verified=True)
    customer = identity.customer
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer


def _attach(customer: Customer, claim: Claim) -> None:
    """Add an identity nobody has yet; one that somebody has stays theirs."""
    Identity.objects.bulk_create(
        [Identity(customer=customer, kind=claim.kind, value=claim.value, verified=claim.verified)],
        ignore_conflicts=True,
    )


def _update(
    customer: Customer,
    claims: Iterable[Claim],
    profile: Mapping[str, Any],
    device: Mapping[str, Any] | None,
    *,
    trusted: bool,
) -> None:
    """What is said of a customer: with a signature it replaces, without it only fills blanks."""
    changed = {"last_seen_at"}
    customer.last_seen_at = timezone.now()
    for field in (*_PROFILE, "level") if trusted else _PROFILE:
        if profile.get(field) and (trusted or not getattr(customer, field)):
            setattr(customer, field, profile[field])
            changed.add(field)
    asserted = {one.kind: one.value for one in claims if not one.verified and not one.is_secret}
    if asserted:
        customer.fields = {
            **customer.fields,
            "claimed": {**customer.fields.get("claimed", {}), **asserted},
        }
        changed.add("fields")
    if device:
        customer.device = dict(device)
        changed.add("device")
    customer.save(update_fields=changed)


def record_page_view(
    customer_id: Any, channel_id: Any, url: str, title: str = "", referrer: str = ""
) -> PageView:
    """Add a page to the trail. The time is ours: a visitor's clock may be far off."""
    return PageView.objects.create(
        customer_id=customer_id, channel_id=channel_id, url=url, title=title, referrer=referrer
    )
