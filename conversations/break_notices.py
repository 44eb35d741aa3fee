"""Who hears of a request for a break: its supervisors when it is made, the agent when decided."""

from django.urls import reverse

from conversations.notices import notify, supervisors_of_group
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from routing.models import BreakRequest, BreakRequestState

HEARD = ("agent.break_requested", "agent.break_decided")


@subscriber("break-notices", HEARD)
def tell(events: list[Event]) -> None:
    """Tell them, unless it has moved on meanwhile."""
    rows = BreakRequest.objects.select_related("agent__user", "reason").in_bulk(
        [event.payload["request"] for event in events]
    )
    known = {str(pk): row for pk, row in rows.items()}
    for event in events:
        request = known.get(event.payload["request"])
        if request is None:
            continue
        if event.type == "agent.break_decided":
            _tell_agent(request)
        elif request.state == BreakRequestState.PENDING:
            _tell_supervisors(request)


def _tell_supervisors(request: BreakRequest) -> None:
    agent = request.agent
    people = {user.pk: user for group in agent.groups.all() for user in supervisors_of_group(group)}
    people.pop(agent.user_id, None)
    page = reverse("admin:routing_breakrequest_change", args=[request.pk])
    notify(people.values(), f"{agent.name} 申请小休：{request.reason.name}", page)


def _tell_agent(request: BreakRequest) -> None:
    if request.state == BreakRequestState.APPROVED:
        text = f"小休申请已同意：{request.reason.name}"
    elif request.state == BreakRequestState.REJECTED:
        text = f"小休申请被拒绝：{request.reason.name}"
        text += f"（{request.note}）" if request.note else ""
    else:
        return
    notify([request.agent.user], text, reverse("workbench:page"))
