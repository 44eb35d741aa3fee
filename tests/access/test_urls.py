"""Every URL as everybody, compared with an oracle that knows nothing of the product's rules."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from conversations.models.conversation import ConversationQuerySet
from tests import factories
from tests.access.caller import answer, ask, client_of, text
from tests.access.fingerprint import Watch
from tests.access.oracle import PEOPLE, canaries, may_find
from tests.access.route import LOGIN, OK, Route
from tests.access.routes import all_routes
from tests.access.world import World

pytestmark = pytest.mark.django_db
ROUTES = all_routes()
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
CANARIES = list(canaries())
# Transfers name their target in the body; one that is unknown is refused before all else.
TARGETS_FIRST = {"workbench/c/<uuid:conversation_id>/transfer/"}


def paths(patterns: Any, prefix: str = "") -> Iterator[str]:
    """Every path the resolver knows; regular expressions by their name."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from paths(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            is_regex = isinstance(one.pattern, RegexPattern)
            yield prefix + (f"re:{one.name}" if is_regex else str(one.pattern))


def test_every_url_is_in_the_oracle():
    known = {route.path for route in ROUTES}
    found = set(paths(get_resolver().url_patterns))
    assert found - known == set(), "say in tests/access/routes.py who may use these"
    assert known - found == set(), "these are gone"


class Walk:
    """Asks for routes as one person and keeps what is not as the oracle says."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.who, self.faults = world, who, list[str]()
        self.watch = Watch()

    def go(self, routes: list[Route]) -> list[str]:
        """All of them, by cookie and by token where that makes a difference."""
        person = self.world.people[self.who]
        for route in routes:
            for by_token in self.ways(person, route):
                with transaction.atomic():
                    self.step(route, by_token=by_token)
                    transaction.set_rollback(True)
        return self.faults

    def ways(self, person: Any, route: Route) -> list[bool]:
        """By cookie, by token or both."""
        if not (person.token and person.session):
            return [bool(person.token)]
        both = (
            route.kind in {"api", "file", "visitor", "visitor file"} or route.path == "workbench/"
        )
        return [False, True] if both else [False]

    def step(self, route: Route, *, by_token: bool) -> None:
        """One request."""
        allowed = route.answers(self.who, by_token=by_token)
        watched = route.method in UNSAFE and not route.may_change(self.who)
        if watched:
            self.watch.begin()
        elif route.method in UNSAFE:
            self.watch.forget()
        client = client_of(self.world.people[self.who], by_token=by_token)
        response = ask(self.world, route, client)
        found, words = answer(response), text(response)
        if found not in allowed:
            self.fault(route, by_token, f"answered {found}, not {allowed}: {words[:300]}")
        elif watched and (changed := self.watch.changed()):
            self.fault(route, by_token, f"answered {found} and changed {changed}")
        self.compare(route, words, by_token=by_token, is_ok=found == OK and OK in allowed)

    def compare(self, route: Route, words: str, *, by_token: bool, is_ok: bool) -> None:
        """No canary that must not be found, and every one that must."""
        for kind, name, canary in CANARIES:
            shown = canary in words
            revealed = is_ok and kind == "phone" and name == route.reveals
            if shown and not (may_find(self.who, kind, name) or revealed):
                self.fault(route, by_token, f"shows {kind} of {name}")
            if not shown and revealed:
                self.fault(route, by_token, f"does not reveal {name}")
            if not shown and is_ok and (kind, name) in route.must_show(self.who):
                self.fault(route, by_token, f"holds back {kind} of {name}")
        for name, secret in self.world.secrets.items():
            if secret in words:
                self.fault(route, by_token, f"shows {name}")

    def fault(self, route: Route, by_token: bool, what: str) -> None:
        """Keep it."""
        way = " by token" if by_token else ""
        self.faults.append(f"{self.who}{way}, {route}: {what}")


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_is_theirs(world: World, who: str):
    faults = Walk(world, who).go(ROUTES)
    assert faults == [], "\n".join(["", *faults])


@pytest.mark.parametrize("who", ["anonymous", "visitor", "agent", "admin", "auditor"])
def test_methods_that_are_not_offered_change_nothing(world: World, who: str):
    offered = {(route.path, route.method) for route in ROUTES}
    faults, watch = [], Watch()
    for route in {route.path: route for route in ROUTES if route.body is None}.values():
        methods = ("DELETE",) if route.kind.startswith("admin") else UNSAFE
        for method in methods:
            if (route.path, method) in offered:
                continue
            client = client_of(world.people[who], by_token=who == "visitor")
            response = ask(world, route, client, method)
            changed = watch.changed()
            if changed or response.status_code >= 500:
                faults.append(f"{method} /{route.path}: {response.status_code} {changed}")
    assert faults == [], "\n".join(["", *faults])


@pytest.mark.parametrize("who", ["agent", "admin"])
def test_a_cookie_alone_changes_nothing(world: World, who: str):
    """Another site can make a browser post with its cookie, but not with the CSRF token."""
    faults, watch = [], Watch()
    for route in ROUTES:
        if route.method not in UNSAFE or route.kind in {"visitor", "public", "logout"}:
            continue
        client = client_of(world.people[who], by_token=False, check_csrf=True)
        found = answer(ask(world, route, client))
        if found in {OK, LOGIN} or watch.changed():
            faults.append(f"{route}: {found}")
    assert faults == []


def test_hidden_things_are_answered_like_things_that_are_not(world: World):
    """Nobody learns from an answer that something exists."""
    unknown = world.with_unknown_ids()
    for who, name in (("outsider", "served"), ("agent", "foreign"), ("other visitor", "served")):
        for route in ROUTES:
            if route.needs != name or 404 not in route.answers(who) or route.path in TARGETS_FIRST:
                continue
            client = client_of(world.people[who], by_token=who == "other visitor")
            hidden, other = (ask(one, route, client) for one in (world, unknown))
            assert (str(route), hidden.status_code) == (str(route), other.status_code)
            if route.path.startswith("api/"):
                one, two = hidden.json(), other.json()
                assert {**one, "request_id": ""} == {**two, "request_id": ""}


def test_the_walk_would_notice(world: World, monkeypatch: pytest.MonkeyPatch):
    """A control: with the one rule of who sees a conversation gone, every path must show it."""
    monkeypatch.setattr(ConversationQuerySet, "visible_to", lambda self, user: self)
    parts = ("workbench/c/", "workbench/find", "agent/conversations", "files/", "archive/")
    for part in parts:
        routes = [route for route in ROUTES if part in route.path and route.method == "GET"]
        assert Walk(world, "outsider").go(routes), part


def test_the_watch_notices_what_is_written_and_what_is_undone(world: World):
    watch = Watch()
    with transaction.atomic():
        factories.SkillGroupFactory()
        assert any(one.startswith("routing_skillgroup: ") for one in watch.changed())
        transaction.set_rollback(True)
    assert watch.changed() == []


def test_signed_links_open_one_file_for_a_while(world: World):
    links = client_of(world.people["visitor"], by_token=True).get(
        f"/api/v1/visitor/attachments/{world.id('file served')}"
    )
    url = links.json()["url"]
    anonymous = client_of(world.people["anonymous"], by_token=False)
    assert "cnrybytesserved" in text(anonymous.get(url))
    foreign = url.replace(str(world.id("file served")), str(world.id("file foreign")))
    later = url.replace("?e=", "?e=9")
    for bad in (foreign, later, url[:-1], url.split("&")[0], url.replace("s=", "s=%00")):
        assert anonymous.get(bad).status_code == 404
