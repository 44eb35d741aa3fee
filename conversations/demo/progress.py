"""A progress bar on a terminal; elsewhere one line for each finished part."""

import sys
import time
from typing import Protocol, TextIO

WIDTH = 28


class Progress(Protocol):
    """What the builder reports to."""

    def stage(self, title: str, total: int = 0) -> None:
        """A new part of the work begins."""

    def step(self, count: int = 1) -> None:
        """`count` more of the part's total are done."""


class Silent:
    """Reports to nobody."""

    def stage(self, title: str, total: int = 0) -> None:
        """Nothing."""

    def step(self, count: int = 1) -> None:
        """Nothing."""


class Bar:
    """Draws on `out`."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out = out
        self._live = out.isatty()
        self._title, self._total, self._done, self._shown = "", 0, 0, -1
        self._started = time.monotonic()

    def stage(self, title: str, total: int = 0) -> None:
        """End the line of the part before and begin the next."""
        self.finish()
        self._title, self._total, self._done, self._shown = title, total, 0, -1
        self._started = time.monotonic()
        self._draw()

    def step(self, count: int = 1) -> None:
        """Move the bar."""
        self._done += count
        self._draw()

    def move(self, done: int, total: int) -> None:
        """Put the bar at `done` of `total`."""
        self._done, self._total = done, total
        self._draw()

    def finish(self) -> None:
        """End the line, with the time it took."""
        if not self._title:
            return
        seconds = time.monotonic() - self._started
        self._done = self._total
        start = "\r" if self._live else ""
        self._out.write(f"{start}{self._line()}  {seconds:5.1f} s\n")
        self._out.flush()
        self._title = ""

    def _draw(self) -> None:
        percent = 100 * self._done // self._total if self._total else 0
        if not self._live or percent == self._shown:
            return
        self._shown = percent
        self._out.write(f"\r{self._line()}")
        self._out.flush()

    def _line(self) -> str:
        share = self._done / self._total if self._total else 0 if self._done else 1
        filled = int(WIDTH * min(share, 1))
        bar = "█" * filled + "░" * (WIDTH - filled)
        # Chinese characters take two columns.
        pad = " " * max(0, 20 - sum(2 if ord(char) > 255 else 1 for char in self._title))
        count = f"{self._done:>7,} / {self._total:,}" if self._total else ""
        return f"  {self._title}{pad} {bar} {count}"
