"""What partners can subscribe to."""

import re
from pathlib import Path

import pytest

from integrations.catalogue import CATALOGUE, TEST, choices, unknown
from lingxi.access.masking import mask_json

ROOT = Path(__file__).resolve().parents[2]
PROMISED = {
    "conversation.created",
    "message.received",
    "handoff.to_agent",
    "ticket.created",
    "ticket.updated",
    "conversation.closed",
}


def test_promised_types_are_declared():
    assert CATALOGUE.keys() >= PROMISED


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_type_is_told_in_full(name):
    one = CATALOGUE[name]
    assert one.name == name
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", name)
    assert one.label
    assert one.description
    assert one.example == mask_json(one.example)
    assert f"`{name}`" in (ROOT / "docs/webhooks.md").read_text()


def test_the_test_event_cannot_be_subscribed_to():
    assert TEST.name not in CATALOGUE
    assert unknown([TEST.name, "message.received", 3]) == [TEST.name, "3"]
    assert dict(choices()).keys() == CATALOGUE.keys()


def test_what_is_emitted_is_declared():
    """Every event type that is emitted anywhere in the code has its entry."""
    emitted = set()
    for app in ("conversations", "routing", "tickets"):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            emitted |= set(re.findall(r"""\bemit\(\s*"([a-z_.]+)\"""", text))
            emitted |= set(re.findall(r"""\bEvent\(\s*(?:type=)?"([a-z_.]+)\"""", text))
    assert emitted <= CATALOGUE.keys()
