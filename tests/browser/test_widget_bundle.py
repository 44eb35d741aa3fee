"""What every site that carries the widget loads: its size, and what it must not contain."""

import gzip

from conversations.channels.web.widget import bundle

LIMIT = 30_000  # bytes, gzipped


def test_bundle_is_small() -> None:
    assert len(gzip.compress(bundle().encode(), 9)) < LIMIT


def test_bundle_parses_nothing_as_code_or_html() -> None:
    source = bundle()
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in source
    assert "new Function" not in source
    assert 'setAttribute("style"' not in source


def test_bundle_has_its_tokens_and_no_comments() -> None:
    source = bundle()
    assert "--lx-brand:" in source
    # Lines are joined, so one that was left would take what follows it along.
    assert "// " not in source
    assert "/*" not in source
