"""Tickets of conversations that are over, and some that are being worked on now.

All goes through `tickets.service`, at the times it would have happened, so that timelines, times
agreed on and what the classifier learned are right. The events are taken back at the end: nobody
is to be told today of what happened months ago.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db.models import Max
from django.utils import timezone

from conversations.demo.business import GOODS
from conversations.models import Conversation, Notice, State
from lingxi.events.models import Event
from routing.models import Agent
from tickets import service, urging
from tickets.classification import learning
from tickets.demo import stories
from tickets.models import IssueType, Source, Ticket, TicketType
from tickets.service import SYSTEM, By, NewTicket, clock
from tickets.sla import sweep as sla

PAST, OPEN = 130, 30
HOUR = dt.timedelta(hours=1)
Step = Callable[[], object]


class History:
    """Writes it; the same `seed` gives the same stories."""

    def __init__(
        self, types: dict[str, TicketType], past: int = PAST, open: int = OPEN, seed: int = 7
    ) -> None:
        self.types, self.past, self.open = types, past, open
        self.dice = random.Random(seed)  # noqa: S311 - demo data, not secrets
        self.now = timezone.now()
        self.issues = {row.name: row for row in IssueType.objects.all()}
        self.agents = {
            slug: list(Agent.objects.filter(groups__slug=slug).order_by("name"))
            for slug in ("presale", "aftersale", "delivery", "member")
        }

    def write(self, told: Callable[[int], None]) -> int:
        """Write it, telling after each ticket how many there are; their number."""
        last = Event.objects.aggregate(last=Max("position"))["last"] or 0
        notices = set(Notice.objects.values_list("pk", flat=True))
        count = 0
        for count, work in enumerate(self._tickets(), 1):
            work()
            told(count)
        sla.sweep()
        learning.learn()
        Event.objects.filter(position__gt=last).delete()
        Notice.objects.exclude(pk__in=notices).delete()
        return count

    def _tickets(self) -> Iterator[Step]:
        talks = Conversation.objects.select_related("customer", "channel", "agent__user", "group")
        ended = talks.filter(state=State.CLOSED, agent__isnull=False)
        for talk in ended.order_by("-closed_at")[: self.past * 3 : 3]:
            yield partial(self._past, talk)
        recent = ended.filter(closed_at__gte=self.now - dt.timedelta(days=4))
        for place, talk in enumerate(recent.order_by("-closed_at")[1 : self.open * 3 : 3]):
            yield partial(self._open, talk, place)

    def _make(self, talk: Conversation, at: dt.datetime) -> tuple[Ticket, Agent, By]:
        story = self.dice.choice(stories.STORIES)
        good = self.dice.choice(GOODS).name
        group = self.types[story.type].group
        agent = self.dice.choice(self.agents[group.slug])
        by = By.staff(agent.user)
        new = NewTicket(
            type=self.types[story.type],
            title=self.dice.choice(story.titles).format(good=good),
            source=self.dice.choice([Source.AGENT, Source.AGENT, Source.KEYWORD, Source.VISITOR]),
            description=self.dice.choice(story.texts).format(good=good),
            fields=self._fields(story.type),
            requester=talk.customer,
            conversation=talk,
            issue_type=self.issues[story.issue] if self.dice.random() < 0.85 else None,
            tags=["VIP"] if self.dice.random() < 0.1 else [],
        )
        with clock.at(at):
            ticket, _ = service.create(new, SYSTEM)
        return ticket, agent, by

    def _fields(self, type: str) -> dict[str, Any]:
        order = f"2026{self.dice.randint(1000, 9999)}{self.dice.randint(1000, 9999)}"
        amount = f"{self.dice.choice([39, 89, 129, 268, 399, 699, 1280])}.00"
        said: dict[str, dict[str, Any]] = {
            "refund": {"order_number": order, "amount": amount, "reason": f"c{self._die(5)}"},
            "complaint": {"order_number": order, "about": [f"c{self._die(4)}"]},
            "invoice": {
                "order_number": order,
                "title": self.dice.choice(stories.NAMES),
                "amount": amount,
            },
            "repair": {"model": f"YS-{self.dice.randint(100, 999)}", "fault": f"c{self._die(4)}"},
        }
        return said[type]

    def _die(self, sides: int) -> int:
        return self.dice.randint(1, sides)

    def _past(self, talk: Conversation) -> None:
        """From the talk to the end, and perhaps a rating."""
        at = talk.closed_at or talk.created_at
        ticket, agent, by = self._make(talk, at)
        at = self._work(ticket, agent, by, at)
        ending = self.dice.choice(stories.ENDINGS)
        at += self.dice.uniform(0.5, 20) * HOUR
        if at > self.now - HOUR:
            return
        with clock.at(at):
            service.move(
                ticket.pk, "resolve", SYSTEM, comment=ending, is_public=True, approved=True
            )
        if self.dice.random() < 0.6:
            score = self.dice.choices([5, 4, 3, 2, 1], [50, 25, 12, 8, 5])[0]
            with clock.at(at + HOUR / 2):
                said = self.dice.choice(stories.THANKS)
                service.rate(ticket.pk, By.requester(talk.customer), score, said)
        closes = at + dt.timedelta(days=ticket.type.close_after_days)
        if closes < self.now:
            with clock.at(closes):
                service.move(ticket.pk, "close", SYSTEM)

    def _work(self, ticket: Ticket, agent: Agent, by: By, at: dt.datetime) -> dt.datetime:
        at = min(at + self.dice.uniform(0.05, 1.5) * HOUR, self.now)
        with clock.at(at):
            service.assign(ticket.pk, SYSTEM, agent=agent)
            service.move(ticket.pk, "start", SYSTEM)
        at = min(at + self.dice.uniform(0.05, 0.5) * HOUR, self.now)
        with clock.at(at):
            service.comment(ticket.pk, by, self.dice.choice(stories.ANSWERS), is_public=True)
        if self.dice.random() < 0.5:
            with clock.at(min(at + HOUR / 4, self.now)):
                service.comment(ticket.pk, by, self.dice.choice(stories.NOTES))
        return at

    def _open(self, talk: Conversation, place: int) -> None:
        """In every state there is: waiting, in work, with the customer, on hold, urged, ordered."""
        at = max(talk.closed_at or self.now, self.now - (4 + place * 1.5) * HOUR)
        at = min(at, self.now - HOUR / 2)
        ticket, agent, by = self._make(talk, at)
        if place % 4 == 0:
            return
        at = min(self._work(ticket, agent, by, at), self.now)
        if place % 6 == 1:
            service.move(ticket.pk, "wait", SYSTEM)
        elif place % 6 == 2:
            service.move(ticket.pk, "hold", SYSTEM)
        elif place % 6 == 3:
            urging.urge(ticket.pk, By.requester(talk.customer), "请尽快处理，已经等了两天了")
        if ticket.type.key == "refund" and place % 3 == 1:
            self._ask(ticket, by)

    def _ask(self, ticket: Ticket, by: By) -> None:
        """Put a refund before the supervisors."""
        row = Ticket.objects.get(pk=ticket.pk)
        if row.fields.get("amount", 0) > 500 and row.category == "open":
            service.move(row.pk, "resolve", by, comment="金额较大，请主管审批")
