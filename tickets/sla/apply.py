"""What a change of a ticket does to its clocks, in the transaction of the change.

created                    first response and resolution begin
public comment by staff    first and next response are met
comment by the customer    next response begins a new round, unless a response is owed already
pending, on hold           next response and resolution stand still; the first response never does
resolved                   all are met: the customer is told
closed without that        the resolution is met, responses are not asked for any more
reopened                   the resolution goes on from where it was met
merged                     nothing is asked for any more
type, priority, customer   the policies are asked again
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from routing.worktime import WorkTime
from tickets.models import Category
from tickets.models.sla import ClockState, Metric, SlaClock
from tickets.service.change import Change
from tickets.sla import clock as clocks
from tickets.sla.clock import Clock, Terms
from tickets.sla.policies import Policy, current, facts_of, terms_in
from tickets.sla.rows import SAVED, put, value_of
from tickets.sla.telling import Firing, firings_of, tell

DONE = frozenset({Category.RESOLVED, Category.CLOSED})
PAUSING = frozenset({Category.PENDING, Category.ON_HOLD})
PAUSED = (Metric.NEXT_RESPONSE, Metric.RESOLUTION)
RESPONSES = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
RELEVANT = frozenset({"created", "edited", "status", "commented", "reopened"})


def on_change(change: Change) -> None:
    """Keep the ticket's clocks in step; a listener of `tickets.service.hooks`."""
    if _was_merged(change):
        Board(change).withdraw()
    elif "created" in change.kinds:
        Board(change, is_new=True).begin()
    elif change.kinds & RELEVANT:
        Board(change).follow()


def _was_merged(change: Change) -> bool:
    return change.ticket.merged_into_id is not None and change.before["merged_into_id"] is None


def summary(values: Iterable[Clock]) -> tuple[dt.datetime | None, bool]:
    """What a ticket shows of its clocks: the nearest due time, and whether any was breached."""
    known = list(values)
    due = [one.due_at for one in known if one.is_open and one.due_at is not None]
    return min(due, default=None), any(one.breached_at is not None for one in known)


@dataclass
class Held:
    """A row with its clock, which is written back at the end; `policy` is the row's as stored."""

    row: SlaClock
    clock: Clock
    policy: uuid.UUID | None = None

    @property
    def metric(self) -> Metric:
        """What it times."""
        return Metric(self.row.metric)


class Board:
    """The clocks of one locked ticket during one change."""

    def __init__(self, change: Change, *, is_new: bool = False) -> None:
        self.change, self.ticket, self.at = change, change.ticket, change.at
        self.policies = current()
        self._firings: list[Firing] = []
        self.held = [] if is_new else [self._settled(row) for row in self._rows()]

    def _rows(self) -> Iterable[SlaClock]:
        rows = SlaClock.objects.filter(ticket=self.ticket).exclude(state=ClockState.CANCELLED)
        return rows.select_related("policy").order_by("pk")

    def _settled(self, row: SlaClock) -> Held:
        """What lies before the change has happened, though no sweep may have told of it yet."""
        clock = value_of(row)
        self._firings += firings_of(self.ticket, row, clock, self.at)
        return Held(row, clocks.fired(clock, self.at), row.policy_id)

    # -- what happens --------------------------------------------------------------------------

    def begin(self) -> None:
        """A new ticket."""
        if self.ticket.category not in DONE:
            self._start(Metric.FIRST_RESPONSE)
            self._start(Metric.RESOLUTION)
            self._keep_time()
        self._finish()

    def follow(self) -> None:
        """A ticket was changed; what was said in the change came before its new status."""
        self._hear()
        if self.ticket.category in DONE:
            self._end()
        else:
            self._go_on()
        self._finish()

    def withdraw(self) -> None:
        """The ticket goes on as another one."""
        self._each(Metric, lambda one: clocks.cancel(one, self.at))
        self._finish()

    # -- steps ---------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Staff answered."""
        said = self.change.comment
        if said is not None and said.is_public and self.change.by.user is not None:
            self._each(RESPONSES, lambda one: clocks.meet(one, self.at))

    def _end(self) -> None:
        """It is resolved or closed."""
        self._each((Metric.RESOLUTION,), lambda one: clocks.meet(one, self.at))
        end = clocks.meet if self.ticket.category == Category.RESOLVED else clocks.cancel
        self._each(RESPONSES, lambda one: end(one, self.at))

    def _go_on(self) -> None:
        """There is work left."""
        if self.change.before["category"] in DONE:
            self._each(
                (Metric.RESOLUTION,), lambda one: clocks.reopen(one, self.at, self._work(one))
            )
        if self.change.comment is not None and self.change.by.customer is not None:
            self._owe_answer()
        self._keep_time()
        if self.change.kinds & {"edited", "reopened"}:
            self._ask_policies()

    def _owe_answer(self) -> None:
        if not any(one.clock.is_open for one in self._of(RESPONSES)):
            self._start(Metric.NEXT_RESPONSE)

    def _keep_time(self) -> None:
        """Stand still or go on, as the status says."""
        step = clocks.pause if self.ticket.category in PAUSING else clocks.resume
        self._each(PAUSED, lambda one: step(one, self.at, self._work(one)))

    def _ask_policies(self) -> None:
        """Terms for what the ticket is now."""
        policy = self.policies.of(facts_of(self.ticket))
        for one in self.held:
            if one.clock.is_open and one.clock.breached_at is None:
                terms, old = terms_in(policy, one.metric), self._work(one.clock)
                new = self.policies.work(terms.calendar)
                one.clock = clocks.change(one.clock, self.at, terms, old, new)
                self._name(one.row, policy, terms)

    def _start(self, metric: Metric) -> None:
        policy = self.policies.of(facts_of(self.ticket))
        terms = terms_in(policy, metric)
        clock = clocks.start(self.at, terms, self.policies.work(terms.calendar))
        row = SlaClock(ticket=self.ticket, metric=metric, round=self._next_round(metric))
        self._name(row, policy, terms)
        self.held.append(Held(row, clock))

    def _next_round(self, metric: Metric) -> int:
        """Rounds of the next response count from one; the others have only one."""
        rounds = [one.row.round for one in self._of((metric,))]
        return max(rounds, default=0) + 1 if metric == Metric.NEXT_RESPONSE else 0

    def _name(self, row: SlaClock, policy: Policy | None, terms: Terms) -> None:
        row.policy_id = policy.id if policy is not None and terms.target else None

    # -- tools ---------------------------------------------------------------------------------

    def _of(self, metrics: Iterable[Metric]) -> Iterator[Held]:
        wanted = set(metrics)
        return (one for one in self.held if one.metric in wanted)

    def _each(self, metrics: Iterable[Metric], step: Callable[[Clock], Clock]) -> None:
        for one in self._of(metrics):
            one.clock = step(one.clock)

    def _work(self, clock: Clock) -> WorkTime:
        return self.policies.work(clock.terms.calendar)

    def _finish(self) -> None:
        """Show the outcome on the ticket; the rows are saved after it."""
        values = [one.clock for one in self.held]
        self.ticket.due_at, self.ticket.is_breached = summary(values)
        self.change.after(self._save)

    def _save(self) -> None:
        changed = [one.row for one in self.held if self._write(one)]
        fresh = [row for row in changed if row._state.adding]
        for row in changed:
            if not row._state.adding:
                row.save(update_fields=SAVED)
        SlaClock.objects.bulk_create(fresh)
        tell(self._firings)

    def _write(self, one: Held) -> bool:
        """Put the clock into its row; whether that has to be saved."""
        is_changed = put(one.row, one.clock, self._work(one.clock))
        return is_changed or one.policy != one.row.policy_id
