"""Compares what people tried, were promised and saw with what is stored.

Pure: it gets the ledger, the screens and the evidence, and names every broken promise. The
deliberately broken controls go through the very same function.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.chaos.evidence import Conversation, Evidence
from tests.chaos.ledger import Key, Ledger, Screen, key_of

EXPECTED_REFUSALS = {"closed"}  # the visitor was gone before the agent had answered


@dataclass
class Result:
    """Figures, and under each promise the cases in which it was broken."""

    figures: dict[str, float] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every promise held."""
        return not any(self.broken.values())

    def counts(self) -> dict[str, int]:
        """How often each promise was broken."""
        return {name: len(cases) for name, cases in self.broken.items()}


@dataclass
class Seen:
    """Whose screen it is, what is on it, and what should be."""

    viewer: str
    screen: Screen | None
    conversation: Conversation
    is_visitor: bool

    def right(self) -> list[tuple[int, str]]:
        """The log in the viewer's own numbering."""
        if not self.is_visitor:
            return [(entry.seq, entry.id) for entry in self.conversation.entries]
        return [
            (entry.visitor_seq, entry.id)
            for entry in self.conversation.entries
            if entry.visitor_seq is not None
        ]


def check(
    ledger: Ledger, seen: Iterable[Seen], evidence: Evidence, hooks: Mapping[str, int]
) -> Result:
    """All promises. `hooks`: how often the partner accepted each webhook id."""
    result = Result()
    broken = result.broken
    broken["lost"] = list(_lost(ledger, evidence))
    broken["duplicated"] = list(_duplicated(evidence))
    broken["out_of_order"] = list(_out_of_order(evidence))
    broken["acked_wrongly"] = list(_acked_wrongly(ledger, evidence))
    broken["refused"] = [
        f"{_name(key)}: {code}"
        for key, code in ledger.refused.items()
        if code not in EXPECTED_REFUSALS and not _was_passed_on(ledger, key, code)
    ]
    broken["seq_holes"] = list(_holes(evidence))
    for name in ("not_shown", "shown_twice", "shown_out_of_order"):
        broken[name] = []
    shown = _check_screens(seen, broken)
    _check_events(evidence, hooks, broken)
    broken["waiting_with_room"] = evidence.waiting_with_room
    broken["above_capacity"] = evidence.above_capacity
    broken["owners_wrong"] = evidence.owners_wrong
    result.figures = _figures(ledger, evidence, shown, hooks)
    return result


def _was_passed_on(ledger: Ledger, key: Key, code: str) -> bool:
    """An agent answered in a conversation that was a colleague's by then."""
    return code == "forbidden" and key[0] in ledger.may_lose


def _name(key: Key) -> str:
    return f"{key[0]} #{key[1]}"


def _lost(ledger: Ledger, evidence: Evidence) -> Iterable[str]:
    """Attempted and not stored; or attempted, stored, and never told so."""
    for key in ledger.attempted:
        if key in ledger.refused:
            continue
        if key not in evidence.stored:
            yield f"{_name(key)} is not stored, {'acked' if key in ledger.acked else 'not acked'}"
        elif key not in ledger.acked:
            yield f"{_name(key)} is stored and was never acked"


def _duplicated(evidence: Evidence) -> Iterable[str]:
    for key, entries in evidence.stored.items():
        if len(entries) > 1:
            yield f"{_name(key)} is stored at {[entry.seq for entry in entries]}"


def _out_of_order(evidence: Evidence) -> Iterable[str]:
    """Within a conversation, what one person said stands in the order they said it."""
    for conversation in evidence.conversations.values():
        latest: dict[str, int] = defaultdict(int)
        for entry in conversation.entries:
            if entry.key is None:
                continue
            name, number = entry.key
            if number < latest[name]:
                yield f"{_name(entry.key)} stands after #{latest[name]}"
            latest[name] = max(latest[name], number)


def _acked_wrongly(ledger: Ledger, evidence: Evidence) -> Iterable[str]:
    """The ack named another place than the one it has; or it was refused and stored."""
    for key, promise in ledger.acked.items():
        for entry in evidence.stored.get(key, []):
            seq = entry.visitor_seq if entry.author_type == "visitor" else entry.seq
            if (entry.id, seq) == (promise.message_id, promise.seq):
                break
        else:
            if key in evidence.stored:
                yield f"{_name(key)} was acked as seq {promise.seq} and stands elsewhere"
    for key in ledger.refused:
        if key in evidence.stored:
            yield f"{_name(key)} was refused and is stored"


def _holes(evidence: Evidence) -> Iterable[str]:
    """Both numberings are dense, and the conversation's counters are their ends."""
    for conversation in evidence.conversations.values():
        seqs = [entry.seq for entry in conversation.entries]
        theirs = [
            entry.visitor_seq for entry in conversation.entries if entry.visitor_seq is not None
        ]
        if seqs != list(range(1, conversation.last_seq + 1)):
            yield f"{conversation.id}: the log does not run from 1 to {conversation.last_seq}"
        if theirs != list(range(1, conversation.visitor_seq + 1)):
            yield f"{conversation.id}: visitor_seq does not run to {conversation.visitor_seq}"


def _check_screens(seen: Iterable[Seen], broken: dict[str, list[str]]) -> Counter[str]:
    """What each viewer should have before them; counts the messages shown, per side."""
    shown: Counter[str] = Counter()
    for one in seen:
        entries = one.screen.entries if one.screen is not None else []
        have = [(entry.seq, entry.id) for entry in entries]
        right = one.right()
        where = f"{one.viewer} in {one.conversation.id}"
        side = "visitors" if one.is_visitor else "agents"
        shown[side] += len({key_of(entry.text) for entry in entries} - {None})
        if have == right:
            continue
        on_screen = Counter(pk for _, pk in have)
        broken["not_shown"] += [f"{where}: seq {n}" for n, pk in right if pk not in on_screen]
        broken["shown_twice"] += [
            f"{where}: {pk} {times} times" for pk, times in on_screen.items() if times > 1
        ]
        places = [seq for seq, _ in have]
        if places != sorted(places) or set(have) - set(right):
            broken["shown_out_of_order"].append(f"{where}: order differs from the log")
    return shown


def _check_events(
    evidence: Evidence, hooks: Mapping[str, int], broken: dict[str, list[str]]
) -> None:
    broken["events_wrong"] = evidence.events_wrong
    undelivered = [f"webhook {pk}" for pk in evidence.hooks if not hooks.get(pk)]
    if evidence.unrelayed:
        undelivered.append(f"{evidence.unrelayed} events wait in the outbox")
    if evidence.failed_handlings:
        undelivered.append(f"{evidence.failed_handlings} events a subscriber did not take")
    if evidence.deliveries_open or evidence.deliveries_dead:
        undelivered.append(
            f"{evidence.deliveries_open} deliveries open, {evidence.deliveries_dead} dead"
        )
    broken["undelivered"] = undelivered


def _figures(
    ledger: Ledger, evidence: Evidence, shown: Counter[str], hooks: Mapping[str, int]
) -> dict[str, float]:
    accepted = [hooks[pk] for pk in evidence.hooks if hooks.get(pk)]
    return {
        "attempted": len(ledger.attempted) - len(ledger.refused),
        "acked": len(ledger.acked),
        "stored": sum(map(len, evidence.stored.values())),
        "shown_to_visitors": shown["visitors"],
        "shown_to_agents": shown["agents"],
        "refused_after_end": len(ledger.refused),
        "conversations": len(evidence.conversations),
        "entries": sum(len(one.entries) for one in evidence.conversations.values()),
        "webhooks": len(evidence.hooks),
        "webhooks_accepted": len(accepted),
        "webhooks_repeated": sum(accepted) - len(accepted),
        "sent_again": ledger.repeats,
        "acked_as_duplicate": ledger.dups,
        "reconnects": ledger.reconnects,
        "gaps_seen": ledger.gaps,
        "asked_again": ledger.asked,
        "resyncs": ledger.resyncs,
        "slowest_ack_s": round(max((one.seconds for one in ledger.acked.values()), default=0), 2),
        **{f"transfers_{state}": count for state, count in sorted(evidence.transfers.items())},
        "longest_wait_s": round(evidence.longest_wait, 2),
    }
