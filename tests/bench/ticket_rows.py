"""Many tickets with ten custom fields each, written by COPY."""

import datetime as dt
import random
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from lingxi.ids import new_id
from routing.models import Agent, SkillGroup
from tests import factories
from tests.tickets.factories import IssueTypeFactory, TicketTypeFactory
from tickets.listing.terms import terms_of
from tickets.models import IssueType, TicketType

CITIES = ["北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安"]
REASONS = ["质量问题", "尺码不合", "发错商品", "物流太慢", "不想要了", "与描述不符"]
FORM: list[dict[str, Any]] = [
    {"key": "order_no", "type": "order_number", "label": "订单号"},
    {"key": "amount", "type": "money", "label": "金额"},
    {"key": "pieces", "type": "number", "label": "件数"},
    {"key": "bought", "type": "date", "label": "购买日期"},
    {"key": "pickup", "type": "datetime", "label": "取件时间"},
    {
        "key": "reason",
        "type": "choice",
        "label": "原因",
        "options": [{"value": f"r{n}", "label": one} for n, one in enumerate(REASONS)],
    },
    {
        "key": "wants",
        "type": "multi_choice",
        "label": "诉求",
        "options": [{"value": f"w{n}", "label": f"诉求{n}"} for n in range(6)],
    },
    {"key": "city", "type": "text", "label": "城市"},
    {"key": "remark", "type": "text", "label": "备注"},
    {"key": "opened", "type": "boolean", "label": "已拆封"},
]
_TYPES = {one["key"]: one["type"] for one in FORM}
_COLUMNS = (
    "id number type_id type_version_id title description priority status category issue_type_id"
    " tags fields fields_version_id terms requester_id group_id assignee_id created_by_id source"
    " revision due_at created_at updated_at touched_at resolved_at"
).split()
_CUSTOMERS = """
INSERT INTO conversations_customer (id, name, phone, email, level, tags, remark, fields, device,
                                    created_at, last_seen_at)
SELECT gen_random_uuid(), '客户 ' || n, '138' || lpad(n::text, 8, '0'), '', '', '[]', '', '{}',
       '{}', now(), now()
FROM generate_series(1, %s) n RETURNING id
"""
_CATEGORIES = ["new", "open", "open", "pending", "on_hold", *(["resolved"] * 5), *(["closed"] * 10)]


class Business:
    """Groups, agents, types and customers that tickets are about."""

    def __init__(self, groups: int = 10, agents: int = 5, types: int = 4) -> None:
        self.groups = [factories.SkillGroupFactory() for _ in range(groups)]
        self.agents = {
            group.pk: [factories.AgentFactory(groups=[group]) for _ in range(agents)]
            for group in self.groups
        }
        self.types = [TicketTypeFactory(group=self.groups[0], form=FORM) for _ in range(types)]
        self.issues = [IssueTypeFactory() for _ in range(20)]


def write(count: int, *, customers: int = 20_000, seed: int = 1, first: int = 1_000_000) -> None:
    """Write that many tickets about the groups, agents and types there are."""
    chance, now = random.Random(seed), timezone.now()
    types = list(TicketType.objects.select_related("schema"))
    groups = list(SkillGroup.objects.order_by("pk"))
    members = {one.pk: list(Agent.objects.filter(groups=one).order_by("pk")) for one in groups}
    issues = list(IssueType.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [customers])
        people = [row[0] for row in cursor.fetchall()]
        columns = ", ".join(_COLUMNS)
        with cursor.copy(f"COPY tickets_ticket ({columns}) FROM STDIN") as copy:
            for number in range(count):
                group = chance.choice(groups)
                age = dt.timedelta(minutes=number * 5 + chance.random())
                row = _row(chance, now - age, chance.choice(types))
                row |= {
                    "number": first + count - number,
                    "group_id": group.pk,
                    "requester_id": chance.choice(people),
                    "issue_type_id": chance.choice(issues),
                }
                if chance.random() < 0.8 and members[group.pk]:
                    row["assignee_id"] = chance.choice(members[group.pk]).pk
                copy.write_row([row.get(name) for name in _COLUMNS])
        cursor.execute("SELECT setval('tickets_number', 20000000)")
    connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _row(chance: random.Random, at: dt.datetime, type: Any) -> dict[str, Any]:
    fields = _fields(chance, at)
    wish = chance.choice(["退款", "换货", "补发"])
    reason = chance.choice(REASONS)
    title = f"{chance.choice(CITIES)}客户{reason}，申请{wish} {chance.randrange(10**6)}"
    category = chance.choice(_CATEGORIES)
    due = at + dt.timedelta(hours=chance.randrange(1, 24 * 400))
    is_done = category in {"resolved", "closed"}
    return {
        "id": new_id(),
        "type_id": type.pk,
        "type_version_id": type.current_id,
        "title": title,
        "description": f"{title}。{chance.choice(REASONS)}，请尽快处理。" * 3,
        "priority": chance.choice([1, 2, 2, 2, 3, 4]),
        "status": category,
        "category": category,
        "tags": chance.sample(["退款", "投诉", "VIP", "加急", "回访", "物流"], chance.randrange(3)),
        "fields": orjson.dumps(fields).decode(),
        "fields_version_id": type.schema.current_id,
        "terms": terms_of(title, fields, _TYPES),
        "source": chance.choice(["agent", "api", "keyword", "visitor"]),
        "revision": 1,
        "due_at": None if is_done else due,
        "created_at": at,
        "updated_at": at + dt.timedelta(minutes=chance.randrange(2_000)),
        "touched_at": at,
        "resolved_at": at if is_done else None,
    }


def _fields(chance: random.Random, at: dt.datetime) -> dict[str, Any]:
    return {
        "order_no": f"D{chance.randrange(10**9):09}",
        "amount": round(chance.lognormvariate(5, 1), 2),
        "pieces": chance.randrange(1, 30),
        "bought": (at - dt.timedelta(days=chance.randrange(60))).date().isoformat(),
        "pickup": (at + dt.timedelta(hours=chance.randrange(72))).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "reason": f"r{chance.randrange(6)}",
        "wants": [f"w{n}" for n in sorted(chance.sample(range(6), 2))],
        "city": chance.choice(CITIES),
        "remark": f"{chance.choice(REASONS)}，{chance.choice(CITIES)}店 {chance.randrange(9_999)}",
        "opened": chance.random() < 0.5,
    }
