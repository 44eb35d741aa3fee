"""接待设置 of a group, and the words it says by itself."""

import time
import uuid

from conversations import bot
from conversations.changes import Change
from conversations.models import Conversation, ServiceSettings
from routing.models import Agent, SkillGroup

KEPT = 5.0  # seconds a process trusts what it read
_kept: dict[uuid.UUID, tuple[float, ServiceSettings]] = {}


def settings_of(group_id: uuid.UUID) -> ServiceSettings:
    """The group's settings, as they were at most five seconds ago; defaults where none are set."""
    read_at, found = _kept.get(group_id, (0.0, None))
    if found is None or time.monotonic() - read_at > KEPT:
        found = ServiceSettings.objects.filter(pk=group_id).first() or ServiceSettings(
            group_id=group_id
        )
        _kept[group_id] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Read everything anew, because it was changed here."""
    _kept.clear()


def welcome(conversation: Conversation, agent: Agent, group: SkillGroup, change: Change) -> None:
    """Greet the visitor in the group's words when an agent takes the conversation up."""
    text = settings_of(group.pk).welcome_text
    if not text:
        return
    words = {"agent": agent.name, "group": group.name}
    if "{customer}" in text:  # a query that most texts can do without
        words["customer"] = conversation.customer.name or "访客"
    bot.say(conversation, change, filled(text, **words))


def filled(text: str, **words: str) -> str:
    """`text` with {agent}, {group} … replaced; braces of anything else stay as they are."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
