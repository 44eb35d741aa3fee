"""Moving the open tickets of a type to the workflow in force: a job, or a rehearsal of it.

What cannot be moved stays as it is and is told with its reason.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from lingxi.errors import Conflict, Invalid, NotFound
from lingxi.jobs import Work, register, start
from tickets.models import ACTIVE, Ticket, TicketType, TypeVersion
from tickets.service import migrating
from tickets.service.actors import By
from tickets.workflows import compiled, in_force

KIND = "tickets.migrate_workflow"
BATCH = 50
MOST_TOLD = 100


def behind(type: TicketType) -> QuerySet[Ticket]:
    """The open tickets of a type that go by an older version."""
    rows = Ticket.objects.filter(type=type, merged_into=None).active()
    return rows.exclude(type_version_id=type.current_id)


def gone(type: TicketType) -> list[dict[str, Any]]:
    """Statuses that tickets stand in and that the workflow in force does not go on from.

    Each with its name in the newest of the older versions, and the number of tickets.
    """
    version = in_force(type)
    counted = behind(type).values("status", "type_version_id").annotate(count=Count("pk"))
    found: dict[str, dict[str, Any]] = {}
    for row in counted.order_by("-type_version__number"):
        key = row["status"]
        if migrating.target(key, version, {}) is None:
            name = compiled(row["type_version_id"]).status(key).name
            found.setdefault(key, {"key": key, "name": name, "count": 0})["count"] += row["count"]
    return list(found.values())


def ask(
    type: TicketType, mapped: dict[str, str], by: Any, *, rehearse: bool, version_id: str = ""
) -> Any:
    """Start the job for the version in force; `mapped` says which status stands for one gone.

    `version_id` is the version the person has looked at. Raises `Conflict` when another is in
    force by now or nothing is published, `Invalid` for a status that work does not go on from.
    """
    version = in_force(type)
    if version_id and str(version.pk) != version_id:
        raise Conflict("生效的流程已变更，请刷新后重试")
    statuses = compiled(version.pk).statuses
    for key, new in mapped.items():
        if new not in statuses or statuses[new].category not in ACTIVE:
            raise Invalid("请为每个状态选择新流程中未完成的状态", fields={f"map.{key}": ["无效"]})
    params = {
        "type": str(type.pk),
        "version": str(version.pk),
        "mapped": mapped,
        "rehearse": rehearse,
    }
    title = f"{'试迁移' if rehearse else '迁移'}工单：{type.name} → v{version.number}"
    return start(KIND, by, params, title=title, total=behind(type).count())


@register(
    KIND,
    title="迁移工单到新流程",
    permission="tickets.manage",
    template="tickets/admin/_migrated.html",
)
def run(work: Work) -> dict[str, Any]:
    """Some tickets in each transaction, by id, which is the order of locks."""
    type = TicketType.objects.get(pk=work.params["type"])
    version = TypeVersion.objects.get(pk=work.params["version"], type=type)
    told = work.checkpoint
    told.setdefault("after", None)
    told.setdefault("moved", 0)
    told.setdefault("left", [])
    told.setdefault("reasons", {})
    while rows := _batch(type, version, told["after"]):
        with work.step():
            for ticket in rows:
                _one(work, ticket, version)
            told = work.checkpoint
            told["after"] = str(rows[-1].pk)
            work.done += len(rows)
    return {
        "rehearsed": bool(work.params["rehearse"]),
        "version": version.number,
        "type": type.name,
        **{name: told[name] for name in ("moved", "left", "reasons")},
    }


def _batch(type: TicketType, version: TypeVersion, after: str | None) -> list[Ticket]:
    rows = Ticket.objects.filter(type=type, merged_into=None).active()
    rows = rows.filter(pk__gt=after) if after else rows
    return list(rows.exclude(type_version=version).order_by("pk")[:BATCH])


def _one(work: Work, ticket: Ticket, version: TypeVersion) -> None:
    reason = _moved(work, ticket, version)
    if not reason:
        work.checkpoint["moved"] += 1
        return
    reasons = Counter(work.checkpoint["reasons"])
    reasons[reason] += 1
    work.checkpoint["reasons"] = dict(reasons)
    if len(work.checkpoint["left"]) < MOST_TOLD:
        work.checkpoint["left"].append([ticket.reference, reason])


def _moved(work: Work, ticket: Ticket, version: TypeVersion) -> str:
    """Move it, or in a rehearsal see whether it could be; the reason why not."""
    mapped = work.params["mapped"]
    if work.params["rehearse"]:
        return migrating.obstacle(ticket, version, mapped)
    try:
        migrating.migrate(ticket.pk, version, _by(work), mapped)
    except (Conflict, NotFound) as error:
        return str(error.detail)
    return ""


def _by(work: Work) -> By:
    return By.staff(work.owner) if work.owner is not None else By.rule("流程迁移")


def options(version: TypeVersion) -> Iterable[tuple[str, str]]:
    """(key, name) of the statuses that a ticket at work can be brought to."""
    statuses = compiled(version.pk).statuses.values()
    return [(one.key, one.name) for one in statuses if one.category in ACTIVE]
