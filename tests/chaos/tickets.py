"""Tickets under faults: made once however often they are asked for, and told in the chat once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

TYPE = "chaos"

_STORED = """
SELECT t.title, 'T' || t.number, t.status,
       (SELECT count(*) FROM events_event e
         WHERE e.type = 'ticket.created' AND e.payload->>'ticket_id' = t.id::text)
FROM tickets_ticket t WHERE t.title = ANY(%s)
"""
_TOLD = """
SELECT e.payload->>'number', e.type, count(m.id)
FROM events_event e
JOIN tickets_ticket t ON t.id::text = e.payload->>'ticket_id' AND t.title = ANY(%s)
LEFT JOIN conversations_message m ON m.client_msg_id = 'ticket:' || e.event_id
WHERE e.type = 'ticket.created'
   OR (e.type = 'ticket.updated' AND e.payload->'changes' ? 'status')
GROUP BY e.event_id, 1, 2
"""


@dataclass
class Book:
    """What agents asked for by key, and the numbers they were given."""

    asked: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)  # those whose first step was answered


@dataclass(frozen=True)
class Stored:
    """A ticket in the database."""

    key: str
    number: str
    status: str
    events: int


def gather(database: str, book: Book) -> tuple[list[Stored], list[tuple[str, str, int]]]:
    """The tickets asked for as they are stored; and how often each of their news was told."""
    keys = list(book.asked)
    with psycopg.connect(database, autocommit=True) as connection:
        stored = [Stored(*row) for row in connection.execute(_STORED, [keys])]
        told = [(row[0], row[1], row[2]) for row in connection.execute(_TOLD, [keys])]
    return stored, told


def check(
    book: Book, stored: list[Stored], told: list[tuple[str, str, int]]
) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Broken promises by name, and figures. Pure."""
    broken = {
        "tickets_wrong": list(_wrong(book, stored)),
        "tickets_untold": [
            f"{number}: {type} was told {times} times" for number, type, times in told if times != 1
        ],
    }
    figures = {"tickets_asked": len(book.asked), "tickets_made": len(stored)}
    return broken, {**figures, "ticket_news_told": sum(times for _, _, times in told)}


def _wrong(book: Book, stored: list[Stored]) -> Iterator[str]:
    found = {one.key: one for one in stored}
    made = Counter(one.key for one in stored)
    yield from (f"{key} made {times} tickets" for key, times in made.items() if times > 1)
    for key, number in book.given.items():
        if key not in found:
            yield f"{key} was answered with {number}, and there is none"
        elif found[key].number != number:
            yield f"{key} was answered with {number}, and is {found[key].number}"
    for key in book.begun:
        if key in found and found[key].status == "new":
            yield f"{key} was begun, and is new"
    for one in stored:
        if one.events != 1:
            yield f"{one.key} has {one.events} events of its making"
        if one.key in book.refused:
            yield f"{one.key} was refused, and is there"
