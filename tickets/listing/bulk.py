"""One action on many tickets, each through `tickets.service`, each told how it went."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lingxi.access.permissions import check
from lingxi.errors import Invalid, LingxiError, NotFound
from lingxi.ids import parse_id
from routing.models import Agent, SkillGroup
from tickets import service
from tickets.models import Priority, Ticket
from tickets.service import By

MOST_AT_ONCE = 100
Act = Callable[[Ticket], object]


@dataclass(frozen=True)
class Outcome:
    """How it went with one ticket; `reason` is empty when it was done."""

    reference: str
    title: str
    reason: str = ""


def act_of(user: Any, said: Mapping[str, Any]) -> Act:
    """What is to be done with each, of ``{"action": …, …}``.

    assign {agent, group}, priority {priority}, tags {add, remove}, move {transition, comment},
    watch, unwatch. Raises `Invalid`, `NotFound`, and `Forbidden` for who may not do it at all.
    """
    action = str(said.get("action", ""))
    if action not in _MAKERS:
        raise Invalid("请选择要执行的操作", fields={"action": ["未知操作"]})
    permission, make = _MAKERS[action]
    check(user, permission)
    return make(user, said)


def _assign(user: Any, said: Mapping[str, Any]) -> Act:
    agent_id, group_id = parse_id(said.get("agent")), parse_id(said.get("group"))
    agent = Agent.objects.visible_to(user).filter(pk=agent_id).first() if agent_id else None
    group = SkillGroup.objects.visible_to(user).filter(pk=group_id).first() if group_id else None
    if (agent_id and agent is None) or (group_id and group is None):
        raise NotFound("受理人或技能组不存在，或你无权查看")
    if agent is None and group is None:
        raise Invalid("请选择受理人或技能组", fields={"agent": ["必填"]})
    return lambda row: service.assign(row.pk, By.staff(user), agent=agent, group=group)


def _priority(user: Any, said: Mapping[str, Any]) -> Act:
    found = next((one for one in Priority if one.wire == said.get("priority")), None)
    if found is None:
        raise Invalid("请选择优先级", fields={"priority": ["必填"]})
    return lambda row: service.edit(row.pk, By.staff(user), {"priority": found.value})


def _tags(user: Any, said: Mapping[str, Any]) -> Act:
    add, remove = _split(said.get("add")), _split(said.get("remove"))
    if not add and not remove:
        raise Invalid("请填写要添加或移除的标签", fields={"add": ["必填"]})

    def act(row: Ticket) -> None:
        kept = [tag for tag in row.tags if tag not in remove]
        tags = [*kept, *(tag for tag in add if tag not in kept)]
        if tags != row.tags:
            service.edit(row.pk, By.staff(user), {"tags": tags}, revision=row.revision)

    return act


def _split(text: Any) -> list[str]:
    parts = str(text or "").replace("，", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _move(user: Any, said: Mapping[str, Any]) -> Act:
    key, words = str(said.get("transition", "")), str(said.get("comment", ""))
    if not key:
        raise Invalid("请选择要执行的流转", fields={"transition": ["必填"]})
    return lambda row: service.move(row.pk, key, By.staff(user), comment=words)


def _watch(user: Any, said: Mapping[str, Any], *, on: bool) -> Act:
    do = service.watch if on else service.unwatch
    return lambda row: do(row.pk, By.staff(user))


_MAKERS: dict[str, tuple[str, Callable[[Any, Mapping[str, Any]], Act]]] = {
    "assign": ("tickets.assign", _assign),
    "priority": ("tickets.edit", _priority),
    "tags": ("tickets.edit", _tags),
    "move": ("tickets.edit", _move),
    "watch": ("tickets.view", partial(_watch, on=True)),
    "unwatch": ("tickets.view", partial(_watch, on=False)),
}


def chosen(user: Any, ids: Iterable[Any]) -> list[uuid.UUID]:
    """The ids among what was sent, each once. Raises `Invalid` for none or too many."""
    found = list(dict.fromkeys(one for one in map(parse_id, ids) if one is not None))
    if not found:
        raise Invalid("请先选择工单", fields={"ids": ["必填"]})
    if len(found) > MOST_AT_ONCE:
        raise Invalid(f"一次最多 {MOST_AT_ONCE} 条", fields={"ids": [f"最多 {MOST_AT_ONCE} 条"]})
    return found


def run(user: Any, ids: Sequence[uuid.UUID], act: Act) -> list[Outcome]:
    """Do it to each, in their order; what one refuses does not stop the others.

    Tickets the person may not see are told as if they did not exist.
    """
    rows = Ticket.objects.visible_to(user).defer("description", "terms", "fields").in_bulk(ids)
    return [_one(user, rows.get(pk), act) for pk in ids]


def _one(user: Any, row: Ticket | None, act: Act) -> Outcome:
    from lingxi.access.masking import for_viewer

    if row is None:
        return Outcome("—", "", "工单不存在，或你无权查看")
    title = for_viewer(user, row.title)
    try:
        act(row)
    except LingxiError as error:
        return Outcome(row.reference, title, reason_of(error))
    return Outcome(row.reference, title)


def reason_of(error: LingxiError) -> str:
    """A refusal in one line, with what is wrong with which field."""
    parts = [error.detail]
    for messages in error.fields.values():
        if isinstance(messages, list):
            parts += [one for one in messages if isinstance(one, str) and one not in parts]
    return "；".join(parts[:4])
