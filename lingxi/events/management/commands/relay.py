"""`manage.py relay`: the loop that takes events from the outbox to their subscribers."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections

from lingxi.events.relay import relay_batch, retry_failed

logger = structlog.get_logger("lingxi.events.relay")


class Command(BaseCommand):
    help = "Take domain events from the outbox to their subscribers, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--idle", type=float, default=0.2, help="seconds between looks")
        parser.add_argument("--once", action="store_true", help="stop when nothing is pending")

    def handle(self, *args: Any, idle: float, once: bool, **options: Any) -> None:
        stop = threading.Event()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            taken = self._turn()
            if once and not taken:
                return
            if not taken:
                stop.wait(idle)

    def _turn(self) -> int:
        try:
            return relay_batch() + retry_failed()
        except (OperationalError, InterfaceError):
            logger.warning("database away, trying again")
            close_old_connections()
            threading.Event().wait(1)
            return 0
