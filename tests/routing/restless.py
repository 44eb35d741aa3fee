"""A process that does whatever people and programs do to the queue, at random, until killed.

    python -m tests.routing.restless <seed> <steps>

It takes the test's database as it finds it: channels, agents and customers are there already.
Errors of the product's own family are answers, anything else ends it with a traceback.
"""

import os
import random
import sys
from collections.abc import Callable

import django
from django.conf import settings


def main(seed: int, steps: int) -> int:
    """Take `steps` random steps; prints one dot each."""
    django.setup()
    settings.CHANNEL_LAYERS["default"]["BACKEND"] = "channels.layers.InMemoryChannelLayer"
    from lingxi.errors import LingxiError

    dice = random.Random(seed)
    acts = Acts(dice)
    for _ in range(steps):
        try:
            dice.choice(acts.all)()
        except LingxiError:
            sys.stdout.write("x")
        else:
            sys.stdout.write(".")
        sys.stdout.flush()
    return 0


class Acts:
    """What can happen. Each takes a random victim."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.all: list[Callable[[], object]] = [
            *[self.arrive] * 5,
            *[self.end] * 3,
            self.change_status,
            self.change_capacity,
            self.claim,
            self.accept,
            self.decline,
            self.transfer,
            self.withdraw,
            self.priority,
            self.join_group,
            self.sweep,
            self.lose_connection,
        ]

    def _any(self, rows):
        found = list(rows.values_list("pk", flat=True)[:60])
        from lingxi.errors import NotFound

        if not found:
            raise NotFound
        return rows.model.objects.get(pk=self.dice.choice(found))

    def _agent(self):
        from routing.models import Agent

        return self._any(Agent.objects.all())

    def arrive(self) -> None:
        from conversations.actions import open_conversation
        from conversations.models import Channel, Customer
        from conversations.principals import Visitor

        channel = self._any(Channel.objects.all())
        open_conversation(Visitor(self._any(Customer.objects.all()).pk, channel.pk), {}, {})

    def end(self) -> None:
        from conversations.actions import close_conversation
        from conversations.actors import SYSTEM
        from conversations.models import Conversation

        close_conversation(self._any(Conversation.objects.open()).pk, SYSTEM)

    def change_status(self) -> None:
        from routing.presence import set_status

        set_status(self._agent(), self.dice.choice(["ready", "ready", "busy", "break"]))

    def change_capacity(self) -> None:
        from routing.presence import set_capacity

        set_capacity(self._agent(), self.dice.randint(1, 5))

    def claim(self) -> None:
        from conversations.actions import claim_conversation
        from conversations.models import Conversation

        claim_conversation(self._any(Conversation.objects.waiting()).pk, self._agent())

    def _offered(self):
        from routing.models import WorkItem

        return self._any(WorkItem.objects.filter(state="offered"))

    def accept(self) -> None:
        from routing import offers

        item = self._offered()
        offers.accept(item.kind, item.item_id, item.agent)

    def decline(self) -> None:
        from routing import offers

        item = self._offered()
        offers.decline(item.kind, item.item_id, item.agent)

    def transfer(self) -> None:
        from conversations.models import Conversation
        from conversations.transfers import transfer_conversation
        from routing.models import SkillGroup

        one = self._any(Conversation.objects.filter(state="serving"))
        if self.dice.random() < 0.5:
            transfer_conversation(one.pk, one.agent, to_agent=self._agent())
        else:
            group = self._any(SkillGroup.objects.all())
            transfer_conversation(one.pk, one.agent, to_group=group)

    def withdraw(self) -> None:
        from conversations.models import Conversation
        from conversations.transfers import withdraw

        one = self._any(Conversation.objects.filter(state="transferring"))
        withdraw(one.pk, one.agent)

    def priority(self) -> None:
        from routing import queue
        from routing.models import WorkItem

        item = self._any(WorkItem.objects.filter(state="waiting"))
        queue.set_priority(item.kind, item.item_id, self.dice.randint(-5, 5))

    def join_group(self) -> None:
        from routing.models import SkillGroup

        self._agent().groups.add(self._any(SkillGroup.objects.all()))

    def sweep(self) -> None:
        from conversations.tasks import sweep

        sweep()

    def lose_connection(self) -> None:
        from routing import presence
        from routing.models import Presence

        agent = self._agent()
        presence.disconnect(Presence.objects.filter(agent=agent).values_list("pk", flat=True))
        presence.connect(agent.pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
