"""What routing knew of a conversation long past: the keys of `conversations.facts.facts_of`."""

import datetime as dt
from typing import Any

from conversations.demo.people import Person
from conversations.models import Channel

UTM = ("source", "medium", "campaign", "term", "content")


def of(
    channel: Channel,
    person: Person,
    context: dict[str, Any],
    fields: dict[str, Any],
    at: dt.datetime,
) -> dict[str, Any]:
    """The facts at `at`."""
    utm = context.get("utm", {})
    last_agent_at = person.last_agent_at.isoformat() if person.last_agent_at else None
    return {
        "channel": channel.key,
        "channel_kind": str(channel.kind),
        "entry_page": context["entry_page"],
        "referrer": context["referrer"],
        **{f"utm_{key}": utm.get(key, "") for key in UTM},
        "pages_seen": person.pages_seen,
        "seconds_on_site": person.seconds_on_site,
        "intent": person.intent,
        "message_text": "",
        "language": "zh",
        "customer_tags": person.tags,
        "customer_level": person.level,
        "returning": person.seen[0][0] < at,
        "custom_fields": fields,
        "last_agent": str(person.last_agent) if person.last_agent else None,
        "last_agent_at": last_agent_at,
    }
