"""What every site that carries the widget loads: its size, and what it must not contain."""

import gzip
from collections.abc import Callable

import pytest
from django.test import Client

from conversations.channels.web.widget import bundle, more, tickets

LIMITS = {bundle: 30_000, more: 8_000, tickets: 8_000}  # bytes, gzipped
each = pytest.mark.parametrize("build", [bundle, more, tickets])


@each
def test_bundle_is_small(build: Callable[[], str]) -> None:
    assert len(gzip.compress(build().encode(), 9)) < LIMITS[build]


@each
def test_bundle_parses_nothing_as_code_or_html(build: Callable[[], str]) -> None:
    source = build()
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in source
    assert "new Function" not in source
    assert 'setAttribute("style"' not in source


@each
def test_bundle_has_no_comments_and_no_blanks_in_its_style(build: Callable[[], str]) -> None:
    source = build()
    # Lines are joined, so one that was left would take what follows it along.
    assert "// " not in source
    assert "/*" not in source
    assert "{display:grid" in source


def test_bundle_has_its_tokens_and_knows_the_other_files() -> None:
    source = bundle()
    assert "--lx-brand:" in source
    assert source.count("/widget-more.js?v=") == 1
    assert source.count("/widget-tickets.js?v=") == 1


def test_all_files_are_served_by_the_same_rules() -> None:
    paths = ("/widget.js", "/widget-more.js?v=any", "/widget-tickets.js?v=any")
    answers = [Client().get(path) for path in paths]
    for answer in answers:
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer["Cache-Control"] == "public, max-age=300"
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len({answer.content for answer in answers}) == 3
    again = Client().get("/widget-more.js", headers={"If-None-Match": answers[1]["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
