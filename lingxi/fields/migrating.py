"""Bringing records to the version in force, all at once: a job, or a rehearsal of it.

What has a problem with the new version stays as it is and is told with its reason; it is upgraded
when somebody next edits it. Each app registers the records that it has.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from lingxi.errors import Conflict, NotFound
from lingxi.fields.form import Form
from lingxi.fields.live import form_of
from lingxi.fields.models import Schema
from lingxi.fields.records import COLUMNS, form_for
from lingxi.jobs import Work, register, start

KIND = "fields.migrate"
BATCH = 200
MOST_TOLD = 100


@dataclass(frozen=True)
class Records:
    """The records of an entity: the rows that go by a schema, what one is called, its page, and
    how it is saved with its new values.
    """

    rows: Callable[[Schema], QuerySet[Any]]
    label: Callable[[Any], str]
    url: Callable[[Any], str] = lambda record: ""
    save: Callable[[Any], None] = lambda record: record.save(update_fields=COLUMNS)


_records: dict[str, Records] = {}


def register_records(entity: str, records: Records) -> None:
    """Say which rows hold values of the entity's schemas."""
    _records[entity] = records


def behind(schema: Schema) -> QuerySet[Any] | None:
    """The records that do not go by the version in force; None without any records to ask."""
    found = _records.get(schema.entity)
    if found is None or schema.current_id is None:
        return None
    free = Q(fields_version=None) & ~Q(fields={})
    return (
        found.rows(schema)
        .filter(free | ~Q(fields_version=None))
        .exclude(fields_version_id=schema.current_id)
    )


def ask(schema: Schema, by: Any, *, rehearse: bool, version_id: str = "") -> Any:
    """Start the job. `version_id` is the version that the person has looked at.

    Raises `Conflict` when another is in force by now, `NotFound` when there is nothing to move.
    """
    rows = behind(schema)
    if rows is None or schema.current is None:
        raise NotFound("还没有发布版本，或没有可以迁移的记录")
    if version_id and str(schema.current_id) != version_id:
        raise Conflict("生效的版本已变更，请刷新后重试")
    params = {
        "schema": str(schema.pk),
        "version": str(schema.current_id),
        "rehearse": rehearse,
    }
    title = f"{'试迁移' if rehearse else '迁移'}：{schema.name} → v{schema.current.number}"
    return start(KIND, by, params, title=title, total=rows.count())


@register(
    KIND,
    title="迁移记录到新字段版本",
    permission="fields.manage",
    template="fields/admin/_migrated.html",
)
def run(work: Work) -> dict[str, Any]:
    """Some records in each transaction, by id, which is the order of locks."""
    schema = Schema.objects.get(pk=work.params["schema"])
    form = form_of(work.params["version"])
    for name, empty in (("after", None), ("moved", 0), ("left", []), ("reasons", {})):
        work.checkpoint.setdefault(name, empty)
    is_going_on = True
    while is_going_on:
        with work.step():
            is_going_on = _some(work, schema, form)
    told = {name: work.checkpoint[name] for name in ("moved", "left", "reasons")}
    rehearsed = bool(work.params["rehearse"])
    return {"rehearsed": rehearsed, "version": form.number, "schema": schema.name, **told}


def _some(work: Work, schema: Schema, form: Form) -> bool:
    """The next batch; whether there may be more."""
    rows = behind(schema)
    if rows is None or schema.current_id != form.version_id:
        return False
    after = work.checkpoint["after"]
    rows = rows.filter(pk__gt=after) if after else rows
    batch = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True)[:BATCH])
    for record in batch:
        _one(work, record, schema, form)
    if batch:
        work.checkpoint["after"] = str(batch[-1].pk)
    work.done += len(batch)
    return len(batch) == BATCH


def _one(work: Work, record: Any, schema: Schema, form: Form) -> None:
    upgrade = form.upgrade(record.fields, form_for(record))
    if upgrade.problems:
        _left(work, record, schema, form, upgrade.problems)
        return
    work.checkpoint["moved"] += 1
    if not work.params["rehearse"]:
        record.fields, record.fields_version_id = upgrade.values, form.version_id
        _records[schema.entity].save(record)


def _left(work: Work, record: Any, schema: Schema, form: Form, problems: dict[str, str]) -> None:
    said = [f"{form.by_key[key].label}：{message}" for key, message in problems.items()]
    reasons = Counter(work.checkpoint["reasons"])
    reasons.update(said)
    work.checkpoint["reasons"] = dict(reasons.most_common(MOST_TOLD))
    if len(work.checkpoint["left"]) < MOST_TOLD:
        about = _records[schema.entity]
        row = [about.label(record), about.url(record), "；".join(said)]
        work.checkpoint["left"].append(row)
