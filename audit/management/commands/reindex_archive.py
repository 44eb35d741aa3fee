"""`manage.py reindex_archive`: fill the archive's word index from the logs."""

from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.archive import rebuild


class Command(BaseCommand):
    help = "Index what the archive has missed; with --fresh, everything anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="forget the index first (searches find nothing until this is done)",
        )
        parser.add_argument("--batch", type=int, default=200, help="conversations a transaction")

    def handle(self, *args: Any, fresh: bool, batch: int, **options: Any) -> None:
        if fresh:
            rebuild.empty()
        with rebuild.word_index_built_afterwards() if fresh else nullcontext():
            self._fill(batch)

    def _fill(self, batch: int) -> None:
        ids = rebuild.behind()
        done = entries = 0
        for conversations, added in rebuild.index_in_batches(ids, batch):
            done, entries = done + conversations, entries + added
            self.stderr.write(f"\r{done}/{len(ids)} conversations, {entries} entries", ending="")
        self.stderr.write("")
        self.stdout.write(f"Indexed {entries} entries of {done} conversations.")
