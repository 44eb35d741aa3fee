"""Strategies: rules picked from lists, tried on past traffic, published and rolled back.

The pages are in `pages`, what their scripts call in `api`; this is where both
get their URLs and their guard.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from lingxi.admin import ReadOnlyModelAdmin
from lingxi.ids import parse_id
from routing import kinds
from routing.admin.strategies import api, pages
from routing.models import Strategy
from routing.strategy import versions

View = Callable[..., HttpResponse]
ROW = "<uuid:strategy_id>/"
VIEWS: tuple[tuple[str, str, View], ...] = (
    ("check", "check/", api.check),
    ("draft", "draft/", api.draft),
    ("discard", "discard/", api.discard),
    ("publish", "publish/", api.publish),
    ("promote", "promote/", api.promote),
    ("withdraw", "withdraw/", api.withdraw),
    ("roll_back", "roll-back/", api.roll_back),
    ("versions", "versions/", pages.versions_list),
    ("version", "versions/<uuid:version_id>/", pages.version),
    ("compare", "compare/", pages.compare),
    ("simulations", "simulations/", pages.simulations),
    ("simulate", "simulations/start/", api.simulate),
    ("simulation", "simulations/<uuid:run_id>/", pages.simulation),
    ("progress", "simulations/<uuid:run_id>/progress/", api.progress),
    ("cancel", "simulations/<uuid:run_id>/cancel/", api.cancel),
)


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyModelAdmin):
    """The standard pages show; whatever changes a strategy goes through `versions`."""

    permission = "routing.manage"
    list_display = ["name", "in_force", "release"]
    list_select_related = ["current", "candidate"]
    fields = readonly_fields = ["name", "kind", "current", "candidate", "percent"]

    def get_urls(self) -> list[URLPattern]:
        """Ours before the standard ones, whose last takes any path."""
        ours = [
            path(f"{ROW}{route}", self.guarded(view), name=f"routing_strategy_{name}")
            for name, route, view in VIEWS
        ]
        return [*ours, *super().get_urls()]

    def guarded(self, view: View) -> Callable[..., HttpResponseBase]:
        """`view(request, strategy, …)` for those who manage routing."""

        def show(request: HttpRequest, strategy_id: Any, **kwargs: Any) -> HttpResponse:
            if not self.allowed(request):
                raise PermissionDenied
            return view(request, self.strategy(request, strategy_id), **kwargs)

        return self.admin_site.admin_view(show)

    def strategy(self, request: HttpRequest, object_id: Any) -> Strategy:
        """The row. Raises `Http404`."""
        rows = self.get_queryset(request).select_related("current", "candidate")
        found = rows.filter(pk=parse_id(str(object_id))).first()
        if found is None:
            raise Http404
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One row for each kind of work there is; straight to it while there is one only."""
        if self.allowed(request) and request.method == "GET":
            for kind in kinds.declared():
                versions.strategy_of(kind.name)
            rows = list(self.get_queryset(request)[:2])
            if len(rows) == 1:
                return redirect("admin:routing_strategy_change", rows[0].pk)
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The editor."""
        if not self.allowed(request) or request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return pages.editor(request, self.strategy(request, object_id))

    @admin.display(description="生效版本")
    def in_force(self, strategy: Strategy) -> str:
        """The version that decides."""
        return f"v{strategy.current.number}" if strategy.current else "未发布"

    @admin.display(description="灰度")
    def release(self, strategy: Strategy) -> str:
        """The version being released, and how far."""
        if strategy.candidate is None:
            return "—"
        return f"v{strategy.candidate.number} · {strategy.percent}%"
