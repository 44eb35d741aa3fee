"""Every page of the admin, by verb. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.approval_routes import ESCALATION_PAGES
from tests.access.oracle import ADMINS, LEADERS, NOBODY, PHONES, SPOKEN
from tests.access.page import Page
from tests.access.route import Route
from tests.access.schedule_routes import SCHEDULE_PAGES, schedule_admin_routes
from tests.access.sla_routes import SLA_PAGES
from tests.access.strategy_admin_routes import strategy_admin_routes
from tests.access.workflow_routes import WORKFLOW_PAGES, workflow_routes

_SUPERUSER = frozenset({"superuser"})
_MESSAGES = tuple(("message", name) for name in SPOKEN)
_NOTES = tuple(("note", name) for name in SPOKEN)
_NAMES = tuple(("name", name) for name in PHONES)
_NUMBERS = tuple(("phone", name) for name in PHONES)


PAGES = {
    "auditlog/logentry": Page("log entry", view=_SUPERUSER),
    "events/event": Page("event", view=ADMINS, shows=(("message", "served"),)),
    "events/failedhandling": Page("failed", view=ADMINS),
    "auth/user": Page("user agent", ADMINS, change=ADMINS, add=ADMINS, delete=ADMINS),
    "routing/skillgroup": Page(
        "group a", change=LEADERS, add=ADMINS, delete=ADMINS, needs="served"
    ),
    "routing/agent": Page("agent agent", change=LEADERS, add=ADMINS, delete=ADMINS, needs="served"),
    "routing/workitem": Page("work served", needs="served"),
    "routing/strategy": Page("strategy"),
    "fields/schema": Page("schema"),
    "conversations/channel": Page(
        "channel a", change=LEADERS, add=LEADERS, delete=LEADERS, needs="served"
    ),
    "conversations/quickreply": Page("reply", change=LEADERS, add=LEADERS, delete=LEADERS),
    "conversations/customer": Page(
        "customer zhang",
        change=LEADERS,
        needs="zhang",
        lists=_NAMES + _NUMBERS,
        shows=(("remark", "zhang"), ("identity", "zhang"), ("trail", "zhang")),
    ),
    "conversations/conversation": Page(
        "served",
        needs="served",
        lists=_NAMES + _MESSAGES,
        shows=(("message", "served"), ("note", "served")),
    ),
    "conversations/message": Page(
        "note served", needs="served", lists=_MESSAGES + _NOTES, shows=(("note", "served"),)
    ),
    "conversations/rating": Page(
        "rating ended",
        needs="ended",
        lists=(("rating", "ended"),),
        shows=(("rating", "ended"),),
    ),
    "integrations/endpoint": Page(
        "endpoint", view=ADMINS, change=ADMINS, add=ADMINS, delete=ADMINS
    ),
    "integrations/delivery": Page("delivery", view=ADMINS),
    **SCHEDULE_PAGES,
    **WORKFLOW_PAGES,
    **SLA_PAGES,
    **ESCALATION_PAGES,
}
APPS = {
    "auditlog": _SUPERUSER,
    "fields": LEADERS,
    "events": ADMINS,
    "auth": ADMINS,
    "routing": LEADERS,
    "conversations": LEADERS,
    "tickets": LEADERS,
    "integrations": ADMINS,
}


def model_routes(name: str, page: Page) -> Iterator[Route]:
    """The standard pages of a model."""
    base, row = f"admin/{name}/", f"admin/{name}/<path:object_id>/"
    one = Route("", page.view, kind="admin", needs=page.needs, things=(("object_id", page.thing),))
    yield Route(base, page.view, kind="admin", shows=page.lists)
    chosen = {"action": "delete_selected", "_selected_action": f"@{page.thing}", "post": "yes"}
    yield Route(base, page.delete, "POST", kind="admin list post", body=chosen)
    yield Route(f"{base}add/", page.add, kind="admin")
    yield Route(f"{base}add/", page.add, "POST", kind="admin", body={"name": "x"})
    yield replace(one, path=f"{row}history/")
    yield replace(one, path=f"{row}change/", shows=page.shows)
    yield replace(one, path=f"{row}change/", who=page.change, method="POST", body={"name": "x"})
    yield replace(one, path=f"{row}delete/", who=page.delete)
    yield replace(one, path=f"{row}delete/", who=page.delete, method="POST", body={"post": "yes"})
    yield replace(one, path=row, who=LEADERS, needs="")  # sends on to the page to change it


def account_routes() -> Iterator[Route]:
    """Passwords, and the accounts of superusers, which are theirs alone."""
    for thing, who in (("user agent", ADMINS), ("user superuser", _SUPERUSER)):
        things = (("object_id", thing), ("id", thing))
        one = Route("", who, kind="admin", things=things)
        word = {"password1": "lingxi-new-1", "password2": "lingxi-new-1"}
        yield replace(one, path="admin/auth/user/<id>/password/")
        yield replace(one, path="admin/auth/user/<id>/password/", method="POST", body=word)
        if who is _SUPERUSER:
            row = "admin/auth/user/<path:object_id>/"
            yield replace(one, path=f"{row}change/")
            yield replace(one, path=f"{row}change/", method="POST", body={"username": "x"})
            yield replace(one, path=f"{row}delete/", method="POST", body={"post": "yes"})


def webhook_routes() -> Iterator[Route]:
    """What is done to endpoints and deliveries."""
    actions = (("endpoint", "test"), ("endpoint", "new-secret"), ("delivery", "redeliver"))
    for thing, action in actions:
        path = f"admin/integrations/{thing}/<path:object_id>/{action}/"
        one = Route(path, ADMINS, kind="admin", things=(("object_id", thing),))
        yield one
        yield replace(one, method="POST")
    path = "admin/integrations/endpoint/<path:object_id>/deliveries/"
    yield Route(path, ADMINS, kind="admin", things=(("object_id", "endpoint"),))


def customer_routes() -> Iterator[Route]:
    """To the page in the workbench where two become one."""
    path = "admin/conversations/customer/<path:object_id>/merge/"
    yield Route(path, LEADERS, kind="admin", things=(("object_id", "customer zhang"),))


def site_routes() -> Iterator[Route]:
    """The pages around."""
    yield Route("admin/", LEADERS, kind="admin")
    yield Route("admin/search/", LEADERS, kind="admin", url="admin/search/?s=王小明")
    yield Route("admin/login/", LEADERS, kind="admin login")
    yield Route("admin/logout/", LEADERS, "POST", kind="admin logout")
    yield Route("admin/password_change/", LEADERS, kind="admin")
    word = {"old_password": "x", "new_password1": "y", "new_password2": "y"}
    yield Route("admin/password_change/", LEADERS, "POST", kind="admin", body=word)
    yield Route("admin/password_change/done/", LEADERS, kind="admin")
    yield Route("admin/jsi18n/", LEADERS, kind="admin")
    query = "app_label=routing&model_name=membership&field_name=agent&term="
    path = "admin/autocomplete/"
    yield Route(path, LEADERS, kind="admin", url=f"{path}?{query}")
    query = "app_label=routing&model_name=agent&field_name=user&term="
    yield Route(path, ADMINS, kind="admin", url=f"{path}?{query}")
    path = "admin/r/<path:content_type_id>/<path:object_id>/"
    things = (("content_type_id", "type of conversations"), ("object_id", "served"))
    yield Route(path, NOBODY, kind="admin missing", things=things)
    yield Route("admin/re:None", NOBODY, kind="admin missing", url="admin/no/such/page/")
    for app, who in APPS.items():
        yield Route("admin/re:app_list", who, kind="admin", url=f"admin/{app}/")


def admin_routes() -> Iterator[Route]:
    """All of it."""
    yield from site_routes()
    yield from account_routes()
    yield from webhook_routes()
    yield from customer_routes()
    yield from strategy_admin_routes()
    yield from schedule_admin_routes()
    yield from workflow_routes()
    for name, page in PAGES.items():
        yield from model_routes(name, page)
