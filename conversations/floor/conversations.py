"""The conversations on the floor: all heads of queues, and what there is to be warned of."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from conversations.floor import queries
from conversations.floor.warnings import AHEAD, Limits, millis, vip_mark, warning
from conversations.models import State

Row = dict[str, Any]
Found = Mapping[uuid.UUID, Row]


def conversation_rows(
    now: dt.datetime, limits: Mapping[uuid.UUID, Limits], agents: Mapping[str, Row]
) -> Iterator[Row]:
    """Everybody at the head of a queue, and every other conversation with a warning."""
    limit = queries.limit_of(len(limits))
    items = {row["item_id"]: row for row in queries.waiting(limit)}
    words, rated = queries.words_said(now), queries.bad_ratings(now)
    late = queries.late_since(now, [one.unanswered for one in limits.values()])
    soon = millis(now + AHEAD)
    for one in queries.conversations([*items, *words], list(rated), late, limit):
        item = items.get(one["id"])
        group = limits.get(one["home"] if item is None else item["group_id"])
        if group is None:  # made between two queries
            continue
        warnings = list(_warnings(one, item, group, words, rated))
        if item is not None or any(warned["at"] <= soon for warned in warnings):
            row = _row(one, item, warnings)
            # The name goes along: who steps in need not be an agent whom the viewer sees.
            yield row | {"who": agents[row["agent"]]["name"] if row["agent"] in agents else ""}


def _warnings(
    one: Row, item: Row | None, limits: Limits, words: Found, rated: Found
) -> Iterator[dict[str, Any]]:
    if one["id"] in rated:
        rating = rated[one["id"]]
        yield warning("rating", rating["created_at"], text=str(rating["score"]))
    if one["state"] == State.CLOSED:
        return
    if item is not None and limits.waiting:
        yield warning("waiting", item["enqueued_at"], limits.waiting)
    if one["agent"] is not None and one["unanswered"] is not None and limits.unanswered:
        yield warning("unanswered", one["unanswered"], limits.unanswered)
    if one["id"] in words:
        hit = words[one["id"]]
        yield warning("sensitive", hit["created_at"], text=hit["word"])
    mark = vip_mark(one["level"], one["tags"])
    if mark:
        yield warning("vip", one["created"], text=mark)


def _row(one: Row, item: Row | None, warnings: list[dict[str, Any]]) -> Row:
    agent = one["agent"]
    if item is not None and item["agent_id"] is not None:
        agent = item["agent_id"]  # who is asked, and has not answered
    return {
        "id": str(one["id"]),
        "state": item["state"] if item is not None else one["state"],
        "group": str(item["group_id"] if item is not None else one["home"]),
        "home": str(one["home"]),
        "serves": str(one["agent"]) if one["agent"] else None,
        "agent": str(agent) if agent else None,
        "customer": str(one["customer"]),
        "name": one["name"],
        "channel": one["channel"],
        "text": one["text"],
        "since": _since(one, item),
        "priority": item["priority"] if item is not None else 0,
        "place": item["place"] if item is not None else None,
        "vip": vip_mark(one["level"], one["tags"]),
        "warnings": warnings,
    }


def _since(one: Row, item: Row | None) -> int | None:
    """Since when somebody waits here: in the queue, or for an answer."""
    if item is not None:
        return millis(item["enqueued_at"])
    waiting = one["unanswered"] if one["state"] != State.CLOSED else None
    return millis(waiting) if waiting is not None else None
