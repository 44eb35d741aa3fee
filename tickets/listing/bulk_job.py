"""The same action on all that a filter finds, as a background job.

Which tickets these are is settled when the job begins: the action may change what the filter
finds. A step does some of them, with the checkpoint behind them in one transaction.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from lingxi.jobs.models import Job
from lingxi.jobs.registry import register
from lingxi.jobs.service import start
from lingxi.jobs.work import Work
from tickets.listing.bulk import act_of, run
from tickets.listing.paging import ids_of, narrowed_count
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer

KIND = "tickets.bulk"
MOST = 20_000
STEP = 25
MOST_TOLD = 200
TITLES = {
    "assign": "批量分配",
    "priority": "批量修改优先级",
    "tags": "批量修改标签",
    "move": "批量流转",
    "watch": "批量关注",
    "unwatch": "批量取消关注",
}


def ask(user: Any, query: str, said: Mapping[str, Any]) -> Job:
    """Start it. Raises what `act_of` does, and `Conflict` for a person with too many jobs."""
    act_of(user, said)
    viewer = Viewer(user)
    total = narrowed_count(parse(QueryDict(query), viewer), viewer, MOST)
    params = {"query": query, "said": dict(said)}
    return start(KIND, user, params, title=TITLES[str(said["action"])], total=total)


@register(
    KIND,
    title="批量处理工单",
    permission="tickets.view",
    template="tickets/listing/_bulk_result.html",
)
def work_through(work: Work) -> dict[str, Any]:
    """Do it to all of them, some at a time."""
    act = act_of(work.owner, work.params["said"])
    if "ids" not in work.checkpoint:
        viewer = Viewer(work.owner)
        found = ids_of(parse(QueryDict(work.params["query"]), viewer), viewer, MOST)
        with work.step():
            work.total = len(found)
            work.checkpoint |= {"ids": [str(one) for one in found], "at": 0, "refused": []}
            work.checkpoint["failed"] = 0
    while work.checkpoint["at"] < work.total:
        _step(work, act)
    refused = work.checkpoint["refused"]
    failed = work.checkpoint["failed"]
    return {"done": work.total - failed, "failed": failed, "refused": refused}


def _step(work: Work, act: Any) -> None:
    at = work.checkpoint["at"]
    ids = [uuid.UUID(one) for one in work.checkpoint["ids"][at : at + STEP]]
    with work.step():
        outcomes = run(work.owner, ids, act)
        bad = [one for one in outcomes if one.reason]
        told = [[one.reference, one.title, one.reason] for one in bad]
        room = MOST_TOLD - len(work.checkpoint["refused"])
        work.checkpoint["refused"] = work.checkpoint["refused"] + told[: max(room, 0)]
        work.checkpoint["failed"] += len(bad)
        work.checkpoint["at"] = at + len(ids)
        work.done = at + len(ids)
