"""What the forms of a ticket's page send, read into what `tickets.service` takes."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict

from lingxi.errors import Invalid, NotFound
from lingxi.ids import parse_id
from routing.models import Agent, SkillGroup
from tickets.forms import form_in_force
from tickets.models import IssueType, Priority, TicketType

PLAIN = ("title", "description")


def revision_in(data: QueryDict) -> int | None:
    """The revision the form was shown with. Raises `Invalid`."""
    raw = data.get("revision", "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 10):
        raise Invalid(fields={"revision": ["不是整数"]})
    return int(raw)


def edited(data: QueryDict, type: TicketType) -> dict[str, Any]:
    """What `service.edit` takes. Raises `Invalid`, `NotFound`."""
    sent = {name: str(data[name]) for name in data}
    said: dict[str, Any] = {name: sent[name] for name in PLAIN if name in sent}
    if "priority" in sent:
        said["priority"] = priority_in(sent["priority"])
    if "issue_type" in sent:
        said["issue_type"] = row_in(IssueType.objects.all(), sent["issue_type"], "issue_type")
    if "tags" in sent:
        said["tags"] = tags_in(sent["tags"])
    fields = fields_in(data, type)
    return said | ({"fields": fields} if fields else {})


def fields_in(data: QueryDict, type: TicketType) -> dict[str, Any]:
    """Custom values as they were sent."""
    form = form_in_force(type)
    return dict(form.from_post(data)) if form else {}


def priority_in(raw: str) -> Priority:
    """A member of `Priority`, by its number. Raises `Invalid`."""
    known = {str(int(one)): one for one in Priority}
    if raw not in known:
        raise Invalid(fields={"priority": ["请选择优先级"]})
    return known[raw]


def tags_in(raw: str) -> list[str]:
    """Tags between commas."""
    return [tag.strip() for tag in raw.replace("，", ",").replace("、", ",").split(",")]


def row_in(rows: Any, raw: str, name: str) -> Any:
    """The row that an id names, None for an empty one. Raises `NotFound`."""
    if not raw:
        return None
    pk = parse_id(raw)
    found = rows.filter(pk=pk).first() if pk else None
    if found is None:
        raise NotFound(fields={name: ["不存在"]})
    return found


def target_in(data: Mapping[str, Any]) -> tuple[Agent | None, SkillGroup | None]:
    """To whom: an agent, a group, or both. Raises `NotFound`."""
    agents = Agent.objects.filter(user__is_active=True)
    return (
        row_in(agents, str(data.get("agent", "")), "agent"),
        row_in(SkillGroup.objects.all(), str(data.get("group", "")), "group"),
    )


def files_in(request: HttpRequest) -> list[uuid.UUID]:
    """Ids of files that were uploaded before. Raises `NotFound` for what is no id."""
    ids = [parse_id(raw) for raw in request.POST.getlist("files") if raw]
    if None in ids:
        raise NotFound("附件不存在")
    return [pk for pk in ids if pk is not None]
