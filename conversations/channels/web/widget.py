"""The widget's file, those it fetches when needed, and the demo shop that carries it."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

PARTS = "conversations/widget"
MORE = "conversations/widget-more"  # what few visitors need: forms, survey, invitation, pictures
TICKETS = "conversations/widget-tickets"  # cards, the list and the form of tickets
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
_BESIDE = re.compile(r"[ \t]*/\* [^\n\"'`]* \*/|[ \t]+// [^\n\"'`]*$", re.MULTILINE)  # no strings
_CSS = re.compile(r"(?<=[sS]heet = `).*?(?=`;)", re.DOTALL)
_GOES_ON = re.compile(r"(?<=[{(\[;,])\n+|\n+(?=[})\]\n])")  # no statement ends there unsaid
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def _source(path: str) -> str:
    found = finders.find(path)
    if not found:
        raise FileNotFoundError(path)
    return Path(found).read_text(encoding="utf-8")


def bundle() -> str:
    """client.js, the design tokens, the widget's parts in alphabetical order, widget.js.

    Comments, indentation, most line ends and the blanks of style sheets stay behind: every
    visitor of every site loads this.
    """
    tokens = json.dumps(_tight(_COMMENT.sub("", _source("lingxi/tokens.css"))))
    urls = {"outfit": _url("widget-more", more), "ticketing": _url("widget-tickets", tickets)}
    given = f"Object.assign(LingxiClient, {{tokensCss: {tokens}, ...{json.dumps(urls)}}});"
    scripts = [_source("lingxi/client.js"), given, *_parts(PARTS)]
    return _squeezed([*scripts, _source("conversations/widget.js")])


def more() -> str:
    """The parts that `bundle` fetches when they are needed, in alphabetical order."""
    return _squeezed(_parts(MORE))


def tickets() -> str:
    """The parts that `bundle` fetches for visitors with tickets, in alphabetical order."""
    return _squeezed(_parts(TICKETS))


def _url(name: str, build: Callable[[], str]) -> str:
    """With a sign of the content: what a browser kept of another release is not taken for this."""
    return f"/{name}.js?v={_hash(build().encode())[:12]}"


def _parts(folder: str) -> list[str]:
    names = sorted(path.name for path in Path(str(finders.find(folder))).glob("*.js"))
    return [_source(f"{folder}/{name}") for name in names]


def _squeezed(scripts: list[str]) -> str:
    whole = _BESIDE.sub("", _COMMENT.sub("", "\n".join(scripts)))
    whole = _CSS.sub(lambda sheet: _tight(sheet.group()), whole)
    return _GOES_ON.sub("", _INDENT.sub("", whole))


def _tight(css: str) -> str:
    """A style sheet without blanks and comments; those before a colon may mean something."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"([:,]) ", r"\1", re.sub(r"\s*([{};])\s*", r"\1", bare)).replace(";}", "}")


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@lru_cache(maxsize=3)
def _cached(build: Callable[[], str]) -> tuple[bytes, str]:
    body = build().encode()
    return body, quote_etag(_hash(body)[:24])


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """`/widget.js`: the file behind the one script tag; public, cached for five minutes."""
    return _script(request, bundle)


@require_safe
def widget_more(request: HttpRequest) -> HttpResponse:
    """`/widget-more.js`: fetched by the widget; by the same rules."""
    return _script(request, more)


@require_safe
def widget_tickets(request: HttpRequest) -> HttpResponse:
    """`/widget-tickets.js`: fetched by the widget of visitors with tickets; by the same rules."""
    return _script(request, tickets)


def _script(request: HttpRequest, build: Callable[[], str]) -> HttpResponse:
    if settings.DEBUG:
        _cached.cache_clear()
    body, etag = _cached(build)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    return HttpResponse(
        body,
        content_type="text/javascript; charset=utf-8",
        headers={
            "ETag": etag,
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """`/demo/`: a shop page with the widget on it."""
    return render(request, "conversations/demo.html")
