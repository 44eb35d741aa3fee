"""A workflow drawn: statuses in columns by what they mean, transitions as arrows between them.

All lengths are in units of the drawing, which are pixels at its natural size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tickets.models import Category

WIDTH, HEIGHT = 128, 42
ACROSS, DOWN = 206, 84
EDGE, HEAD, FOOT = 24, 58, 62  # around it; long arrows run above the first row and below the last
COLUMNS = (
    (Category.NEW,),
    (Category.OPEN,),
    (Category.PENDING, Category.ON_HOLD),
    (Category.RESOLVED,),
    (Category.CLOSED,),
)
LONGEST = 8  # characters of a name that fit
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """A status: the upper left corner, and its place among the columns."""

    x: int
    y: int
    column: int
    row: int
    key: str
    name: str
    category: str
    is_initial: bool
    from_anywhere: str = ""

    @property
    def short(self) -> str:
        """As much of the name as fits."""
        return self.name if len(self.name) <= LONGEST else f"{self.name[: LONGEST - 1]}…"

    @property
    def middle(self) -> tuple[int, int]:
        """The centre."""
        return self.x + WIDTH // 2, self.y + HEIGHT // 2


@dataclass(frozen=True)
class Arrow:
    """From one status to another, with the names of the transitions that take that way."""

    path: str
    names: str
    is_back: bool


def drawing(whole: Row) -> dict[str, Any]:
    """What the template draws; `words` says the same for those who do not see it."""
    boxes = _boxes(whole)
    arrows = _arrows(whole, {one.key: one for one in boxes})
    columns = 1 + max((one.column for one in boxes), default=0)
    rows = 1 + max((one.row for one in boxes), default=0)
    return {
        "boxes": boxes,
        "arrows": arrows,
        "width": 2 * EDGE + (columns - 1) * ACROSS + WIDTH,
        "height": HEAD + (rows - 1) * DOWN + HEIGHT + FOOT,
        "box": {"width": WIDTH, "height": HEIGHT},
        "words": _words(whole),
    }


def _boxes(whole: Row) -> list[Box]:
    anywhere: dict[str, list[str]] = {}
    for one in whole["transitions"]:
        if not one["from"]:
            anywhere.setdefault(one["to"], []).append(one["name"])
    used = [column for column in COLUMNS if _in(whole, column)]
    found = []
    for column, categories in enumerate(used):
        for row, one in enumerate(_in(whole, categories)):
            key = one.get("key", "")
            found.append(
                Box(
                    x=EDGE + column * ACROSS,
                    y=HEAD + row * DOWN,
                    column=column,
                    row=row,
                    key=key,
                    name=one.get("name", ""),
                    category=one["category"],
                    is_initial=key == whole["initial"],
                    from_anywhere="、".join(anywhere.get(key, [])),
                )
            )
    return found


def _in(whole: Row, categories: tuple[Category, ...]) -> list[Row]:
    return [one for one in whole["statuses"] if one.get("category") in categories]


def _arrows(whole: Row, boxes: Mapping[str, Box]) -> list[Arrow]:
    ways: dict[tuple[str, str], list[str]] = {}
    for one in whole["transitions"]:
        for source in one["from"]:
            if source in boxes and one["to"] in boxes and source != one["to"]:
                ways.setdefault((source, one["to"]), []).append(one["name"])
    return [_arrow(boxes[a], boxes[b], "、".join(names)) for (a, b), names in ways.items()]


def _arrow(a: Box, b: Box, names: str) -> Arrow:
    words = f"{a.name} → {b.name}：{names}"
    if a.column == b.column:
        return Arrow(_beside(a, b), words, is_back=b.row < a.row)
    is_back = b.column < a.column
    if abs(a.column - b.column) == 1 and a.row == b.row:
        return Arrow(_straight(a, b), words, is_back)
    return Arrow(_bow(a, b), words, is_back)


def _straight(a: Box, b: Box) -> str:
    """Between neighbours: there a little above the middle, back a little below."""
    forth = b.column > a.column
    y = a.middle[1] + (-7 if forth else 7)
    start, end = (a.x + WIDTH, b.x) if forth else (a.x, b.x + WIDTH)
    return f"M{start} {y} L{end} {y}"


def _beside(a: Box, b: Box) -> str:
    """Within a column: down on the right, up on the left."""
    side = WIDTH if b.row > a.row else 0
    out = 26 if side else -26
    x, start, end = a.x + side, a.middle[1], b.middle[1]
    return f"M{x} {start} C{x + out} {start} {x + out} {end} {x} {end}"


def _bow(a: Box, b: Box) -> str:
    """Over other columns: forth over the top, back under the bottom."""
    forth = b.column > a.column
    if a.row == b.row:
        span = 14 + 15 * abs(a.column - b.column)
        start, end = (a.y, b.y) if forth else (a.y + HEIGHT, b.y + HEIGHT)
        top = min(start, end) - span if forth else max(start, end) + span
        x1, x2 = a.middle[0] + 14, b.middle[0] - 14
        return f"M{x1} {start} C{x1} {top} {x2} {top} {x2} {end}"
    x1, x2 = (a.x + WIDTH, b.x) if forth else (a.x, b.x + WIDTH)
    y1, y2 = a.middle[1] + (-5 if forth else 5), b.middle[1] + (-5 if forth else 5)
    bend = (x2 - x1) // 2
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


def _words(whole: Row) -> str:
    names = {one.get("key", ""): one.get("name", "") for one in whole["statuses"]}
    lines = [
        f"{one['name']}：{'、'.join(names.get(key, '') for key in one['from']) or '任意状态'}"
        f" → {names.get(one['to'], '')}"
        for one in whole["transitions"]
    ]
    begin = f"{len(names)} 个状态，{len(lines)} 个流转，初始状态是{names.get(whole['initial'], '')}"
    return "；".join([begin, *lines])
