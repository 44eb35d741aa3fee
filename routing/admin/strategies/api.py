"""What the scripts of the strategy pages call. JSON in, JSON out.

Each function gets the request and the strategy of the URL; errors of the family are rendered by
the one middleware for all APIs.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from lingxi.api import parse_json
from lingxi.errors import Conflict, Invalid, MethodNotAllowed, NotFound
from lingxi.versioned.admin.api import version_of, whole
from routing import kinds
from routing.admin.strategies import show, trials
from routing.models import SimulationRun, Strategy
from routing.simulation import runs
from routing.strategy import versions

Body = dict[str, Any]
MAX_DAYS = runs.LONGEST.days


def posted(view: Callable[..., Body]) -> Callable[..., HttpResponse]:
    """`view(request, strategy, body)`, where `body` is the object posted."""

    @wraps(view)
    def answer(request: HttpRequest, strategy: Strategy, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            raise MethodNotAllowed
        body = parse_json(request.body) if request.body else {}
        if not isinstance(body, dict):
            raise Invalid("应为一个对象")
        return JsonResponse(view(request, strategy, body, **kwargs))

    return answer


def rules_of(body: Body) -> list[Any]:
    """The rules of the body; what is in them is for `versions` to judge. Raises `Invalid`."""
    rules = body.get("rules")
    if not isinstance(rules, list):
        raise Invalid("规则应为一个列表")
    return rules


@posted
def check(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """The sentence of each rule, what is wrong, and what is other than in force."""
    return show.judgement(strategy, rules_of(body))


def draft(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    """GET: the draft as it is stored. POST: save one."""
    if request.method == "GET":
        return JsonResponse(show.draft(strategy))
    return save(request, strategy)


@posted
def save(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """Saves `rules` over the draft of `revision`.

    0: there was none when the page was opened, and it began with the version of the id `base`.
    """
    rules, revision = rules_of(body), whole(body, "revision", 0, 2**31 - 1)
    with named(strategy, revision), transaction.atomic():
        seen = revision or _begin(strategy, request.user, body.get("base") or "")
        saved = versions.save_draft(strategy, rules, by=request.user, revision=seen)
    return show.saved(saved)


@contextmanager
def named(strategy: Strategy, revision: int) -> Iterator[None]:
    """Makes a `Conflict` over a draft that moved on say who moved it; others go as they are."""
    try:
        yield
    except Conflict as error:
        if show.draft(strategy)["revision"] == revision > 0:
            raise
        raise Conflict(show.who_was_faster(strategy), fields={"faster": True}) from error


def _begin(strategy: Strategy, by: Any, base: str) -> int:
    """The revision of a new draft. Raises `Conflict` when somebody made or published one."""
    locked = Strategy.objects.select_for_update(no_key=True).get(pk=strategy.pk)
    if show.draft_row(locked) is not None or show.base_id(locked) != base:
        raise Conflict
    return versions.draft_of(locked, by=by).revision


@posted
def discard(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """Throws the draft of `revision` away. Published versions stay."""
    revision = whole(body, "revision", 1, 2**31 - 1)
    with named(strategy, revision), transaction.atomic():
        locked = Strategy.objects.select_for_update(no_key=True).get(pk=strategy.pk)
        if show.draft(locked)["revision"] != revision:
            raise Conflict
        versions.discard_draft(locked, by=request.user)
    messages.success(request, "草稿已丢弃")
    return {}


@posted
def publish(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """The draft becomes a version, for all new items or for `percent` of a hundred."""
    revision, percent = whole(body, "revision", 1, 2**31 - 1), whole(body, "percent", 1, 100)
    note = body.get("note") or ""
    if not isinstance(note, str) or len(note) > 200:
        raise Invalid(fields={"note": "说明不能超过 200 个字"})
    with named(strategy, revision):
        made = versions.publish(
            strategy, by=request.user, revision=revision, percent=percent, note=note.strip()
        )
    work = kinds.label_of(strategy.kind)
    scope = f"对所有新{work}生效" if percent == 100 else f"对 {percent}% 的新{work}生效（灰度）"
    messages.success(request, f"v{made.number} 已发布，{scope}。进行中的{work}仍按原版本。")
    return {"number": made.number}


@posted
def promote(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """The version being released decides for all, or for another `percent` of a hundred."""
    percent = whole(body, "percent", 1, 100) if "percent" in body else 100
    versions.promote(strategy, by=request.user, percent=percent)
    done = "灰度版本已全量发布" if percent == 100 else f"灰度比例已调整为 {percent}%"
    messages.success(request, done)
    return {}


@posted
def withdraw(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """The version being released decides no more."""
    versions.withdraw(strategy, by=request.user)
    messages.success(request, f"灰度版本已撤回，所有新{kinds.label_of(strategy.kind)}按生效版本")
    return {}


@posted
def roll_back(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """A copy of an earlier version, `version` by its id, is published under a new number."""
    made = versions.roll_back(strategy, version_of(strategy, body.get("version")), by=request.user)
    messages.success(request, f"已回退：{made.note}，作为 v{made.number} 立即生效")
    return {"url": reverse("admin:routing_strategy_versions", args=[strategy.pk])}


@posted
def simulate(request: HttpRequest, strategy: Strategy, body: Body) -> Body:
    """Starts a trial of the draft, or of the version in force where there is none."""
    since, until = period_of(body)
    tried = show.rules_to_edit(strategy)
    if not tried:
        raise Invalid("草稿里还没有规则，没有可试算的内容")
    run = runs.start(strategy, tried, since, until, by=request.user)
    return {"url": reverse("admin:routing_strategy_simulation", args=[strategy.pk, run.pk])}


def period_of(body: Body) -> tuple[dt.datetime, dt.datetime]:
    """`days` back from now, or the whole days `since` to `until`. Raises `Invalid`."""
    now = timezone.now()
    if body.get("days") is not None:
        return now - dt.timedelta(days=whole(body, "days", 1, MAX_DAYS)), now
    first, last = day(body, "since"), day(body, "until")
    if last < first:
        raise Invalid(fields={"until": "结束日期不能早于开始日期"})
    if (last - first).days >= MAX_DAYS:
        raise Invalid(fields={"until": f"最多 {MAX_DAYS} 天"})
    zone = timezone.get_current_timezone()
    since = dt.datetime.combine(first, dt.time(), zone)
    until = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    if since >= now:
        raise Invalid(fields={"since": "只能试算过去的时间"})
    return since, min(until, now)


def day(body: Body, name: str) -> dt.date:
    """A date of the body. Raises `Invalid`."""
    try:
        found = parse_date(str(body.get(name) or ""))
    except ValueError:
        found = None
    if found is None:
        raise Invalid(fields={name: "请填写日期"})
    return found


def run_of(strategy: Strategy, run_id: uuid.UUID) -> SimulationRun:
    """A trial of the strategy. Raises `NotFound`."""
    found = strategy.simulations.filter(pk=run_id).first()
    if found is None:
        raise NotFound("没有这次试算")
    return found


def progress(request: HttpRequest, strategy: Strategy, run_id: uuid.UUID) -> HttpResponse:
    """How far a trial is."""
    if request.method != "GET":
        raise MethodNotAllowed
    return JsonResponse(trials.progress(run_of(strategy, run_id)))


@posted
def cancel(request: HttpRequest, strategy: Strategy, body: Body, run_id: uuid.UUID) -> Body:
    """Stops a trial."""
    runs.cancel(run_of(strategy, run_id), by=request.user)
    return {}
