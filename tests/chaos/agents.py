"""Agents: they read everything they serve, and answer now and then."""

from collections.abc import Sequence
from typing import Any

from tests.chaos.api import Api, Refused, Unanswered
from tests.chaos.client import Client, Rules
from tests.chaos.ledger import Ledger, Screen
from tests.chaos.tickets import TYPE

ANSWERS = 0.08  # of the visitors' messages
MAKES_TICKET = 0.006  # of them
PASSES_ON = 0.004  # of them; and what becomes of it
ACCEPTS, REFUSES = 0.7, 0.15  # else nobody answers, and it runs out


class Agent(Client):
    """One agent."""

    path = "/ws/agent"

    def __init__(
        self, name: str, api: Api, ledger: Ledger, rules: Rules, seed: int, *, password: str
    ) -> None:
        super().__init__(name, api, ledger, rules, seed)
        self.password = password
        self.id = ""
        self.inbox = 0
        self.inbox_gaps = 0
        self.colleagues: Sequence[str] = ()
        self._ended: set[str] = set()
        ledger.may_lose.add(name)

    async def arrive(self) -> None:
        """Log in."""
        body = {"username": self.name, "password": self.password}
        session = await self.api.call("POST", "/agent/sessions", json=body)
        self.token, self.id = session["token"], session["agent"]["id"]

    async def ready(self) -> None:
        """Take work from now on."""
        await self.api.call("PUT", "/agent/status", token=self.token, json={"status": "ready"})

    def cursors(self) -> dict[str, Any]:
        """Those of the conversations and of the inbox."""
        cursors = super().cursors()
        if self.inbox and self.rules.resume:
            cursors["inbox"] = {"seq": self.inbox}
        return cursors

    def screen(self, conversation: str) -> Screen | None:
        """Whatever comes is shown."""
        return self.screens.setdefault(conversation, Screen(conversation))

    def show(self, screen: Screen, event: dict[str, Any]) -> None:
        """Read it, and perhaps answer; history is only read."""
        super().show(screen, event)
        if event["kind"] == "state" and event["content"]["state"] == "closed":
            self._ended.add(screen.conversation)
        from_visitor = event["kind"] == "message" and event["author"]["type"] == "visitor"
        if not from_visitor or not self.typing or screen.conversation in self._ended:
            return
        if not self.lanes[screen.conversation] and self.random.random() < ANSWERS:
            self.say(screen.conversation)
        if self.random.random() < MAKES_TICKET:
            self.spawn(self._make_ticket(screen.conversation))
        if self.colleagues and self.random.random() < PASSES_ON:
            self.spawn(self._pass_on(screen.conversation))

    async def _make_ticket(self, conversation: str) -> None:
        """Make one of the conversation, and begin with it; the same call until it is answered."""
        book = self.ledger.tickets
        key = f"{self.name} ticket {len(book.asked)}"
        book.asked.add(key)
        body = {"type": TYPE, "title": key, "conversation": conversation}
        try:
            made = await self.api.call("POST", "/tickets/", token=self.token, json=body, once=key)
            book.given[key] = made["number"]
            path, step = f"/tickets/{made['number']}/transitions", {"transition": "start"}
            await self.api.call("POST", path, token=self.token, json=step)
            book.begun.add(key)
        except Refused:
            if key not in book.given:  # the conversation was a colleague's by then
                book.refused.add(key)
        except Unanswered:
            return

    async def _pass_on(self, conversation: str) -> None:
        """Offer it to a colleague."""
        body = {"agent": self.random.choice(self.colleagues), "note": "请接手"}
        await self._try(f"/agent/conversations/{conversation}/transfer", body)

    async def _answer_offer(self, conversation: str) -> None:
        """Accept, refuse, or do not answer."""
        chance = self.random.random()
        if chance < ACCEPTS + REFUSES:
            answer = "accept" if chance < ACCEPTS else "refuse"
            await self._try(f"/agent/conversations/{conversation}/transfer/{answer}", {})

    async def _try(self, path: str, body: dict[str, Any]) -> None:
        """What is refused was overtaken by something else, which is as good."""
        try:
            await self.api.call("POST", path, token=self.token, json=body)
        except (Refused, Unanswered):
            return

    def on_inbox(self, frame: dict[str, Any]) -> None:
        """Which conversations changed: those not seen yet are opened."""
        for entry in frame["events"]:
            if entry["seq"] <= self.inbox:
                continue
            if self.inbox and entry["seq"] != self.inbox + 1:
                self._look_everywhere()
            self.inbox = entry["seq"]
            if self.rules.resume:
                self._open(entry["conversation"])
            if entry["change"] == "transfer_offered":
                self.spawn(self._answer_offer(entry["conversation"]))
        if frame.get("seq", 0) > self.inbox:
            if self.inbox:
                self._look_everywhere()
            self.inbox = frame["seq"]

    def _open(self, conversation: str) -> None:
        """Ask for a conversation; should the line break now, the next hello asks again."""
        if conversation not in self.screens:
            self.screen(conversation)
            self.tell(t="subscribe", conversation=conversation, after=0)

    def _look_everywhere(self) -> None:
        """After a gap the list is read again."""
        self.inbox_gaps += 1
        self.spawn(self._read_list())

    async def _read_list(self) -> None:
        limit = {"limit": 200}
        for row in await self.api.call(
            "GET", "/agent/conversations", token=self.token, params=limit
        ):
            self._open(row["id"])

    async def history(self, conversation: str) -> tuple[list[dict[str, Any]], int]:
        """The whole log."""
        path = f"/agent/conversations/{conversation}/events"
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["seq"] if events else 0
            page = await self.api.call("GET", path, token=self.token, params={"after": after})
            events += page["events"]
            if not page["events"] or events[-1]["seq"] >= page["seq"]:
                return events, page["epoch"]
