"""Everything that is wrong with rules: their form, what they refer to, and what is never reached.

Two queries for the rows they name, whatever their number. What is wrong with a rule that is
switched off only warns.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from routing import schedule
from routing.models import Agent, Membership, RosterEntry, SkillGroup
from routing.strategy import actions, facts
from routing.strategy.problem import Level, Problem
from routing.strategy.reach import unreachable
from routing.strategy.rules import Act, Rule, parse


def problems_of(rules: Any, kind: str = "") -> list[Problem]:
    """What is wrong with rules as they are kept, in the order of the rules. Never raises.

    `kind` is the kind of work they are for; "": whatever.
    """
    parsed = parse(rules, kind)
    found = list(parsed.problems)
    if not any(problem.path.isdecimal() or not problem.path for problem in found):
        found += _References(parsed.rules).problems()
        found += unreachable(parsed.rules)
    return sorted(found, key=lambda one: int(one.path.split(".")[0]) if one.path else -1)


def named(rule: Rule) -> dict[str, set[str]]:
    """The ids of groups and agents that a rule names."""
    asked = {group for _, group in _groups_asked(rule)}
    found: dict[str, set[str]] = {"group": asked, "agent": set()}
    for action, act in rule.acts:
        for param in action.params:
            if param.type in found and param.name in act.params:
                found[param.type].add(act.params[param.name])
    return found


def _groups_asked(rule: Rule) -> Iterator[tuple[str, str]]:
    """The groups that conditions name, each with the label of the fact."""
    for one in rule.when.leaves():
        fact = facts.get(one.fact)
        if fact is not None and fact.subject == "group" and one.subject and not one.broken:
            yield fact.label, one.subject


@dataclass
class _Team:
    """What is to be known of a group: its members' levels by agent."""

    group: SkillGroup
    levels: dict[uuid.UUID, int] = field(default_factory=dict)
    leaders: int = 0

    def problem(self, min_level: int) -> str:
        """Why nobody of it can ever serve, or nothing."""
        name, least = self.group.name, max(self.group.min_level, min_level)
        if not self.levels:
            return f"技能组“{name}”没有成员"
        if max(self.levels.values()) < least:
            return f"技能组“{name}”没有技能值达到 {least} 的成员，永远无法接待"
        if schedule.next_opening(self.group.business_hours, timezone.now()) is None:
            return f"技能组“{name}”的营业时间从不营业"
        return ""

    def warning(self) -> str:
        """Why it may be that nobody serves, or nothing."""
        if not self.group.by_roster:
            return ""
        coming = RosterEntry.objects.filter(agent__in=self.levels, ends_at__gt=timezone.now())
        name = self.group.name
        return "" if coming.exists() else f"技能组“{name}”按排班接待，但之后没有排班"


class _References:
    """Checks what rules refer to against the database."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        ids = [named(rule) for rule in rules]
        self.teams = _read_teams({key for one in ids for key in one["group"]})
        wanted = {key for one in ids for key in one["agent"]}
        rows = Agent.objects.filter(pk__in=wanted).select_related("user") if wanted else ()
        self.agents = {str(agent.pk): agent for agent in rows}
        self.memberships = {
            (str(agent), str(group))
            for agent, group in Membership.objects.filter(agent__in=list(self.agents.values()))
            .order_by()
            .values_list("agent_id", "skillgroup_id")
        }

    def problems(self) -> Iterator[Problem]:
        """Of each rule."""
        for number, rule in enumerate(self.rules, start=1):
            for problem in self._of(rule):
                level: Level = problem.level if rule.enabled else "warning"
                message = f"第 {number} 条：{problem.message}"
                path = f"{number - 1}.{problem.path}"
                yield replace(problem, message=message, path=path, level=level)

    def _of(self, rule: Rule) -> Iterator[Problem]:
        for label, group in _groups_asked(rule):
            if group not in self.teams:
                yield Problem(rule.id, f"“{label}”的技能组已删除", path="when")
        for action, act in rule.acts:
            yield from self._of_act(rule, action, act)

    def _of_act(self, rule: Rule, action: actions.Action, act: Act) -> Iterator[Problem]:
        for param in action.params:
            key = act.params.get(param.name)
            if key is None:
                continue
            if param.type == "group":
                found = self._of_group(action, key, act.params.get("min_level", 0))
            elif param.type == "agent":
                found = self._of_agent(rule, action, key)
            else:
                continue
            for message, level in found:
                said = f"“{action.label}”：{message}"
                yield Problem(rule.id, said, level, "then")

    def _of_group(
        self, action: actions.Action, key: str, min_level: int
    ) -> Iterable[tuple[str, Level]]:
        team = self.teams.get(key)
        if team is None:
            return [("技能组已删除", "error")]
        problem = team.problem(min_level)
        if problem:
            return [(problem, "error")]
        if action.name == "supervisor" and not team.leaders:
            return [(f"技能组“{team.group.name}”的成员中没有主管", "error")]
        warning = team.warning()
        return [(warning, "warning")] if warning else []

    def _of_agent(
        self, rule: Rule, action: actions.Action, key: str
    ) -> Iterable[tuple[str, Level]]:
        agent = self.agents.get(key)
        if agent is None:
            return [("坐席已删除", "error")]
        if not agent.user.is_active:
            return [(f"坐席“{agent.name}”的账号已停用", "error")]
        if not action.places:
            return []
        targets = [act.params["group"] for one, act in rule.acts if one.name == "enqueue"]
        if targets and (key, targets[0]) not in self.memberships and targets[0] in self.teams:
            name = self.teams[targets[0]].group.name
            return [(f"坐席“{agent.name}”不是技能组“{name}”的成员", "error")]
        if not any(member == key for member, _ in self.memberships):
            return [(f"坐席“{agent.name}”不属于任何技能组", "error")]
        return []


def _read_teams(ids: set[str]) -> dict[str, _Team]:
    """The groups with those members whose account is active."""
    if not ids:
        return {}
    members = Membership.objects.filter(agent__user__is_active=True).select_related(
        "agent__user__role_assignment"
    )
    groups = (
        SkillGroup.objects.filter(pk__in=ids)
        .select_related("business_hours")
        .prefetch_related(Prefetch("membership_set", queryset=members))
    )
    return {str(group.pk): _team(group) for group in groups}


def _team(group: SkillGroup) -> _Team:
    team = _Team(group)
    for member in group.membership_set.all():
        team.levels[member.agent_id] = member.level
        assignment = getattr(member.agent.user, "role_assignment", None)
        team.leaders += getattr(assignment, "role", "") == "supervisor"
    return team
