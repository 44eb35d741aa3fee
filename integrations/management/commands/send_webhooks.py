"""`manage.py send_webhooks`: the loop that sends due deliveries."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.webhooks.sender import Sender


class Command(BaseCommand):
    help = "Send webhooks that are due, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--idle", type=float, default=0.25, help="seconds between looks")
        parser.add_argument(
            "--grace", type=float, default=15, help="seconds a claim outlives its time-out"
        )
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, idle: float, grace: float, once: bool, **options: Any) -> None:
        asyncio.run(self._run(idle=idle, grace=grace, once=once))

    async def _run(self, **options: Any) -> None:
        sender = Sender(**options)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, sender.stop)
        await sender.run()
