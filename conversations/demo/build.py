"""The whole demo, in one transaction: either all of it is there or nothing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from conversations.demo import left, people, reviews
from conversations.demo.dice import Dice
from conversations.demo.hours import arrivals
from conversations.demo.people import Person, Server, Shop
from conversations.demo.plot import Plot, Topic
from conversations.demo.progress import Progress, Silent
from conversations.demo.script import NotYet, Script
from conversations.demo.tables import Tables
from conversations.models import Conversation, Customer, Message

CHUNK = 1000
# Who waits, by group. Few where agent1 serves: whoever tries the product as agent1 still has room
# for the visitor they open in the other window.
WAITING = (
    *("presale", "aftersale", "delivery", "member"),
    *("member", "delivery", "member", "aftersale"),
)
FIRST_AGENTS = (6, 5, 4)  # open conversations of agent1, agent2 and agent3, at most


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    customers: int = 3000
    conversations: int = 20000
    days: int = 120
    open: int = 60


class Builder:
    """Builds a demo of `size`. The same seed, size and day give the same rows."""

    def __init__(
        self,
        seed: int,
        size: Size,
        now: dt.datetime | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.size = size
        self.now = timezone.localtime(now).replace(second=0, microsecond=0)
        midnight = self.now.replace(hour=0, minute=0)
        self.founded = midnight - dt.timedelta(days=size.days + 30)
        self.progress = progress or Silent()
        self.dice = Dice(seed)
        self.tables = Tables()
        self.reviews = reviews.load()
        self.shop: Shop
        self.people: list[Person]

    def build(self, afterwards: Callable[[], None] | None = None) -> dict[str, int]:
        """Build it, and what `afterwards` adds, in one transaction; how many rows there are."""
        with transaction.atomic():
            self.progress.stage("店铺与账号")
            self.shop = people.open_shop(self.dice, self.founded, self.now)
            self.people = people.meet_customers(self.dice, self.founded, self.size.customers)
            self._history()
            self._present()
            self._customers()
            left.leave_messages(self.dice, self.shop, self.people)
            if afterwards:
                afterwards()
            self.progress.stage("提交")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return {
            "customers": Customer.objects.count(),
            "conversations": Conversation.objects.count(),
            "messages": Message.objects.count(),
        }

    def _history(self) -> None:
        times = arrivals(self.dice, self.now, self.size.days, self.size.conversations)
        self.progress.stage("历史会话", len(times))
        for done, at in enumerate(times, 1):
            self._one(at)
            if done % CHUNK == 0 or done == len(times):
                self.tables.flush()
                self.progress.step(CHUNK if done % CHUNK == 0 else done % CHUNK)

    def _one(self, at: dt.datetime) -> None:
        person = self._somebody(at)
        topic, script = self._script(person, at)
        try:
            Plot(self.dice, self.shop, topic, script).whole()
        except NotYet:
            return
        self._write(person, topic, script)

    def _script(self, person: Person, at: dt.datetime) -> tuple[Topic, Script]:
        topic = Topic(self.dice, self.reviews, person)
        group = self.shop.groups[topic.group.slug]
        return topic, Script(self.dice, self.shop, person, group, at)

    def _somebody(self, at: dt.datetime) -> Person:
        """A customer who is not talking to us already; some come often."""
        while True:
            person = self.people[int(len(self.people) * self.dice.random() ** 1.5)]
            if person.busy_until < at:
                return person

    def _write(self, person: Person, topic: Topic, script: Script) -> None:
        person.busy_until = script.now
        person.seen.append((script.began, topic.good))
        context = people.browse(self.tables, self.dice, self.shop, person)
        fields = {"order_number": topic.order} if person.entry.kind == "app" else {}
        script.write(self.tables, context, fields)

    def _present(self) -> None:
        """Conversations that are open now: some wait, the others are with an agent."""
        waiting = WAITING[: self.size.open // 4]
        self.progress.stage("进行中的会话", self.size.open)
        inbox: dict[Any, list[Script]] = defaultdict(list)
        for server in self._servers_of_open(self.size.open - len(waiting)):
            groups = {slug for slug, all_ in self.shop.servers.items() if server in all_}
            script = self._open_one(groups, server)
            inbox[server.id].append(script)
        for slug in waiting:
            self._open_one({slug}, None)
        for server in self.shop.all_servers:
            self._write_inbox(server, inbox[server.id])
        self.tables.flush()
        self.progress.step(self.size.open)

    def _servers_of_open(self, count: int) -> list[Server]:
        servers = self.shop.all_servers
        first = [server for server, n in zip(servers, FIRST_AGENTS, strict=False) for _ in range(n)]
        others = servers[len(FIRST_AGENTS) :]
        return (first + [others[i % len(others)] for i in range(count)])[:count]

    def _open_one(self, groups: set[str], server: Server | None) -> Script:
        minutes = self.dice.uniform(1, 9) if server is None else self.dice.uniform(2, 30)
        at = self.now - dt.timedelta(minutes=minutes)
        while True:
            topic, script = self._script(self._somebody(at), at)
            if topic.group.slug in groups:
                break
        plot = Plot(self.dice, self.shop, topic, script)
        if server is None:
            plot.waiting()
        else:
            plot.so_far(server)
        self._write(script.person, topic, script)
        script.person.busy_until = self.now  # one open conversation each
        return script

    def _write_inbox(self, server: Server, scripts: list[Script]) -> None:
        scripts.sort(key=lambda script: script.accepted_at or script.began)
        for seq, script in enumerate(scripts, 1):
            self.tables.inbox_entries.add(server.id, seq, script.id, "assigned", script.accepted_at)
        self.tables.inboxes.add(server.id, len(scripts))

    def _customers(self) -> None:
        self.progress.stage("客户资料", len(self.people))
        for person in self.people:
            people.write_customer(self.tables, self.dice, person, self.founded)
        self.tables.flush()
        self.progress.step(len(self.people))
