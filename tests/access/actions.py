"""Every action of both sockets: who may do it to what. Part of the oracle."""

from tests.access.oracle import DESKS, LEADERS, NOBODY, SEES, SPOKEN, VISITORS

CONVERSATIONS = tuple(SPOKEN)
CONNECTS = {"visitor": VISITORS, "agent": DESKS}
# Words reach the visitor from the agent who serves, and the agents from the visitor it belongs to.
TALK = {
    "served": {"visitor", "agent"},
    "foreign": {"other visitor", "outsider"},
    "waiting": NOBODY,  # its visitor is not among the people
    "ended": NOBODY,
}
# Their places are kept: those who talk, and those who did.
TAKES_PART = {"visitor", "agent", "former agent", "other visitor", "outsider"}
WATCHES_FLOOR = LEADERS  # by cookie only; there is nothing to say but "ping"
FRAMES = {"ping", "subscribe", "typing", "read", "received", "send"}  # and hello before


def watches(who: str) -> set[str]:
    """What a socket streams when everything is asked for."""
    return SEES.get(who, set()) & set(SPOKEN)


def send(who: str, kind: str, name: str) -> str:
    """What answers a message: `ack`, or the code of the `nack`."""
    if name not in watches(who):
        return "forbidden"
    if kind == "note":
        return "forbidden" if who in VISITORS else "ack"
    if kind == "whisper" and who in VISITORS:
        return "forbidden"
    if name == "ended":
        return "closed"
    if kind == "whisper":
        return "ack" if who in LEADERS else "forbidden"
    return "ack" if who in TALK[name] else "forbidden"


def reaches(who: str, name: str) -> str:
    """Which side notices typing and receipts: `visitor`, `agent` or neither."""
    if who not in TALK[name]:
        return ""
    return "agent" if who in VISITORS else "visitor"
