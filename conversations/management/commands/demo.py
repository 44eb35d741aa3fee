"""``manage.py demo``: fill an empty database with a believable business."""

import io
import re
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from conversations.demo import business
from conversations.demo.build import Builder, Size
from conversations.demo.progress import Bar
from conversations.demo.reviews import MissingReviews
from conversations.models import Channel

# These belong to apps which stand above us, and so are called by name.
REINDEX = "reindex_archive"
TICKETS = "demo_tickets"


class Watched(io.StringIO):
    """Takes "done/total" from what a command writes, for the bar."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self._bar = bar

    def write(self, text: str) -> int:
        """Move the bar; nothing is kept."""
        if found := re.search(r"(\d+)/(\d+)", text):
            self._bar.move(int(found[1]), int(found[2]))
        return len(text)


class Command(BaseCommand):
    help = "生成演示数据 (demo data): agents, customers and months of conversations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        size = Size()
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if a channel exists"
        )
        parser.add_argument("--seed", type=int, default=7)
        for name in ("customers", "conversations", "days", "open"):
            parser.add_argument(f"--{name}", type=int, default=getattr(size, name))

    def handle(self, *args: Any, **options: Any) -> None:
        if Channel.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("已有渠道，演示数据只能写入空数据库 (the database is not empty)")
        size = self._size(options)
        bar = Bar()
        self.stdout.write("生成演示数据 (demo data)")
        try:
            builder = Builder(options["seed"], size, progress=bar)
            counts = builder.build(lambda: self._afterwards(bar, size))
        except MissingReviews as exc:
            raise CommandError(str(exc)) from exc
        bar.finish()
        self.stdout.write(
            f"客户 {counts['customers']:,} · 会话 {counts['conversations']:,}"
            f" · 消息 {counts['messages']:,}\n"
            f"登录 admin / supervisor / auditor / inspector / agent1 … agent20，"
            f"密码 {business.PASSWORD}"
        )

    def _size(self, options: dict[str, Any]) -> Size:
        names = ("customers", "conversations", "days", "open")
        size = Size(**{name: options[name] for name in names})
        if min(size.customers, size.days) < 1 or min(size.conversations, size.open) < 0:
            raise CommandError("数量不能为负 (sizes must not be negative)")
        if size.customers < 2 * size.open + 10:
            raise CommandError("客户太少 (at least twice as many customers as open, plus 10)")
        return size

    def _afterwards(self, bar: Bar, size: Size) -> None:
        """Tickets, and the index that makes messages searchable, in the same transaction."""
        if TICKETS in get_commands():
            bar.stage("工单")
            share = {"past": size.conversations // 150, "open": size.open // 2}
            call_command(TICKETS, **share, stdout=io.StringIO(), stderr=Watched(bar))
        if REINDEX in get_commands():
            bar.stage("会话存档索引")
            call_command(REINDEX, fresh=True, stdout=io.StringIO(), stderr=Watched(bar))
