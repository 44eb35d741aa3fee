"""A big floor: 1,000 agents in 50 groups, one published strategy of 100 rules of 5 conditions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from conversations.models import Channel, Conversation, Customer
from lingxi.access.models import Role, RoleAssignment, Scope
from lingxi.events.models import Event
from lingxi.ids import new_id
from routing.models import (
    Agent,
    AgentStatus,
    Membership,
    Presence,
    SkillGroup,
    StatusPeriod,
    WorkItem,
)
from routing.strategy import versions
from tests import factories

AGENTS, GROUPS, RULES = 1_000, 50, 100
CAPACITY = 20
PAGES = 150  # of the pages visitors enter by, two thirds are named by a rule
INTENTS = ("none", "low", "medium", "high")
TEXT = "你好，我的包裹到现在还没有收到，麻烦帮我查一下物流到哪里了"


def people() -> list[SkillGroup]:
    """Groups, and agents who are ready and connected, each in two groups; the groups."""
    groups: Any = [factories.SkillGroupFactory(name=f"技能组 {n:02}") for n in range(GROUPS)]
    users = [get_user_model()(username=f"bench{n}", first_name=f"客服{n}") for n in range(AGENTS)]
    get_user_model().objects.bulk_create(users)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role=Role.AGENT, scope=Scope.OWN) for user in users
    )
    agents = [
        Agent(user=user, name=user.first_name, status=AgentStatus.READY, capacity=CAPACITY)
        for user in users
    ]
    Agent.objects.bulk_create(agents)
    Membership.objects.bulk_create(
        Membership(agent=agent, skillgroup=groups[place % GROUPS])
        for n, agent in enumerate(agents)
        for place in (n, n + 1 + n // GROUPS)
    )
    tomorrow = timezone.now() + dt.timedelta(days=1)
    Presence.objects.bulk_create(
        Presence(id=new_id(), agent=agent, expires_at=tomorrow) for agent in agents
    )
    return groups


def rules(groups: Sequence[SkillGroup]) -> list[dict[str, Any]]:
    """The condition that decides comes last, so that all five are looked at."""
    return [_rule(n, groups) for n in range(RULES)]


def _rule(n: int, groups: Sequence[SkillGroup]) -> dict[str, Any]:
    group = str(groups[n % GROUPS].id)
    words = ["物流", "包裹", f"第{n}号"]
    if n % 5:
        text = _condition("message_text", "contains_any", words)
    else:
        text = _condition("message_text", "pattern", f"(物流|快递).{{0,9}}(哪|{n})")
    items = [
        _condition("language", "in", ["zh", "en"]),
        _condition("pages_seen", ">=", 1 + n % 2),
        _condition("group_waiting", ">=", 0, group),
        text,
        _condition("entry_page", "contains", f"/p{n}/"),
    ]
    then = [
        {"action": "enqueue", "params": {"group": group}},
        {"action": "priority", "params": {"by": 1 + n % 5}},
    ]
    when = {"match": "all", "items": items}
    return {"id": f"r{n}", "name": f"规则 {n}", "enabled": True, "when": when, "then": then}


def _condition(fact: str, operator: str, value: Any, subject: str = "") -> dict[str, Any]:
    return {"fact": fact, "subject": subject, "operator": operator, "value": value}


def publish(groups: Sequence[SkillGroup]) -> Any:
    """The strategy, in force; by a supervisor, who is returned with it."""
    boss = factories.UserFactory(username="boss", role="supervisor", scope="all")
    strategy = versions.strategy_of("conversation")
    draft = versions.draft_of(strategy, boss)
    draft = versions.save_draft(strategy, rules(groups), boss, draft.revision)
    versions.publish(strategy, boss, draft.revision)
    strategy.refresh_from_db()
    return strategy, boss


def facts(n: int) -> dict[str, Any]:
    """Of the n-th conversation, as `conversations.facts` tells them."""
    return {
        "channel": "bench",
        "channel_kind": "web",
        "entry_page": f"https://shop.example.com/p{n % PAGES}/item/{n}",
        "referrer": "https://www.baidu.com/s?wd=%E5%BF%AB%E9%80%92",
        "utm_source": "baidu",
        "utm_medium": "cpc",
        "utm_campaign": "double11",
        "utm_term": "",
        "utm_content": "",
        "pages_seen": 2 + n % 8,
        "seconds_on_site": 10 + n % 300,
        "intent": INTENTS[n % 4],
        "message_text": TEXT,
        "language": "zh",
        "customer_tags": ["老客户"],
        "customer_level": "金卡",
        "returning": n % 3 == 0,
        "custom_fields": {"order": str(n)},
        "last_agent": None,
        "last_agent_at": None,
    }


def conversations(channel: Channel, groups: Sequence[SkillGroup], count: int) -> None:
    """So many new conversations, waiting in the groups in turn."""
    customers = [Customer(name=f"客户{n}") for n in range(count)]
    Customer.objects.bulk_create(customers, batch_size=2_000)
    rows = [
        Conversation(customer=one, channel=channel, group=groups[n % len(groups)])
        for n, one in enumerate(customers)
    ]
    Conversation.objects.bulk_create(rows, batch_size=2_000)
    WorkItem.objects.bulk_create(
        [
            WorkItem(
                kind="conversation",
                item_id=one.pk,
                group_id=one.group_id,
                channel_kind="web",
                facts=facts(n),
            )
            for n, one in enumerate(rows)
        ],
        batch_size=2_000,
    )


def level(channel: Channel, groups: Sequence[SkillGroup], each: int) -> None:
    """Let exactly so many wait in each group, and the database be done with having them."""
    missing: list[SkillGroup] = []
    for group in groups:
        waiting = list(WorkItem.objects.waiting().filter(group=group).values_list("id", flat=True))
        missing += [group] * (each - len(waiting))
        WorkItem.objects.filter(id__in=waiting[each:]).update(
            state="done", finished_at=timezone.now()
        )
    if missing:
        conversations(channel, missing, len(missing))
    _settle()


def finish() -> None:
    """End everything: nobody waits, everybody has room, no event is left to be relayed."""
    Event.objects.filter(relayed_at=None).update(relayed_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversations_conversation SET state = 'closed'")
        cursor.execute("UPDATE routing_workitem SET state = 'done', finished_at = now()")
    _settle()


def _settle() -> None:
    """What many new rows leave to be done would otherwise be done while time is taken."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


_PAST = """
INSERT INTO routing_workitem (id, kind, item_id, channel_kind, group_id, agent_id, priority,
    facts, state, enqueued_at, assigned_at, finished_at, left_reason)
SELECT gen_random_uuid(), 'conversation', gen_random_uuid(), 'web',
    (%(groups)s::uuid[])[1 + (n + n %% 3) %% %(count)s],
    CASE WHEN n %% 12 > 0 THEN (%(agents)s::uuid[])[1 + n %% 1000] END, 0,
    (%(facts)s::jsonb) || jsonb_build_object(
        'entry_page', 'https://shop.example.com/p' || n %% 150 || '/item/' || n,
        'pages_seen', 2 + n %% 8, 'intent', (ARRAY['none', 'low', 'medium', 'high'])[1 + n %% 4]),
    'done', at, CASE WHEN n %% 12 > 0 THEN at + n %% 90 * interval '1 second' END,
    at + n %% 90 * interval '1 second' + (120 + n * 7919 %% 2400) * interval '1 second', 'closed_by_agent'
FROM (SELECT n, %(since)s::timestamptz + n %% 7 * interval '1 day'
          + n / 7 * (interval '9 hours' * 7 / %(items)s) AS at
      FROM generate_series(0, %(items)s - 1) n) times
"""  # noqa: E501


def past(groups: Sequence[SkillGroup], items: int, since: dt.datetime) -> None:
    """Seven days of traffic, nine hours each, and when the agents were ready."""
    agents = list(Agent.objects.order_by("id").values_list("id", flat=True))
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "groups": [group.id for group in groups],
            "count": len(groups),
            "agents": agents,
            "facts": orjson.dumps(facts(0)).decode(),
            "since": since,
            "items": items,
        }
        cursor.execute(_PAST, given)
        cursor.execute("VACUUM ANALYZE routing_workitem")
    StatusPeriod.objects.filter(agent__in=agents).delete()
    days = [since + dt.timedelta(days=day) for day in range(7)]
    StatusPeriod.objects.bulk_create(
        StatusPeriod(
            agent_id=agent,
            status=AgentStatus.READY,
            started_at=day + dt.timedelta(hours=4.5 * (place % 2)),
            ended_at=day + dt.timedelta(hours=4.5 * (1 + place % 2)),
        )
        for place, agent in enumerate(agents[:400])
        for day in days
    )
