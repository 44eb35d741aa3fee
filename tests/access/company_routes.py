"""URLs of transfers, offers, helpers and supervisors. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS, NOBODY, SPOKEN, STAFF
from tests.access.route import Route

_API_ONE = "api/v1/agent/conversations/<uuid:conversation_id>/"
_OWNERS = {"served": {"agent"}, "foreign": {"outsider"}, "ended": {"former agent"}}


def transfers() -> Iterator[Route]:
    """No transfer is open and no offer is out: who may ask is told so."""
    post = Route("", STAFF, "POST", kind="api", desk=True, taken=True)
    for name in SPOKEN:
        here = replace(post, needs=name)
        for act in ("accept", "refuse", "withdraw"):
            yield replace(here, path=f"{_API_ONE}transfer/{act}")
        yield replace(here, path=f"{_API_ONE}offer/decline")
    accept = replace(post, path=f"{_API_ONE}offer/accept")
    for name in ("waiting", "ended"):
        yield replace(accept, needs=name)
    # Who serves it already accepts once more.
    yield replace(accept, needs="foreign", taken=False, only=frozenset({"outsider"}))
    yield Route("api/v1/agent/offers", STAFF, kind="api", desk=True)


def helpers() -> Iterator[Route]:
    """Who serves asks for help, and who supervises; who helps goes by themselves."""
    for name in SPOKEN:
        only = frozenset(_OWNERS.get(name, NOBODY)) | LEADERS
        whom = "@agent agent" if name == "foreign" else "@agent outsider"
        here = Route("", STAFF, "POST", kind="api", needs=name, only=only, body={"agent": whom})
        here = replace(here, taken=name == "ended")
        yield replace(here, path=f"{_API_ONE}assist")
        yield replace(here, path=f"{_API_ONE}assist/remove")
        yield Route(f"{_API_ONE}leave", STAFF, "POST", kind="api", needs=name, desk=True)
        yield Route("workbench/c/<uuid:conversation_id>/helpers/", STAFF, needs=name)


ACTS = ("monitor", "barge_in", "take_over", "force_end")


def supervision() -> Iterator[Route]:
    """Leaders, in what they see and what goes on."""
    post = Route(f"{_API_ONE}supervise", LEADERS, "POST", kind="api")
    for name in SPOKEN:
        for act in ACTS:
            said = {"action": act, "reason": "投诉"}
            yield replace(post, needs=name, body=said, taken=name == "ended")
        yield replace(post, needs=name, body={"action": "stop"})
        whisper = {"client_msg_id": "@unique", "kind": "whisper", "content": {"text": "慢一点"}}
        here = Route(f"{_API_ONE}messages", STAFF, "POST", kind="api", needs=name, body=whisper)
        yield replace(here, only=LEADERS, desk=True, taken=name == "ended")


def company_routes() -> Iterator[Route]:
    """All of them."""
    yield from transfers()
    yield from helpers()
    yield from supervision()
