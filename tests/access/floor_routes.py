"""URLs of the floor, and why a conversation is where it is. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS, READERS, SPOKEN
from tests.access.route import Route

_ONE = "floor/c/<uuid:conversation_id>/"


def floor_routes() -> Iterator[Route]:
    """The page shows who waits; what is done from it is left to who sees the thing."""
    yield Route("floor/", LEADERS, shows=(("name", "li"), ("message", "waiting")))
    for name, owner in SPOKEN.items():
        why = Route("workbench/c/<uuid:conversation_id>/explain/", READERS, needs=name)
        yield replace(why, shows=(("name", owner),))
        post = Route("", LEADERS, "POST", needs=name, taken=name != "waiting")
        agent = "@agent outsider" if name == "foreign" else "@agent agent"
        yield replace(post, path=f"{_ONE}assign/", body={"agent": agent})
        yield replace(post, path=f"{_ONE}priority/", body={"priority": 5})
    of = (("agent_id", "agent agent"),)  # of group a, as is who asks for the break
    status = Route("floor/agents/<uuid:agent_id>/status/", LEADERS, "POST", kind="left", things=of)
    yield replace(status, body={"status": "break"})
    asked = (("request_id", "break request"),)
    decide = Route("floor/breaks/<uuid:request_id>/", LEADERS, "POST", kind="left", things=asked)
    yield replace(decide, body={"decision": "approve"})
    yield replace(decide, body={"decision": "reject"})
