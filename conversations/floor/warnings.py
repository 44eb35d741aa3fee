"""What counts as a warning on the floor, and from which moment on.

A warning carries the moment it begins, which may lie ahead: the browser shows it when its time
has come, so no time that passes has to be sent.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

RATED_BADLY = 2  # stars and fewer
LOOK_BACK = dt.timedelta(hours=24)  # for ratings and words
AHEAD = dt.timedelta(seconds=15)  # how early a row comes before its warning begins

KINDS = {
    "waiting": "排队过久",
    "unanswered": "未回复",
    "sensitive": "敏感词",
    "vip": "VIP",
    "rating": "差评",
}

# The one rule of who is a VIP: a level or tag that says so, and does not say "非VIP" or "准VIP".
VIP_PATTERN = "vip|金卡|钻石|黑金|白金|铂金|至尊|贵宾"
_VIP = re.compile(rf"(?<![非准不])({VIP_PATTERN})", re.IGNORECASE)


def vip_mark(level: str, tags: Iterable[Any]) -> str:
    """The level or tag that makes the customer a VIP; empty for others."""
    marks = (str(mark) for mark in (level, *tags) if isinstance(mark, str))
    return next((mark for mark in marks if _VIP.search(mark)), "")


def millis(moment: dt.datetime) -> int:
    """Milliseconds since 1970, as browsers count."""
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True)
class Limits:
    """After how many seconds a group wants to be warned; 0: never."""

    waiting: int
    unanswered: int


def warning(kind: str, since: dt.datetime, after: int = 0, text: str = "") -> dict[str, Any]:
    """A warning that begins `after` seconds after `since`."""
    return {"kind": kind, "at": millis(since) + after * 1000, "text": text}


def active(warnings: Iterable[dict[str, Any]], now: dt.datetime) -> list[str]:
    """The kinds that have begun; from exactly their moment on."""
    at = millis(now)
    return [one["kind"] for one in warnings if one["at"] <= at]
