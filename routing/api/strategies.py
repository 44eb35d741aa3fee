"""Strategies by API: the same functions that the admin calls."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lingxi.errors import Invalid, NotFound
from routing.api import schemas
from routing.api.base import MAX_WHOLE, Body, ManagerView
from routing.models import Strategy, StrategyVersion, VersionState
from routing.strategy import catalogue, names, sentence, versions

KIND = OpenApiParameter(
    "kind", str, enum=list(versions.NAMES), default="conversation", description="适用对象"
)
_EXAMPLE = OpenApiExample(
    "高意向客户",
    {
        "revision": 3,
        "rules": [
            {
                "name": "高意向客户",
                "when": {
                    "match": "all",
                    "items": [
                        {"fact": "entry_page", "operator": "contains", "value": "/vip"},
                        {"fact": "weekday", "operator": "in", "value": ["5", "6"]},
                    ],
                },
                "then": [{"action": "priority", "params": {"by": 3}}],
            }
        ],
    },
    request_only=True,
)


def kind_of(request: Request) -> str:
    """The kind of work that is asked for. Raises `Invalid`."""
    kind = request.query_params.get("kind", "conversation")
    if kind not in versions.NAMES:
        raise Invalid(fields={"kind": ["没有这种适用对象"]})
    return kind


def strategy_answer(kind: str) -> dict[str, Any]:
    """What is in force and the draft; nothing is written."""
    found = (
        Strategy.objects.select_related("current__published_by", "candidate__published_by")
        .filter(kind=kind)
        .first()
    ) or Strategy(kind=kind, name=versions.NAMES[kind])
    known = names.current()
    return {
        "kind": kind,
        "name": found.name,
        "current": found.current and version_answer(found, found.current, known),
        "candidate": found.candidate and version_answer(found, found.candidate, known),
        "percent": found.percent,
        "draft": _draft_answer(found, known),
    }


def version_answer(
    strategy: Strategy, version: StrategyVersion, known: names.Names
) -> dict[str, Any]:
    """A published version."""
    places = {strategy.current_id: "current", strategy.candidate_id: "candidate"}
    return {
        "id": version.pk,
        "number": version.number,
        "note": version.note,
        "published_at": version.published_at,
        "published_by": _name(version.published_by),
        "in_force": places.get(version.pk, ""),
        "rules": version.rules,
        "sentences": _sentences(version.rules, known),
    }


def _draft_answer(strategy: Strategy, known: names.Names) -> dict[str, Any]:
    """The draft; without one, what is being released or in force, with revision 0."""
    drafts = StrategyVersion.objects.filter(strategy=strategy.pk, state=VersionState.DRAFT)
    draft = drafts.select_related("edited_by").first()
    base = draft or strategy.candidate or strategy.current
    rules = base.rules if base else []
    return {
        "revision": draft.revision if draft else 0,
        "rules": rules,
        "sentences": _sentences(rules, known),
        "problems": [problem.as_dict() for problem in versions.problems_of(rules, strategy.kind)],
        "edited_at": draft.edited_at if draft else None,
        "edited_by": _name(draft.edited_by) if draft else "",
    }


def _sentences(rules: list[Any], known: names.Names) -> list[str]:
    return [sentence(rule, known) for rule in rules]


def _name(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


class CatalogueView(ManagerView):
    """Facts, operators and actions."""

    @extend_schema(
        operation_id="routing_catalogue",
        tags=["routing"],
        description="规则可用的条件项、比较方式和动作，以及它们的参数和可选值。",
        parameters=[KIND],
        responses=schemas.CatalogueAnswer,
    )
    def get(self, request: Request) -> Response:
        """All that a kind of work knows."""
        return Response(catalogue.describe(kind_of(request)))


class StrategyView(ManagerView):
    """What is in force, and the draft."""

    @extend_schema(
        operation_id="routing_strategy",
        tags=["routing"],
        description="生效版本、灰度版本及比例、草稿及其问题；每条规则附一句可读的说明。",
        parameters=[KIND],
        responses=schemas.StrategyAnswer,
    )
    def get(self, request: Request) -> Response:
        """Both."""
        return Response(strategy_answer(kind_of(request)))


class DraftView(ManagerView):
    """The draft."""

    @extend_schema(
        operation_id="routing_strategy_draft",
        tags=["routing"],
        description=(
            "保存草稿，替换其全部规则。`revision` 为读到的修订号，没有草稿时为 0；"
            "草稿已被他人修改时返回 409。规则有错误时返回 400，`fields` 指出每条规则的问题。"
        ),
        parameters=[KIND],
        request=schemas.DraftBody,
        responses=schemas.StrategyAnswer,
        examples=[_EXAMPLE],
    )
    def put(self, request: Request) -> Response:
        """Save it."""
        body, kind = Body(request, "rules", "revision"), kind_of(request)
        rules, revision = body.items("rules"), body.whole("revision", 0, MAX_WHOLE)
        versions.save_draft(versions.strategy_of(kind), rules, request.user, revision)
        return Response(strategy_answer(kind))


class PublishView(ManagerView):
    """Draft to version."""

    @extend_schema(
        operation_id="routing_strategy_publish",
        tags=["routing"],
        description=(
            "发布草稿。`percent` 小于 100 时为灰度：只对这一比例的新会话生效，"
            "同一会话的结果固定。进行中的会话仍按原版本。"
        ),
        parameters=[KIND],
        request=schemas.PublishBody,
        responses={201: schemas.StrategyAnswer},
    )
    def post(self, request: Request) -> Response:
        """Publish it."""
        body, kind = Body(request, "revision", "percent", "note"), kind_of(request)
        revision = body.whole("revision", 1, MAX_WHOLE)
        percent = body.whole("percent", 1, 100, default=100)
        note = body.text("note", versions.MAX_NOTE)
        versions.publish(versions.strategy_of(kind), request.user, revision, percent, note)
        return Response(strategy_answer(kind), status=201)


class PromoteView(ManagerView):
    """More of a release."""

    @extend_schema(
        operation_id="routing_strategy_promote",
        tags=["routing"],
        description="扩大灰度比例，或（默认）全量发布灰度版本。",
        parameters=[KIND],
        request=schemas.PromoteBody,
        responses=schemas.StrategyAnswer,
    )
    def post(self, request: Request) -> Response:
        """Release it further."""
        body, kind = Body(request, "percent"), kind_of(request)
        percent = body.whole("percent", 1, 100, default=100)
        versions.promote(versions.strategy_of(kind), request.user, percent)
        return Response(strategy_answer(kind))


class WithdrawView(ManagerView):
    """The end of a release."""

    @extend_schema(
        operation_id="routing_strategy_withdraw",
        tags=["routing"],
        description="撤回灰度版本；所有新会话按生效版本。",
        parameters=[KIND],
        request=None,
        responses=schemas.StrategyAnswer,
    )
    def post(self, request: Request) -> Response:
        """Withdraw it."""
        Body(request)
        kind = kind_of(request)
        versions.withdraw(versions.strategy_of(kind), request.user)
        return Response(strategy_answer(kind))


class RollbackView(ManagerView):
    """Back to an earlier version."""

    @extend_schema(
        operation_id="routing_strategy_rollback",
        tags=["routing"],
        description="把较早版本的规则作为新版本发布，对所有新会话生效；正在进行的灰度随之结束。",
        parameters=[KIND],
        request=schemas.RollbackBody,
        responses={201: schemas.StrategyAnswer},
    )
    def post(self, request: Request) -> Response:
        """Go back."""
        kind = kind_of(request)
        number = Body(request, "number").whole("number", 1, MAX_WHOLE)
        version = StrategyVersion.objects.filter(strategy__kind=kind, number=number).first()
        if version is None:
            raise NotFound("没有这个版本", fields={"number": ["没有这个版本"]})
        versions.roll_back(version.strategy, version, request.user)
        return Response(strategy_answer(kind), status=201)


class VersionsView(ManagerView):
    """The history."""

    @extend_schema(
        operation_id="routing_strategy_versions",
        tags=["routing"],
        description="最近发布的 50 个版本，新的在前。",
        parameters=[KIND],
        responses=schemas.VersionsAnswer,
    )
    def get(self, request: Request) -> Response:
        """The newest fifty."""
        rows = StrategyVersion.objects.filter(
            strategy__kind=kind_of(request), state=VersionState.PUBLISHED
        ).select_related("strategy", "published_by")
        known = names.current()
        found = [version_answer(row.strategy, row, known) for row in rows.order_by("-number")[:50]]
        return Response({"versions": found})
