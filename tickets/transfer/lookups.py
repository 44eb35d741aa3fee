"""Names in a file, and the rows they stand for. Everything is read once for a whole file."""

import re
from functools import cached_property
from typing import Any

from django.db.models import Q

from conversations.models import Customer
from routing.models import Agent, SkillGroup
from tickets.models import IssueType, Ticket

_PHONE = re.compile(r"\+?\d{5,20}")


class Unknown(ValueError):
    """A name that nobody has; the message says so to people."""


class Lookups:
    """What the person may name."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._customers: dict[str, Customer | None] = {}

    def group(self, name: str) -> SkillGroup:
        """By name or slug. Raises `Unknown`."""
        return _only(self._groups.get(name.casefold(), []), f"没有技能组“{name[:40]}”", "技能组")

    def agent(self, name: str) -> Agent:
        """By log-in name, or by a name that one of them has. Raises `Unknown`."""
        by_login = self._logins.get(name)
        if by_login is not None:
            return by_login
        return _only(self._agents.get(name.casefold(), []), f"没有坐席“{name[:40]}”", "坐席")

    def issue_type(self, path: str) -> IssueType:
        """By its path, or by its own name where one only has it. Raises `Unknown`."""
        wanted = "/".join(part.strip() for part in path.split("/")).casefold()
        found = self._issues.get(wanted, [])
        return _only(found, f"没有问题分类“{path[:40]}”", "问题分类")

    def customer(self, phone: str) -> Customer | None:
        """The customer with this number whom the person knows; None when there is none.

        One whom they may not see is as if there were none, or a file would tell who exists.
        """
        if phone not in self._customers:
            self._customers[phone] = self._find(phone)
        return self._customers[phone]

    def made(self, phone: str, customer: Customer) -> None:
        """From now on the number is theirs."""
        self._customers[phone] = customer

    def forget(self, phone: str) -> None:
        """What was made of it is rolled back."""
        self._customers.pop(phone, None)

    def _find(self, phone: str) -> Customer | None:
        tickets = Ticket.objects.visible_to(self.user).exclude(requester=None)
        known = Q(pk__in=Customer.objects.visible_to(self.user).filter(phone=phone).values("pk"))
        known |= Q(pk__in=tickets.filter(requester__phone=phone).values("requester"))
        rows = Customer.objects.filter(known, phone=phone, merged_into=None)
        return rows.order_by("-last_seen_at").first()

    @cached_property
    def _groups(self) -> dict[str, list[SkillGroup]]:
        found: dict[str, list[SkillGroup]] = {}
        for one in SkillGroup.objects.all():
            for name in {one.name.casefold(), one.slug.casefold()}:
                found.setdefault(name, []).append(one)
        return found

    @cached_property
    def _active(self) -> list[Agent]:
        return list(Agent.objects.filter(user__is_active=True).select_related("user"))

    @cached_property
    def _logins(self) -> dict[str, Agent]:
        return {one.user.get_username(): one for one in self._active}

    @cached_property
    def _agents(self) -> dict[str, list[Agent]]:
        found: dict[str, list[Agent]] = {}
        for one in self._active:
            found.setdefault(one.name.casefold(), []).append(one)
        return found

    @cached_property
    def _issues(self) -> dict[str, list[IssueType]]:
        rows = {one.pk: one for one in IssueType.objects.all()}
        found: dict[str, list[IssueType]] = {}
        for one in rows.values():
            if one.is_active:
                for name in {_path(one, rows).casefold(), one.name.casefold()}:
                    found.setdefault(name, []).append(one)
        return found


def phone_of(text: str) -> str:
    """A number without what people put between its groups. Raises `Unknown`."""
    phone = re.sub(r"[\s()（）-]", "", text)
    if "*" in phone:
        raise Unknown("含有被隐藏的内容，请填写完整的号码")
    if not _PHONE.fullmatch(phone):
        raise Unknown("不是有效的电话号码")
    return phone


def _path(one: IssueType, rows: dict[Any, IssueType]) -> str:
    names = [one.name]
    while one.parent_id is not None:
        one = rows[one.parent_id]
        names.insert(0, one.name)
    return "/".join(names)


def _only(found: list[Any], missing: str, kind: str) -> Any:
    if not found:
        raise Unknown(missing)
    if len(found) > 1:
        raise Unknown(f"有 {len(found)} 个同名的{kind}，请写明是哪一个")
    return found[0]
