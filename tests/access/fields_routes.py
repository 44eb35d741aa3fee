"""Declared fields in the admin, in the workbench and in the API. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS, PHONES, READERS, SPOKEN, STAFF
from tests.access.route import Route

_ONE = "admin/fields/schema/<uuid:owner_id>/"
_THINGS = (("owner_id", "schema"), ("version_id", "schema version"))
_DEFINITION = {"key": "city", "type": "text", "label": "城市"}


def fields_routes() -> Iterator[Route]:
    """A schema with a version and a draft; what records have is left to who sees the record."""
    yield from _admin()
    yield from _workbench()
    yield from _api()


def _admin() -> Iterator[Route]:
    page = Route(_ONE, LEADERS, kind="admin", things=_THINGS)
    yield page
    for path in ("versions/", "versions/<uuid:version_id>/", "draft/", "migrate/"):
        yield replace(page, path=_ONE + path)
    two = "compare/?a=@schema version&b=@schema draft"
    yield replace(page, path=f"{_ONE}compare/", url=f"admin/fields/schema/@schema/{two}")
    move = replace(page, path=f"{_ONE}migrate/start/", method="POST")
    yield replace(move, body={"rehearse": "1"}, taken=True)
    post = replace(page, kind="admin json", method="POST")
    yield replace(post, path=f"{_ONE}check/", body={"content": [_DEFINITION]})
    yield replace(post, path=f"{_ONE}draft/", body={"content": [_DEFINITION], "revision": 3})
    yield replace(post, path=f"{_ONE}discard/", body={"revision": 3})
    yield replace(post, path=f"{_ONE}roll-back/", body={"version": "@schema version"})
    yield replace(post, path=f"{_ONE}publish/", body={"revision": 3})


def _workbench() -> Iterator[Route]:
    for name in SPOKEN:
        one = Route("workbench/c/<uuid:conversation_id>/fields/", STAFF, needs=name)
        yield replace(one, shows=(("field", name),))
        yield replace(one, method="POST", body={"fields.city": "宁波"})
    for name in PHONES:
        customer = Route("workbench/customers/<uuid:customer_id>/fields/", STAFF, needs=name)
        yield customer
        yield replace(customer, method="POST", body={"fields.city": "宁波"})


def _api() -> Iterator[Route]:
    change = {"fields": {"city": "宁波"}}
    for name in SPOKEN:
        path = "api/v1/agent/conversations/<uuid:conversation_id>/fields"
        one = Route(path, READERS, kind="api", needs=name)
        yield replace(one, shows=(("field", name),))
        yield replace(one, who=STAFF, method="PATCH", body=change)
    for name in PHONES:
        path = "api/v1/agent/customers/<uuid:customer_id>/fields"
        one = Route(path, READERS, kind="api", needs=name)
        yield one
        yield replace(one, who=STAFF, method="PATCH", body=change)
