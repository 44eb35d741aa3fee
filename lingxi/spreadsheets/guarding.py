"""Texts that no spreadsheet program takes for a formula (CSV injection, CWE-1236)."""

import re

# Blanks before the sign do not stop every program, nor does its full-width form.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]|'*[\t\r\n]")


def guarded(text: str) -> str:
    """For a file: what looks like a formula gets an apostrophe before it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """From a file: without that apostrophe. The inverse of `guarded`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
