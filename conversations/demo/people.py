"""Users, agents and groups; customers, how they are known, and where they have been."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from guardian.shortcuts import assign_perm

from conversations.demo import business, desk
from conversations.demo.business import Entry, Good
from conversations.demo.dice import Dice
from conversations.demo.tables import Tables, dumps
from conversations.models import Channel, IdentityKind, QuickReply
from lingxi.access.models import Role, RoleAssignment, Scope
from routing.models import Agent, SkillGroup

User = get_user_model()

ROLES = {
    "admin": (Role.ADMIN, Scope.ALL),
    "supervisor": (Role.SUPERVISOR, Scope.GROUP),
    "auditor": (Role.AUDITOR, Scope.ALL),
    "inspector": (Role.INSPECTOR, Scope.ALL),
}


@dataclass
class Server:
    """An agent, as the plot needs them: when they work and how well."""

    id: uuid.UUID
    name: str
    shift: range
    pace: float  # below 1 is faster than the others
    skill: float  # above 1 makes happier visitors


@dataclass
class Shop:
    """What exists before the first visitor comes."""

    groups: dict[str, SkillGroup]
    channels: dict[str, Channel]
    servers: dict[str, list[Server]]  # by group
    now: dt.datetime  # nothing happens later
    categories: dict[str, list[uuid.UUID]]  # of wrap-ups, by group

    @property
    def all_servers(self) -> list[Server]:
        """Everyone once, agent1 first."""
        seen = {server.id: server for servers in self.servers.values() for server in servers}
        return sorted(seen.values(), key=lambda server: business.AGENTS.index(server.name))


@dataclass
class Person:
    """A customer, as the plot needs them."""

    id: uuid.UUID
    number: int
    name: str
    phone: str
    device: dict[str, Any]
    device_kind: str
    entry: Entry
    busy_until: dt.datetime
    level: str = ""
    tags: list[str] = field(default_factory=list)
    seen: list[tuple[dt.datetime, Good]] = field(default_factory=list)
    last_agent: uuid.UUID | None = None
    last_agent_at: dt.datetime | None = None
    # Of the last visit.
    pages_seen: int = 0
    seconds_on_site: int = 0
    intent: str = "none"


def open_shop(dice: Dice, founded: dt.datetime, now: dt.datetime) -> Shop:
    """Groups, channels, people who work here, and their canned texts."""
    groups = {
        group.slug: SkillGroup.objects.create(
            id=dice.id(founded), name=group.name, slug=group.slug, color=group.color
        )
        for group in business.GROUPS
    }
    channels = {entry.key: _channel(dice, founded, entry, groups) for entry in business.ENTRIES}
    # One hash for all: twenty-four of them would take longer than everything else.
    password = make_password(business.PASSWORD, salt=dice.token()[:22])
    for username, name in business.PEOPLE:
        _person(username, name, password, ROLES[username])
    supervisor = User.objects.get(username="supervisor")
    for group in groups.values():
        assign_perm("routing.supervise_skillgroup", supervisor, group)
    QuickReply.objects.bulk_create(
        QuickReply(id=dice.id(founded), shortcut=shortcut, title=title, text=text)
        for shortcut, title, text in business.QUICK_REPLIES
    )
    servers = _hire(dice, founded, groups, password)
    categories = desk.furnish(dice, founded, now, groups, servers)
    return Shop(groups, channels, servers, now, categories)


def _channel(
    dice: Dice, founded: dt.datetime, entry: Entry, groups: dict[str, SkillGroup]
) -> Channel:
    return Channel.objects.create(
        id=dice.id(founded),
        key=entry.key,
        name=entry.name,
        kind=entry.kind,
        group=groups[entry.group],
        brand_color=entry.color,
        title=entry.title,
        greeting=entry.greeting,
    )


def _person(username: str, name: str, password: str, rank: tuple[Role, Scope]) -> Any:
    role, scope = rank
    user = User.objects.create(
        username=username,
        first_name=name,
        email=f"{username}@yunshang.example",
        password=password,
        is_staff=role in {Role.ADMIN, Role.SUPERVISOR},
        is_superuser=role == Role.ADMIN,
    )
    RoleAssignment.objects.create(user=user, role=role, scope=scope)
    return user


def _hire(
    dice: Dice, founded: dt.datetime, groups: dict[str, SkillGroup], password: str
) -> dict[str, list[Server]]:
    """Five agents to a group; the first of each also helps in the next group."""
    slugs = list(groups)
    servers: dict[str, list[Server]] = {slug: [] for slug in slugs}
    for index, name in enumerate(business.AGENTS):
        own = slugs[index // 5]
        helps = [slugs[(index // 5 + 1) % len(slugs)]] if index % 5 == 0 else []
        user = _person(f"agent{index + 1}", name, password, (Role.AGENT, Scope.OWN))
        agent = Agent.objects.create(
            id=dice.id(founded),
            user=user,
            name=name,
            capacity=12 if index < 3 else 10,
            status_since=founded,
            ready_since=founded,
        )
        for slug, level in ((own, 60 + 10 * (index % 5)), *((slug, 40) for slug in helps)):
            agent.groups.add(groups[slug], through_defaults={"level": level})
        shift = (range(8, 17), range(13, 23), range(9, 18), range(14, 24), range(24))[index % 5]
        server = Server(agent.id, name, shift, dice.uniform(0.75, 1.35), dice.uniform(0.8, 1.2))
        for slug in (own, *helps):
            servers[slug].append(server)
    return servers


def meet_customers(dice: Dice, founded: dt.datetime, count: int) -> list[Person]:
    """The customers; their rows are written when it is known when they were last seen."""
    return [_meet(dice, founded, index) for index in range(count)]


def _meet(dice: Dice, founded: dt.datetime, index: int) -> Person:
    entry = dice.weighted(business.ENTRIES, [entry.traffic for entry in business.ENTRIES])
    kinds = business.DEVICES if entry.kind == "web" else business.DEVICES[:3]
    device, device_kind = dice.choice(kinds)
    known = dice.chance(0.72)
    name = dice.choice(business.SURNAMES) + dice.choice(business.GIVEN) if known else ""
    # Four zeros after the prefix are not given out; the shape is that of a real number.
    prefix = dice.choice(("130", "135", "138", "139", "150", "158", "166", "177", "186", "199"))
    phone = f"{prefix}{index:08d}" if known and dice.chance(0.8) else ""
    if entry.kind == "app":
        device = {**device, "app_version": dice.choice(("5.2.0", "5.2.1", "5.3.0"))}
    person = Person(dice.id(founded), index, name, phone, device, device_kind, entry, founded)
    if name:
        person.level = dice.weighted(business.LEVELS, (6, 3, 2, 0.6))
        person.tags = dice.sample(business.TAGS, dice.weighted((0, 1, 2, 3), (5, 3, 2, 1)))
    return person


def write_customer(tables: Tables, dice: Dice, person: Person, founded: dt.datetime) -> None:
    """The customer's row and identities."""
    first_seen = person.seen[0][0] if person.seen else founded
    tables.customers.add(
        person.id,
        person.name,
        person.phone,
        f"u{person.id.hex[-8:]}@mail.example" if person.name and dice.chance(0.3) else "",
        person.level,
        dumps(person.tags),
        "",
        dumps({"city": dice.choice(("杭州", "上海", "北京", "成都", "广州", "武汉", "西安"))}),
        dumps(person.device),
        None,
        first_seen,
        max(person.busy_until, first_seen),
    )
    for kind, value, verified in _identities(dice, person):
        tables.identities.add(person.id, kind, value, verified, first_seen)


def _identities(dice: Dice, person: Person) -> list[tuple[str, str, bool]]:
    kind = {"web": IdentityKind.COOKIE, "h5": IdentityKind.OPENID, "app": IdentityKind.DEVICE}
    known = [(kind[person.entry.kind].value, dice.token(), False)]
    if person.phone:
        known.append((IdentityKind.PHONE.value, person.phone, True))
    if person.name and dice.chance(0.6):
        known.append((IdentityKind.MEMBER.value, f"M{880000000 + person.number}", True))
    return known


def browse(tables: Tables, dice: Dice, shop: Shop, person: Person) -> dict[str, Any]:
    """A short trail to what was last asked about; the conversation's context."""
    at, good = person.seen[-1]
    channel, site = shop.channels[person.entry.key], person.entry.site
    referrer, utm = dice.choice(business.REFERRERS)
    pages = [("/", f"{person.entry.name} 首页")]
    others = [item for item in business.GOODS if item.subject == good.subject]
    looked_at = dice.sample(others, min(len(others), dice.randint(0, 2)))
    pages += [(item.path, item.title) for item in (*looked_at, good)]
    when = at - dt.timedelta(seconds=sum(dice.around(40) for _ in pages))
    came_from = referrer
    person.pages_seen = len({path for path, _ in pages})
    person.seconds_on_site = int((at - when).total_seconds())
    person.intent = dice.weighted(("none", "low", "medium", "high"), (2, 4, 3, 1))
    for path, title in pages:
        tables.views.add(person.id, channel.id, site + path, title, came_from, when)
        came_from, when = site + path, when + (at - when) / 3
    return {
        "entry_page": site + good.path,
        "referrer": referrer,
        "utm": utm,
        "device": person.device_kind,
        "os": person.device["os"],
        "network": dice.choice(("wifi", "wifi", "5g", "4g")),
        **({"app_version": person.device["app_version"]} if "app_version" in person.device else {}),
    }
