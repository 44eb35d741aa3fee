"""Sweeps: many pieces of work, where one that fails must not keep the others from being done."""

from collections.abc import Callable

import structlog

from lingxi.errors import LingxiError

logger = structlog.get_logger("lingxi.sweeps")


def attempt(work: Callable[..., object], *args: object) -> int:
    """Do one piece, which brings its own transaction.

    The number it returns, 1 when it returns none, 0 when it failed: the next sweep tries again.
    """
    try:
        done = work(*args)
    except LingxiError as error:
        logger.info("left to the next sweep", work=_name(work), error=error.code)
    except Exception:
        logger.exception("left to the next sweep", work=_name(work), about=str(args)[:200])
    else:
        return done if isinstance(done, int) else 1
    return 0


def _name(work: Callable[..., object]) -> str:
    return getattr(work, "__name__", str(work))
