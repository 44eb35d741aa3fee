"""URLs of the business around conversations: protection, replies, messages left, wrap-up."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.admin_routes import Page, model_routes
from tests.access.oracle import AGENTS, LEADERS, PHONES, SPOKEN, STAFF
from tests.access.route import Route

_API_ONE = "api/v1/agent/conversations/<uuid:conversation_id>/"
_CUSTOMER = "workbench/customers/<uuid:customer_id>/"

PAGES = {
    "conversations/block": Page("block zhang", add=LEADERS, needs="zhang"),
    "conversations/sensitiveword": Page("word", change=LEADERS, add=LEADERS, delete=LEADERS),
    "conversations/sensitivehit": Page("hit served", needs="served"),
    "conversations/offlinemessage": Page("left zhang", needs="served", shows=(("name", "zhang"),)),
    "conversations/invitation": Page(
        "invitation a", change=LEADERS, add=LEADERS, delete=LEADERS, needs="served"
    ),
    "conversations/wrapupcategory": Page("category", change=LEADERS, add=LEADERS, delete=LEADERS),
    "conversations/quickreplycategory": Page("folder", change=LEADERS, add=LEADERS, delete=LEADERS),
    "conversations/wrapup": Page("wrap up", needs="ended"),
    "conversations/servicesettings": Page(
        "settings a", change=LEADERS, add=LEADERS, delete=LEADERS, needs="served"
    ),
}


def workbench() -> Iterator[Route]:
    """Fragments and posts of agents and leaders."""
    for name in PHONES:
        dialog = Route(f"{_CUSTOMER}block/", STAFF, needs=name)
        yield dialog
        yield replace(dialog, method="POST", body={"reason": "骚扰", "hours": "1"})
        yield Route(f"{_CUSTOMER}unblock/", STAFF, "POST", needs=name)
    yield from messages_left()
    yield from wrap_ups()
    yield from replies()


def messages_left() -> Iterator[Route]:
    """Messages left are seen by the group they were left for, whoever knows the customer."""
    path, who = "workbench/offline-messages/", STAFF
    yield Route(path, who)
    one, things = f"{path}<uuid:message_id>/", (("message_id", "left zhang"),)
    for name, more in (("handle", {"remark": "已回电"}), ("contact", None)):
        here = Route(f"{one}{name}/", who, "POST", kind="left", things=things, body=more)
        yield replace(here, desk=name == "contact", taken=name == "contact")
    yield Route(f"{one}reveal/", AGENTS, "POST", kind="left", things=things, reveals="zhang")


def replies() -> Iterator[Route]:
    """Quick replies of one's own, which are there for nobody else."""
    base, words = "workbench/replies/", {"shortcut": "hi", "title": "问候", "text": "您好"}
    yield Route(base, STAFF)
    yield Route(base, STAFF, "POST", body=words)
    yield Route(f"{base}table/", STAFF)
    things, one = (("reply_id", "reply of agent"),), f"{base}<uuid:reply_id>/"
    for path, body in ((one, words), (f"{one}remove/", None), (f"{one}move/", {"step": "1"})):
        yield Route(path, STAFF, "POST", kind="of agent", things=things, body=body)


def wrap_ups() -> Iterator[Route]:
    """Wrap-ups are written by who served last, and the form is read by who sees the talk."""
    yield Route("workbench/wrap-up/", STAFF)
    page, api = "workbench/c/<uuid:conversation_id>/wrap-up/", f"{_API_ONE}wrap-up"
    last = frozenset({"former agent"})
    for name in SPOKEN:
        yield Route(page, STAFF, needs=name)
        yield Route(f"{api}/categories", STAFF, kind="api", needs=name)
        ended = name == "ended"
        only = last if ended else None
        for path, kind in ((page, "page"), (api, "api")):
            here = Route(path, STAFF, "POST", kind=kind, needs=name, only=only, body={"note": "好"})
            yield replace(here, taken=not ended)


def admin() -> Iterator[Route]:
    """Pages of the admin, and what is done on them."""
    for name, page in PAGES.items():
        yield from model_routes(name, page)
    path = "admin/conversations/block/<path:object_id>/lift/"
    lift = Route(path, LEADERS, kind="admin", needs="zhang", things=(("object_id", "block zhang"),))
    yield lift
    yield replace(lift, method="POST", body={"_form_submitted": "1"})

    path = "admin/conversations/sensitiveword/paste/"
    words = {"_form_submitted": "1", "words": "词", "action": "log", "direction": "both"}
    yield Route(path, LEADERS, kind="admin")
    yield Route(path, LEADERS, "POST", kind="admin", body=words)

    base = "admin/conversations/quickreply/"
    for path in ("import/", "export/"):
        yield Route(f"{base}{path}", LEADERS, kind="admin")
        yield Route(f"{base}{path}", LEADERS, "POST", kind="admin", body={"format": "0"})
    yield Route(f"{base}process_import/", LEADERS, "POST", kind="admin", body={"format": "0"})


def service_routes() -> Iterator[Route]:
    """All of them."""
    yield from workbench()
    yield from admin()
