"""Asking for a URL as somebody, and reading the answer."""

import re
import uuid
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import Client, ClientHandler

from tests.access.route import ELSEWHERE, FILE, LOGIN, OK, Route
from tests.access.world import Person, World

_THING = re.compile(r"@([a-z ]+)")
_PARAMETERS = {"attachment_id": "file {}", "customer_id": "customer {}", "conversation_id": "{}"}


@lru_cache
def _handler(check_csrf: bool) -> ClientHandler:
    """One for all: building the middleware looks at every static file."""
    return ClientHandler(check_csrf)


def client_of(person: Person, *, by_token: bool, check_csrf: bool = False) -> Client:
    """A client that carries the person's cookie, or their token."""
    client = Client(raise_request_exception=False)
    client.handler = _handler(check_csrf)
    if by_token and person.token:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {person.token}"
    elif person.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = person.session
    return client


def filled(world: World, value: Any) -> Any:
    """`value` with every `@thing` in it replaced by the thing's id."""
    if isinstance(value, dict):
        return {key: filled(world, item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value == "@unique":
        return uuid.uuid4().hex
    return _THING.sub(lambda found: str(world.id(found.group(1))), value)


def url_of(world: World, route: Route) -> str:
    """The URL with ids for parameters."""
    if route.url:
        return "/" + filled(world, route.url)
    named = dict(route.things)
    parts = []
    for part in route.path.split("/"):
        name = part.strip("<>").rpartition(":")[2]
        if not part.startswith("<"):
            parts.append(part)
        elif name == "name":
            parts.append("file.txt")
        else:
            thing = named.get(name) or _PARAMETERS[name].format(route.needs)
            parts.append(str(world.id(thing)))
    return "/" + "/".join(parts)


def ask(world: World, route: Route, client: Client, method: str = "") -> Any:
    """The response."""
    url, method, body = url_of(world, route), method or route.method, filled(world, route.body)
    if body == FILE:
        file = SimpleUploadedFile("说明.txt", "你好".encode())
        return client.post(url, {"file": file})
    if method == "GET":
        return client.get(url)
    if url.startswith("/api/") or route.kind == "admin json":
        data = orjson.dumps(body if body is not None else {})
        return client.generic(method, url, data, "application/json")
    if method == "POST":
        return client.post(url, body or {})
    return client.generic(method, url)


def answer(response: Any) -> Any:
    """What it amounts to, in the oracle's words."""
    target = response.headers.get("Location", "")
    if target.startswith(("/login/", "/admin/login/")):
        return LOGIN
    if target == "/admin/":
        return ELSEWHERE
    return OK if response.status_code < 400 else response.status_code


def text(response: Any) -> str:
    """The body, and the headers, which could tell things too."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace") + repr(response.headers)
