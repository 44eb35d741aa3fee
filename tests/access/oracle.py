"""Who may see and do what, written by hand from the mission and the roles' descriptions.

Nothing of the product is imported here: when the two disagree, one of them is wrong. A new URL or
socket action has to be entered here before the tests pass.

    PEOPLE   who there is
    SEES     which conversations each of them may read
    canary   what stands in the data for the values that must not leak

Which URL and which socket action asks for what is in `routes` and `actions`.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What a person is. `role` None: no person of ours at all (a visitor, or nobody)."""

    role: str | None = None
    scope: str = "own"
    group: str = ""  # agent of that group
    serves: bool = False  # has an agent's desk
    supervises: str = ""
    active: bool = True


PEOPLE = {
    "anonymous": Facts(),
    "visitor": Facts(),
    "visitor elsewhere": Facts(),  # the same customer, by a token of another channel
    "other visitor": Facts(),
    "agent": Facts("agent", group="a", serves=True),
    "former agent": Facts("agent", group="a", serves=True),
    "colleague": Facts("agent", group="a", serves=True),
    "outsider": Facts("agent", group="b", serves=True),
    "supervisor": Facts("supervisor", "group", serves=True, supervises="a"),
    "other supervisor": Facts("supervisor", "group", supervises="b"),
    "admin": Facts("admin", "all"),
    "superuser": Facts("superuser", "all"),
    "inspector": Facts("inspector", "all"),
    "auditor": Facts("auditor", "all"),
    "partner": Facts("partner", "all", group="a", serves=True),
    "no role": Facts("none", group="a", serves=True),
    "deactivated": Facts("agent", "all", group="a", serves=True, active=False),
}
EVERYBODY = frozenset(PEOPLE)
VISITORS = frozenset({"visitor", "visitor elsewhere", "other visitor"})
LEADERS = frozenset({"supervisor", "other supervisor", "admin", "superuser"})
ADMINS = frozenset({"admin", "superuser"})
AGENTS = frozenset({"agent", "former agent", "colleague", "outsider"})
STAFF = AGENTS | LEADERS  # who use the workbench
READERS = STAFF | {"inspector", "auditor"}
DESKS = AGENTS | {"supervisor"}  # of STAFF, those who serve
KNOWN = READERS | {"partner", "no role"}  # who can log in
NOBODY: frozenset[str] = frozenset()

_A = {"served", "ended", "waiting"}
SEES: dict[str, set[str]] = {
    "visitor": {"served", "ended"},
    "other visitor": {"foreign"},
    "agent": {"served", "waiting"},  # serves the one, could be given the other
    "former agent": {"ended", "waiting"},
    "colleague": {"waiting"},
    "outsider": {"foreign"},
    "supervisor": _A,
    "other supervisor": {"foreign"},
    **{key: {*_A, "foreign"} for key in ("admin", "superuser", "inspector", "auditor")},
}
# Tickets by their customer; an agent sees their own, and those that wait in their group.
TICKETS = {"ticket a": "zhang", "ticket waiting": "li", "ticket b": "zhao"}
_OF_TICKETS = {
    "visitor": {"ticket a"},
    "other visitor": {"ticket b"},
    "agent": {"ticket a", "ticket waiting"},
    "former agent": {"ticket waiting"},
    "colleague": {"ticket waiting"},
    "outsider": {"ticket b"},
    "supervisor": {"ticket a", "ticket waiting"},
    "other supervisor": {"ticket b"},
    **{key: set(TICKETS) for key in ("admin", "superuser", "inspector", "auditor")},
}
SEES = {who: SEES.get(who, set()) | tickets for who, tickets in _OF_TICKETS.items()}
SPOKEN = {"served": "zhang", "ended": "zhang", "waiting": "li", "foreign": "zhao"}
PHONES = {"zhang": "13811112222", "li": "13833334444", "zhao": "13855556666"}

# -- canaries ------------------------------------------------------------------------------------

CONVERSATION_KINDS = (
    "message",
    "note",
    "whisper",
    "transfer",
    "file",
    "bytes",
    "entry",
    "field",
    "rating",
)
CUSTOMER_KINDS = ("name", "email", "remark", "tag", "identity", "trail")
TICKET_KINDS = (
    "title",
    "description",
    "form",  # a custom field
    "secret",  # a sensitive one
    "hidden",  # one for supervisors and admins
    "label",  # a tag
    "reply",  # a public comment
    "internal",  # another
)
INTERNAL = frozenset(
    {
        *("note", "whisper", "transfer", "remark", "tag", "identity", "trail"),
        *("form", "secret", "hidden", "label", "internal"),
    }
)
FOR_LEADERS = frozenset({"phone", "secret", "hidden"})  # masked or left out for others


def canary(kind: str, name: str) -> str:
    """The text that stands for a value, and for nothing else."""
    return f"cnry{kind}{name}"


def sees(who: str, name: str) -> bool:
    """Whether they may read a conversation, or know a customer."""
    if name in PHONES:
        return any(sees(who, one) for one, owner in SPOKEN.items() if owner == name)
    return name in SEES.get(who, ())


def sees_group(who: str, group: str) -> bool:
    """Whether what belongs to a skill group is theirs to see: its members, its lead, and `all`."""
    facts = PEOPLE[who]
    return facts.scope == "all" or group in (facts.group, facts.supervises)


def owns(who: str, name: str) -> bool:
    """Whether a file of that conversation is the visitor's own, over whatever channel they ask."""
    return {"visitor": "zhang", "visitor elsewhere": "zhang", "other visitor": "zhao"}.get(
        who
    ) == SPOKEN.get(name)


def may_find(who: str, kind: str, name: str) -> bool:
    """Whether a value may occur in what they are answered."""
    if kind in {"file", "bytes"} and owns(who, name):
        return True
    if not sees(who, name):
        return False
    if who in VISITORS:
        return kind not in INTERNAL
    return kind not in FOR_LEADERS or who in LEADERS


def canaries() -> Iterator[tuple[str, str, str]]:
    """Every kind and name with the text to look for."""
    for name in SPOKEN:
        yield from ((kind, name, canary(kind, name)) for kind in CONVERSATION_KINDS)
    for name, phone in PHONES.items():
        yield "phone", name, phone
        yield from ((kind, name, canary(kind, name)) for kind in CUSTOMER_KINDS)
    for name in TICKETS:
        yield from ((kind, name, canary(kind, name)) for kind in TICKET_KINDS)
