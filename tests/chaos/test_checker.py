"""The checker itself: each broken promise is seen, and a run without one is passed."""

from collections.abc import Callable

import pytest

from tests.chaos.checker import Result, Seen, check
from tests.chaos.evidence import Conversation, Entry, Evidence
from tests.chaos.ledger import Key, Ledger, Promise, Screen, Shown, key_of, text_of

KEYS: list[Key] = [("v", 1), ("v", 2), ("v", 3)]


class World:
    """One conversation of three messages in which everything is right, to be spoilt."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.conversation = Conversation("c", "a", "serving", last_seq=4, visitor_seq=3)
        self.conversation.entries = [
            Entry(f"m{number}", "c", number + 1, number, "visitor", key)
            for number, key in enumerate(KEYS, 1)
        ]
        # The log begins with an internal entry, which visitors do not see.
        self.conversation.entries.insert(0, Entry("note", "c", 1, None, "agent", None))
        for number, key in enumerate(KEYS, 1):
            self.ledger.attempted[key] = 0.0
            self.ledger.acked[key] = Promise(f"m{number}", number, 0.1, 1, 0.1)
        self.visitor, self.agent = Screen("c"), Screen("c")
        for entry in self.conversation.entries:
            text = text_of(entry.key) if entry.key else ""
            self.agent.entries.append(Shown(entry.seq, entry.id, text))
            if entry.visitor_seq is not None:
                self.visitor.entries.append(Shown(entry.visitor_seq, entry.id, text))
        self.hooks = {"e1": 1, "e2": 2}

    def check(self) -> Result:
        stored: dict[Key, list[Entry]] = {}
        for entry in self.conversation.entries:
            if entry.key is not None:
                stored.setdefault(entry.key, []).append(entry)
        evidence = Evidence({"c": self.conversation}, stored, hooks={"e1", "e2"})
        seen = [
            Seen("v", self.visitor, self.conversation, is_visitor=True),
            Seen("a", self.agent, self.conversation, is_visitor=False),
        ]
        return check(self.ledger, seen, evidence, self.hooks)


def test_a_run_in_which_all_is_right() -> None:
    result = World().check()
    assert result.kept, result.broken
    names = ("attempted", "acked", "stored", "shown_to_visitors", "shown_to_agents")
    assert [result.figures[name] for name in names] == [3] * 5
    assert result.figures["webhooks_repeated"] == 1


def _not_stored(world: World) -> None:
    world.conversation.entries.pop()
    world.conversation.last_seq, world.conversation.visitor_seq = 3, 2
    world.visitor.entries.pop()
    world.agent.entries.pop()


def _never_acked(world: World) -> None:
    del world.ledger.acked[KEYS[1]]


def _stored_twice(world: World) -> None:
    again = Entry("m4", "c", 5, 4, "visitor", KEYS[0])
    world.conversation.entries.append(again)
    world.conversation.last_seq, world.conversation.visitor_seq = 5, 4


def _swapped(world: World) -> None:
    first, second = world.conversation.entries[1:3]
    world.conversation.entries[1:3] = [
        Entry(second.id, "c", first.seq, first.visitor_seq, "visitor", second.key),
        Entry(first.id, "c", second.seq, second.visitor_seq, "visitor", first.key),
    ]


def _hole(world: World) -> None:
    last = world.conversation.entries.pop()
    world.conversation.entries.append(Entry(last.id, "c", 5, 4, "visitor", last.key))
    world.conversation.last_seq, world.conversation.visitor_seq = 5, 4


def _acked_elsewhere(world: World) -> None:
    world.ledger.acked[KEYS[0]] = Promise("m1", 2, 0.1, 1, 0.1)


def _refused(world: World) -> None:
    world.ledger.attempted["v", 4] = 0.0
    world.ledger.refused["v", 4] = "invalid"


def _refused_and_stored(world: World) -> None:
    world.ledger.refused[KEYS[0]] = "closed"


def _agent_misses_one(world: World) -> None:
    del world.agent.entries[2]


def _visitor_without_screen(world: World) -> None:
    world.visitor.entries.clear()


def _seen_twice(world: World) -> None:
    world.visitor.entries.append(world.visitor.entries[-1])


def _seen_in_another_order(world: World) -> None:
    world.agent.entries.reverse()


def _webhook_missing(world: World) -> None:
    del world.hooks["e2"]


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (_not_stored, "lost"),
        (_never_acked, "lost"),
        (_stored_twice, "duplicated"),
        (_swapped, "out_of_order"),
        (_hole, "seq_holes"),
        (_acked_elsewhere, "acked_wrongly"),
        (_refused, "refused"),
        (_refused_and_stored, "acked_wrongly"),
        (_agent_misses_one, "not_shown"),
        (_visitor_without_screen, "not_shown"),
        (_seen_twice, "shown_twice"),
        (_seen_in_another_order, "shown_out_of_order"),
        (_webhook_missing, "undelivered"),
    ],
)
def test_a_broken_promise_is_seen(spoil: Callable[[World], None], promise: str) -> None:
    world = World()
    spoil(world)
    result = world.check()
    assert result.broken[promise], result.counts()
    assert not result.kept


def test_an_answer_to_a_visitor_who_has_left_is_no_loss() -> None:
    world = World()
    world.ledger.attempted["a", 1] = 0.0
    world.ledger.refused["a", 1] = "closed"
    result = world.check()
    assert result.kept
    assert result.figures["attempted"] == 3


def test_a_message_can_be_told_by_its_words() -> None:
    assert key_of(text_of(("mainv001", 17))) == ("mainv001", 17)
    assert key_of("您好") is None
