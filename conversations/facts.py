"""What routing may know of a conversation: a flat mapping, computed when it is to be placed.

A *visit* is the page views of the customer on this channel without a gap of more than 30 minutes,
up to now. `intent` is what the host page says (``fields.intent``); where it says nothing, the
visit is scored, see `intent_of`. Facts are stored with the work item and shown in explanations,
so phone and identity-card numbers in them are masked here, once.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations import declared
from conversations.models import Conversation, Customer, PageView
from lingxi.access.masking import mask_json, mask_text

GAP = dt.timedelta(minutes=30)
LOOK_BACK = dt.timedelta(hours=24)
MOST_VIEWS = 500
MAX_TEXT = 500
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
INTENTS = ("none", "low", "medium", "high")
_BUYING = re.compile(
    r"cart\b|checkout|basket|payment|/pay\b|/buy\b|pricing|/price|"
    r"购物车|结算|下单|购买|价格|报价|套餐|支付|询价",
    re.IGNORECASE,
)
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_LATIN = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Visit:
    """The pages of one visit, newest first, and how long it has lasted, in seconds."""

    pages: tuple[tuple[str, str], ...] = ()  # address, title
    seconds: int = 0

    @property
    def distinct(self) -> int:
        """How many different pages."""
        return len({url for url, _ in self.pages})


def facts_of(conversation: Conversation, text: str = "") -> dict[str, Any]:
    """Every fact of `conversation.strategy_facts`, by name; three queries and no more,
    besides one a second for each of the two forms of declared fields.

    `text` is the visitor's message when there is one already. Sensitive numbers are masked.
    """
    customer = _customer(conversation)
    context = conversation.context
    visit = visit_of(conversation)
    entry = str(context.get("entry_page") or "")
    pages = max(visit.distinct, 1 if entry else 0)
    facts = {
        "channel": conversation.channel.key,
        "channel_kind": conversation.channel.kind,
        "entry_page": entry,
        "referrer": str(context.get("referrer") or ""),
        **_utm(context),
        "pages_seen": pages,
        "seconds_on_site": visit.seconds,
        "intent": intent_of(conversation.fields, visit, entry),
        "message_text": mask_text(text)[:MAX_TEXT],
        "language": language_of(context.get("language"), text),
        "customer_tags": [str(tag) for tag in customer.tags],
        "customer_level": customer.level,
        "returning": customer.was_here or customer.has_talked,
        "custom_fields": _custom(
            declared.facts_of(customer, "customer"),
            declared.facts_of(conversation, "conversation"),
        ),
        **_last_agent(conversation),
    }
    return mask_json(facts)


def _customer(conversation: Conversation) -> Any:
    """The customer's row, with whether they have talked before and were here before today."""
    earlier = Conversation.objects.filter(customer=OuterRef("pk")).exclude(pk=conversation.pk)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    visits = PageView.objects.filter(customer=OuterRef("pk"), viewed_at__lt=midnight)
    return Customer.objects.annotate(
        has_talked=Exists(earlier.filter(created_at__lt=conversation.created_at)),
        was_here=Exists(visits),
    ).get(pk=conversation.customer_id)


def visit_of(conversation: Conversation, now: dt.datetime | None = None) -> Visit:
    """The visit that goes on at `now`; an empty one when the last page is too long ago."""
    now = now or timezone.now()
    rows = (
        PageView.objects.filter(
            customer_id=conversation.customer_id,
            channel_id=conversation.channel_id,
            viewed_at__gt=now - LOOK_BACK,
            viewed_at__lte=now,
        )
        .order_by("-viewed_at", "-id")
        .values_list("url", "title", "viewed_at")[:MOST_VIEWS]
    )
    pages: list[tuple[str, str]] = []
    since = now
    for url, title, viewed_at in rows:
        if since - viewed_at > GAP:
            break
        pages.append((url, title))
        since = viewed_at
    return Visit(tuple(pages), int((now - since).total_seconds()))


def intent_of(fields: Mapping[str, Any], visit: Visit, entry: str = "") -> str:
    """none, low, medium or high: the host page's word, or a score of the visit.

    One point each for 3 and 6 different pages, for 1 and 5 minutes on the site, and for coming
    back to a page; two for a page about buying (cart, checkout, price …). 1 is low, 2 and 3 are
    medium, from 4 on it is high.
    """
    said = str(fields.get("intent") or "").lower()
    if said in INTENTS:
        return said
    urls = [url for url, _ in visit.pages]
    points = [
        visit.distinct >= 3,
        visit.distinct >= 6,
        visit.seconds >= 60,
        visit.seconds >= 300,
        _came_back(urls),
    ]
    score = sum(points) + 2 * _about_buying([*visit.pages, (entry, "")])
    return "high" if score >= 4 else "medium" if score >= 2 else "low" if score else "none"


def _came_back(urls: Sequence[str]) -> bool:
    """Whether a page was seen again after another one; a reload is no return."""
    turns = [url for place, url in enumerate(urls) if place == 0 or urls[place - 1] != url]
    return len(set(turns)) < len(turns)


def _about_buying(pages: Sequence[tuple[str, str]]) -> bool:
    return any(_BUYING.search(_path(url)) or _BUYING.search(title) for url, title in pages)


def _path(url: str) -> str:
    """The address without its host: a shop called pricing.example is not about prices."""
    try:
        parts = urlsplit(url)
    except ValueError:  # not a URL; the places inside apps need not be
        return url
    return unquote(f"{parts.path}#{parts.fragment}")


def language_of(told: Any, text: str = "") -> str:
    """The primary language, as `zh`: by the script of `text`, else as the browser tells, or ""."""
    for language, script in _SCRIPTS:
        if script.search(text):
            return language
    primary = re.split(r"[-_,;]", str(told or "").strip().lower())[0]
    if re.fullmatch(r"[a-z]{2,3}", primary):
        return primary
    return "en" if _LATIN.search(text) else ""


def _utm(context: Mapping[str, Any]) -> dict[str, str]:
    """Of the context, where keys come with or without the prefix."""
    told = context.get("utm")
    utm = told if isinstance(told, Mapping) else {}
    return {key: str(utm.get(key) or utm.get(key.removeprefix("utm_")) or "") for key in UTM}


def _custom(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Single values by key; what the conversation says goes before what the customer has."""
    return {
        str(key): value
        for layer in layers
        for key, value in layer.items()
        if isinstance(value, str | int | float | bool)
    }


def _last_agent(conversation: Conversation) -> dict[str, str | None]:
    """Who served the customer last, and until when."""
    last = (
        Conversation.objects.filter(
            customer_id=conversation.customer_id, agent__isnull=False, accepted_at__isnull=False
        )
        .exclude(pk=conversation.pk)
        .order_by("-created_at")
        .values_list("agent_id", "accepted_at", "closed_at")
        .first()
    )
    if last is None:
        return {"last_agent": None, "last_agent_at": None}
    agent_id, accepted_at, closed_at = last
    until = closed_at or accepted_at
    return {"last_agent": str(agent_id), "last_agent_at": until.isoformat() if until else None}
