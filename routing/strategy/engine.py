"""Deciding: compiled rules and facts give a decision. Pure when names and live numbers are given.

Rules are looked at in order. One that places the item ends the search; one that only adds
(priority, tag, text, notice) lets it go on. A rule whose only place is a person who is not ready
does nothing, and the search goes on. Without a place, the item goes to the group it came with.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from routing.models import SkillGroup
from routing.strategy import names as naming
from routing.strategy.actions import Effects
from routing.strategy.compiling import Compiled, CompiledRule, Reader, compile_rules
from routing.strategy.decision import Decision
from routing.strategy.explaining import Story
from routing.strategy.live import DATABASE, Live
from routing.strategy.moment import Moment
from routing.strategy.names import Names

__all__ = ["Compiled", "compile_rules", "decide_with"]


def decide_with(
    compiled: Compiled,
    facts: Mapping[str, Any],
    group: SkillGroup,
    *,
    live: Live | None = None,
    at: dt.datetime | None = None,
    names: Names | None = None,
    explain: bool = True,
) -> Decision:
    """Where an item with these facts goes. `group` is the one it comes with.

    Without `live` and `names` they are the current ones, from the database. `at` is now unless
    given. Without `explain` the explanation is empty, which is several times faster.
    """
    moment = Moment(
        facts=facts,
        group=group,
        at=at or timezone.now(),
        live=live or DATABASE,
        names=naming.current() if names is None else names,
    )
    effects = Effects(group=moment.group_key)
    story = Story(compiled, moment) if explain else None
    reader = Reader(moment)
    for rule in compiled.rules:
        if not rule.holds(reader):
            if story is not None:
                story.missed(rule, reader)
        elif _apply(rule, effects, moment, story, reader):
            break
    return _decision(compiled, effects, story)


def _apply(
    rule: CompiledRule, effects: Effects, moment: Moment, story: Story | None, reader: Reader
) -> bool:
    """Do what a matching rule says; whether the search is over."""
    notes = len(moment.notes)
    for action, act in rule.acts:
        if not action.places and rule.places and not effects.is_placed:
            break
        action.apply(effects, act.params, moment)
    if effects.is_placed:
        effects.placed_by = rule.rule.id
    if story is not None:
        if rule.places and not effects.is_placed:
            story.failed(rule, moment.notes[notes:])
        else:
            story.matched(rule, reader)
    return effects.is_placed


def _decision(compiled: Compiled, effects: Effects, story: Story | None) -> Decision:
    return Decision(
        group_id=effects.group_id,
        priority=effects.priority,
        preferred=effects.preferred,
        min_level=effects.min_level,
        outcome=effects.outcome,
        text=effects.text,
        tags=tuple(effects.tags),
        texts=tuple(effects.texts),
        notices=tuple(effects.notices),
        version_id=compiled.version_id,
        rule_id=effects.placed_by,
        explanation=story.told(effects) if story is not None else {},
    )
