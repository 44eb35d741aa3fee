"""The pages of a strategy: editor, versions, comparison, trials."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from lingxi.ids import parse_id
from routing import kinds
from routing.admin.strategies import changes, show, trials
from routing.admin.strategies.form import form
from routing.models import Strategy, StrategyVersion

PERIODS = (1, 7, 30)
MOST_VERSIONS = 200
MOST_RUNS = 30
POSTED = ("check", "discard", "publish", "simulations")


def page(
    request: HttpRequest, strategy: Strategy, name: str, title: str, **context: Any
) -> HttpResponse:
    """One of the templates with what the admin's frame needs."""
    if request.method not in {"GET", "HEAD"}:
        raise PermissionDenied
    frame = {
        **admin.site.each_context(request),
        "opts": Strategy._meta,
        "original": strategy,
        "strategy": strategy,
        "work": kinds.of(strategy.kind),
        "title": title,
        **context,
    }
    return render(request, f"routing/strategy/{name}.html", frame)


def editor(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    """The draft as cards, with what is in force above."""
    draft = show.draft(strategy)
    urls = {name: reverse(f"admin:routing_strategy_{name}", args=[strategy.pk]) for name in POSTED}
    urls["save"] = reverse("admin:routing_strategy_draft", args=[strategy.pk])
    data = {
        "catalogue": form(strategy.kind),
        "urls": urls,
        "releasing": strategy.candidate_id is not None,
        **draft,
        **show.judgement(strategy, draft["rules"]),
    }
    return page(
        request,
        strategy,
        "editor",
        "规则",
        tab="rules",
        data=data,
        has_draft=draft["revision"] > 0,
        in_force=show.version(strategy, strategy.current) if strategy.current else None,
    )


def versions_list(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    """Every version; two of them can be chosen for comparison."""
    found = list(show.published(strategy)[:MOST_VERSIONS])
    draft = show.draft_row(strategy)
    rows = [show.version(strategy, one) for one in ([draft] if draft else []) + found]
    if rows:
        rows[0]["is_b"] = rows[min(1, len(rows) - 1)]["is_a"] = True
    return page(request, strategy, "versions", "版本", tab="versions", rows=rows)


def any_version(strategy: Strategy, version_id: Any) -> StrategyVersion:
    """A version or the draft. Raises `Http404`."""
    wanted = parse_id(str(version_id or ""))
    known = strategy.versions.select_related("published_by", "edited_by")
    found = known.filter(pk=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return found


def version(request: HttpRequest, strategy: Strategy, version_id: uuid.UUID) -> HttpResponse:
    """One version, to be read."""
    found = any_version(strategy, version_id)
    row = show.version(strategy, found)
    rules = show.read(found.rules)
    return page(request, strategy, "version", row["title"], tab="versions", row=row, rules=rules)


def compare(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    """Two versions, `a` (nothing: no rules) and `b`, side by side."""
    before = any_version(strategy, request.GET["a"]) if request.GET.get("a") else None
    after = any_version(strategy, request.GET.get("b"))
    found, summary = changes.between(before.rules if before else [], after.rules)
    return page(
        request,
        strategy,
        "compare",
        "比较版本",
        tab="versions",
        a=show.version(strategy, before) if before else {"title": "没有规则"},
        b=show.version(strategy, after),
        changes=found,
        summary=summary,
    )


def simulations(request: HttpRequest, strategy: Strategy) -> HttpResponse:
    """Where a trial is started, and those there were."""
    draft, base = show.draft_row(strategy), show.base_of(strategy)
    today = timezone.localdate()
    runs = strategy.simulations.select_related("asked_by")[:MOST_RUNS]
    return page(
        request,
        strategy,
        "simulations",
        "试算",
        tab="simulations",
        tried="草稿" if draft else f" v{base.number} " if base else "草稿",
        can_start=bool(show.rules_to_edit(strategy)),
        periods=PERIODS,
        today=today.isoformat(),
        week_ago=(today - dt.timedelta(days=7)).isoformat(),
        runs=[trials.row(run) for run in runs],
    )


def simulation(request: HttpRequest, strategy: Strategy, run_id: uuid.UUID) -> HttpResponse:
    """One trial: how far it is, or what it found."""
    run = strategy.simulations.select_related("asked_by", "strategy").filter(pk=run_id).first()
    if run is None:
        raise Http404
    done = trials.progress(run)["finished"]
    return page(
        request,
        strategy,
        "simulation",
        "试算",
        tab="simulations",
        run=trials.row(run),
        progress=trials.progress(run),
        result=trials.result(run, request.user) if done else None,
        tried=show.read(run.rules),
    )
