"""``manage.py demo_tickets``: tickets for the demo business; called by ``manage.py demo``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tickets.demo.business import furnish
from tickets.demo.history import OPEN, PAST, History
from tickets.models import TicketType


class Command(BaseCommand):
    help = "为演示数据添加工单 (tickets for the demo data)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--past", type=int, default=PAST, help="of conversations that are over")
        parser.add_argument("--open", type=int, default=OPEN, help="being worked on")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if TicketType.objects.exists():
            raise CommandError("已有工单类型，只能写入没有工单的演示数据 (there are ticket types)")
        past, being = options["past"], options["open"]
        history = History(furnish(), past, being)
        count = history.write(lambda done: self.stderr.write(f"{done}/{past + being}"))
        self.stdout.write(f"工单 {count:,}")
