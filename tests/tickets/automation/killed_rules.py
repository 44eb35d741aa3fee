"""A relay with a rule, killed with -9 at every point in turn. Run as a program by `test_kills`.

As `tests.lingxi.events.killed_relay`: each run finishes what the last one left, has a visitor say
the word in a conversation of its own, and dies at the n-th point of handing that on.
"""

import itertools
import signal
import sys
import uuid

import django
from django.db import transaction

from tests.lingxi.events.killed_relay import Killer, in_fork, relay_all

MOST_POINTS = 400
STEP = 10  # every tenth point: statements of one kind follow each other


def say_the_word(number: int) -> None:
    """In the n-th conversation of the test."""
    from conversations.actors import Actor
    from conversations.changes import Change
    from conversations.models import Conversation, MessageKind

    conversation = Conversation.objects.order_by("created_at", "id")[number]
    with transaction.atomic():
        change = Change()
        by = Actor.visitor(conversation.customer_id)
        content = {"type": "text", "text": "我要退款"}
        change.log(conversation, MessageKind.MESSAGE, by, content, str(uuid.uuid4()))
        change.commit()


def killed_at(number: int) -> None:
    """Finish, say the word, die."""
    relay_all()
    say_the_word(number)
    Killer(number * STEP).watch()
    relay_all()


def main() -> int:
    """Prints the number of kills."""
    django.setup()
    for number in itertools.count():
        code = in_fork(lambda number=number: killed_at(number))  # type: ignore[misc]
        if code == 0:
            sys.stdout.write(f"{number}\n")
            return 0
        if code != -signal.SIGKILL or number * STEP > MOST_POINTS:
            return 1
    raise AssertionError("count() does not end")


if __name__ == "__main__":
    sys.exit(main())
