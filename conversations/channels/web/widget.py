"""The widget's one file, and the demo shop that carries it."""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

PARTS = "conversations/widget"
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
_BESIDE = re.compile(r"[ \t]*/\* [^\n\"'`]* \*/|[ \t]+// [^\n\"'`]*$", re.MULTILINE)  # no strings
_CSS = re.compile(r"(?<=W\.css = `).*?(?=`;)", re.DOTALL)
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
    folder = Path(str(finders.find(PARTS)))
    parts = [f"{PARTS}/{path.name}" for path in sorted(folder.glob("*.js"))]
    tokens = json.dumps(_tight(_COMMENT.sub("", _source("lingxi/tokens.css"))))
    scripts = [_source(path) for path in ("lingxi/client.js", *parts, "conversations/widget.js")]
    scripts.insert(1, f"LingxiClient.tokensCss = {tokens};")
    whole = _BESIDE.sub("", _COMMENT.sub("", "\n".join(scripts)))
    whole = _CSS.sub(lambda sheet: _tight(sheet.group()), whole)
    return _GOES_ON.sub("", _INDENT.sub("", whole))


def _tight(css: str) -> str:
    """A style sheet without blanks and comments; those before a colon may mean something."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"([:,]) ", r"\1", re.sub(r"\s*([{};])\s*", r"\1", bare)).replace(";}", "}")


@lru_cache(maxsize=1)
def _cached() -> tuple[bytes, str]:
    body = bundle().encode()
    return body, quote_etag(hashlib.sha256(body).hexdigest()[:24])


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """`/widget.js`: the file behind the one script tag; public, cached for five minutes."""
    if settings.DEBUG:
        _cached.cache_clear()
    body, etag = _cached()
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
