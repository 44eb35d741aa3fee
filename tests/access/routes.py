"""Every URL: who may use it, on which things, and what it must show. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.access.admin_routes import admin_routes
from tests.access.approval_routes import approval_routes
from tests.access.classification_routes import classification_routes
from tests.access.company_routes import company_routes
from tests.access.fields_routes import fields_routes
from tests.access.floor_routes import floor_routes
from tests.access.jobs_routes import jobs_routes
from tests.access.oracle import (
    ADMINS,
    AGENTS,
    EVERYBODY,
    LEADERS,
    NOBODY,
    PHONES,
    READERS,
    SPOKEN,
    STAFF,
    VISITORS,
    canary,
)
from tests.access.route import FILE, Route
from tests.access.schedule_routes import break_routes
from tests.access.service_routes import service_routes
from tests.access.strategy_routes import strategy_routes
from tests.access.ticket_list_routes import ticket_list_routes
from tests.access.ticket_routes import ticket_routes
from tests.access.transfer_routes import transfer_routes
from tests.access.visitor_ticket_routes import visitor_ticket_routes

CONVERSATIONS = tuple(SPOKEN)
QUEUE = frozenset({"agent", "former agent", "colleague"})  # agents of the group it waits in
SERVER = frozenset({"agent"})  # who serves the conversation "served"
ALL_NAMES = tuple(("name", name) for name in PHONES)
ALL_MESSAGES = tuple(("message", name) for name in CONVERSATIONS)
ALL_NOTES = tuple(("note", name) for name in CONVERSATIONS)
_ONE = "workbench/c/<uuid:conversation_id>/"
_CUSTOMER = "workbench/customers/<uuid:customer_id>/"
_API_ONE = "api/v1/agent/conversations/<uuid:conversation_id>/"
_VISIT = "api/v1/visitor/conversations/<uuid:conversation_id>/"


def of_each(route: Route, *kinds: str) -> Iterator[Route]:
    """The route for each conversation, showing these kinds of it and its customer."""
    for name, owner in SPOKEN.items():
        shows = tuple((kind, owner if kind in _CUSTOMERS else name) for kind in kinds)
        yield replace(route, needs=name, shows=shows)


def text_in(name: str) -> dict[str, Any]:
    """A message. It becomes the conversation's last words, so it carries the canary too."""
    words = {"text": f"你好 {canary('message', name)}"}
    return {"client_msg_id": "@unique", "kind": "text", "content": words}


_CUSTOMERS = {"name", "phone", "email", "remark", "tag", "identity", "trail"}


def public_routes() -> Iterator[Route]:
    """For everybody."""
    paths = ["healthz", "readyz", "metrics", "login/", "widget.js", "widget-more.js", "demo/"]
    paths.append("widget-tickets.js")
    for path in [*paths, "api/v1/schema/", "api/v1/docs/"]:
        yield Route(path, EVERYBODY, kind="public")
    yield Route("login/", EVERYBODY, "POST", body={"username": "x", "password": "x"}, kind="public")
    yield Route("logout/", EVERYBODY, "POST", kind="logout")
    yield Route("", READERS, kind="home")
    config = "api/v1/visitor/config"
    yield Route(config, EVERYBODY, url=f"{config}?channel=channel-a", kind="public")
    start = {"channel": "channel-a", "identity": {"kind": "cookie", "value": "@unique"}}
    invitation = "api/v1/visitor/invitations/<uuid:invitation_id>"
    of = (("invitation_id", "invitation"),)
    shown = {"outcome": "shown"}
    yield Route(invitation, EVERYBODY, "POST", body=shown, kind="public", things=of)
    yield Route("api/v1/visitor/sessions", EVERYBODY, "POST", body=start, kind="public")
    password = {"username": "agent", "password": "lingxi-test-1"}
    yield Route("api/v1/agent/sessions", EVERYBODY, "POST", body=password, kind="public")


def workbench_routes() -> Iterator[Route]:
    """Pages, fragments and posts of agents and leaders."""
    page, find = "workbench/", "workbench/find/"
    opened = ("name", "message", "note", "file", "remark", "tag", "identity", "trail", "email")
    for route in of_each(Route(page, STAFF), *opened, "entry", "field", "phone"):
        yield replace(route, kind="excusing", url=f"{page}?c=@{route.needs}")
    yield Route("workbench/desk/", STAFF, shows=(("name", "li"),))
    yield Route(find, STAFF, url=f"{find}?q=王小明", shows=ALL_NAMES)
    yield from of_each(
        Route(_ONE, STAFF, kind="excusing"), *opened, "entry", "field", "phone", "transfer"
    )
    yield from of_each(Route(f"{_ONE}head/", STAFF))
    yield from of_each(Route(f"{_ONE}history/", STAFF), "message", "note", "file", "transfer")
    yield from of_each(Route(f"{_ONE}transcript/", STAFF), "message", "note", "file")
    yield from of_each(Route(f"{_ONE}targets/", STAFF))
    yield Route("workbench/notices/", STAFF)
    yield from workbench_posts()


def workbench_posts() -> Iterator[Route]:
    """What the workbench changes."""
    post = Route("", STAFF, "POST", desk=True)
    yield replace(post, path="workbench/status/", body={"status": "busy"})
    yield Route("workbench/upload/", STAFF, "POST", body=FILE)
    yield Route("workbench/notices/read/", STAFF, "POST")
    yield replace(post, path=f"{_ONE}claim/", needs="waiting", only=QUEUE)
    yield replace(post, path=f"{_ONE}claim/", needs="foreign", only=NOBODY, taken=True)
    for name in CONVERSATIONS:
        only = {"served": SERVER, "foreign": frozenset({"outsider"})}.get(name, NOBODY)
        move, ended = {"to": "group:@group c"}, name == "ended"
        here = replace(post, needs=name, only=only, taken=ended)
        yield replace(here, path=f"{_ONE}transfer/", body=move)
        yield replace(here, path=f"{_ONE}close/")
    merge = Route(f"{_CUSTOMER}merge/", LEADERS, needs="zhang")
    both = {"other": "@customer li", "keep": "this"}
    apart = {"other": "@customer zhao", "keep": "this"}
    yield replace(merge, url="workbench/customers/@customer zhang/merge/?q=王", shows=ALL_NAMES)
    yield replace(merge, method="POST", kind="excused", body=both)
    yield replace(merge, method="POST", kind="excused", body=apart, only=ADMINS)
    for name in PHONES:
        reveal = Route(f"{_CUSTOMER}reveal/", AGENTS, "POST", needs=name)
        yield replace(reveal, reveals=name)
        tag, remark = {"add": "新客"}, {"remark": "好"}
        yield Route(f"{_CUSTOMER}tags/", STAFF, "POST", needs=name, body=tag)
        yield Route(f"{_CUSTOMER}remark/", STAFF, "POST", needs=name, body=remark)


def agent_routes() -> Iterator[Route]:
    """The agents' API; by token and by cookie."""
    api, post = Route("", STAFF, kind="api"), Route("", STAFF, "POST", desk=True, kind="api")
    base = "api/v1/agent/"
    yield replace(post, path=f"{base}status", method="PUT", body={"status": "busy"})
    yield replace(post, path=f"{base}capacity", method="PUT", body={"capacity": 9})
    yield replace(api, path=f"{base}agents")
    yield replace(api, path=f"{base}groups")
    yield replace(api, path=f"{base}attachments", method="POST", body=FILE)
    one = f"{base}attachments/<uuid:attachment_id>"
    yield from of_each(Route(one, READERS, kind="api"), "file")
    shown = ALL_NAMES + ALL_MESSAGES
    yield Route(f"{base}conversations", READERS, shows=shown, kind="api")
    yield from of_each(Route(f"{_API_ONE}events", READERS, kind="api"), "message", "note", "file")
    yield from of_each(replace(post, path=f"{_API_ONE}notes", body={"text": "备注"}))
    read = replace(post, who=READERS, path=f"{_API_ONE}read", body={"seq": 1})
    yield from of_each(read)
    yield replace(post, path=f"{_API_ONE}claim", needs="waiting", only=QUEUE)
    for name in CONVERSATIONS:
        only = {"served": SERVER, "foreign": frozenset({"outsider"})}.get(name, NOBODY)
        ended = name == "ended"
        here = replace(post, needs=name, only=only, taken=ended)
        yield replace(here, path=f"{_API_ONE}messages", body=text_in(name))
        yield replace(here, path=f"{_API_ONE}close")
        move = {"group": "@group c"}
        yield replace(here, path=f"{_API_ONE}transfer", body=move)


def visitor_routes() -> Iterator[Route]:
    """The visitors' API; by token alone."""
    base = "api/v1/visitor/"
    api = Route("", VISITORS, kind="visitor")
    post = replace(api, method="POST")
    url = {"url": "https://shop.example.com/"}
    yield replace(post, path=f"{base}page-views", body=url)
    yield replace(post, path=f"{base}conversations", body={})
    yield replace(post, path=f"{base}attachments", body=FILE)
    one = f"{base}attachments/<uuid:attachment_id>"
    yield from of_each(replace(api, path=one, kind="visitor file"), "file")
    for route in of_each(replace(api, path=f"{base}events"), "message", "file"):
        yield replace(route, url=f"{base}events?conversation=@{route.needs}")
    for name in CONVERSATIONS:
        here = replace(post, needs=name, taken=name == "ended")
        yield replace(
            here, path=f"{base}messages", body={"conversation": f"@{name}", **text_in(name)}
        )
        yield replace(here, path=f"{_VISIT}close")
        yield replace(here, path=f"{_VISIT}read", body={"seq": 1}, taken=False)
        yield replace(here, path=f"{_VISIT}handoff")
        left = {"phone": "13900001111", "text": f"请回电 {canary('message', name)}"}
        yield replace(here, path=f"{_VISIT}offline-message", body=left)
    yield replace(api, path=f"{base}offline-messages")
    left = {"phone": "13900001111", "text": "请回电"}
    yield replace(post, path=f"{base}offline-messages", body=left)
    rating = {"score": 5, "comment": canary("rating", "ended")}
    rate = replace(post, path=f"{_VISIT}rating", body=rating)
    yield replace(rate, needs="ended", shows=(("rating", "ended"),))
    yield replace(rate, needs="served", taken=True)


def other_routes() -> Iterator[Route]:
    """Files and archive."""
    file = "files/<uuid:attachment_id>/<str:name>"
    yield from of_each(Route(file, VISITORS | READERS, kind="file"), "bytes")
    yield Route("archive/", READERS, shows=ALL_NAMES + ALL_MESSAGES)
    found = ALL_MESSAGES + ALL_NOTES
    yield Route("archive/", READERS, url="archive/?q=苹果色号", shows=found)
    yield from of_each(
        Route("archive/<uuid:conversation_id>/", READERS),
        "message",
        "note",
        "file",
        "name",
        "phone",
    )


def all_routes() -> list[Route]:
    """The table."""
    parts = (
        public_routes(),
        workbench_routes(),
        agent_routes(),
        visitor_routes(),
        other_routes(),
        admin_routes(),
        company_routes(),
        service_routes(),
        strategy_routes(),
        floor_routes(),
        break_routes(),
        ticket_list_routes(),
        fields_routes(),
        jobs_routes(),
        transfer_routes(),
        ticket_routes(),
        visitor_ticket_routes(),
        approval_routes(),
        classification_routes(),
    )
    return [route for part in parts for route in part]
