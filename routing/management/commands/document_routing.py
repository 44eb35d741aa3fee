"""``manage.py document_routing``: the tables of facts and actions for docs/routing.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from routing.strategy.catalogue import END, START, markdown


def document() -> Path:
    """The page that holds the tables."""
    return Path(settings.BASE_DIR) / "docs" / "routing.md"


def filled(page: str) -> str:
    """The page with the tables as they are declared now, between its markers."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END + "\n")
    return before + markdown() + after


class Command(BaseCommand):
    help = (
        "Print the tables of facts, operators and actions; --write puts them into docs/routing.md"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        if write:
            page = document()
            page.write_text(filled(page.read_text()))
        else:
            self.stdout.write(markdown())
