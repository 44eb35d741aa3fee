"""The bot as a participant without wits: it holds a conversation and says configured words.

Who talks to it is served (`with_bot`) but by no agent, waits in no queue, and can ask for a human
at any time: see `conversations.handoff`.
"""

from conversations.actors import BOT, SYSTEM, Actor
from conversations.changes import Change
from conversations.models import AuthorType, Conversation, MessageKind
from conversations.states import Trigger, pull

INTRODUCTION = "您好，我是智能客服。如需人工服务，请回复“人工”。"


def say(conversation: Conversation, change: Change, text: str, by: Actor = BOT) -> None:
    """Add an automatic message to the log, inside `change`; nothing when `text` is blank.

    `by` is the bot or the system. Clients show it as a message that no person wrote.
    """
    if not text.strip():
        return
    content = {"type": "text", "text": text.strip(), "automatic": True}
    change.log(conversation, MessageKind.MESSAGE, by, content)


def leave_to_bot(conversation: Conversation, change: Change, text: str = "") -> None:
    """The bot serves from here on; the caller holds the row and commits `change`.

    Works on a new conversation and on one that waits. Raises `TransitionNotAllowed` elsewhere.
    """
    pull(conversation, Trigger.LEAVE_TO_BOT, AuthorType.SYSTEM)
    conversation.with_bot, conversation.agent = True, None
    conversation.save(update_fields=["state", "with_bot", "agent"])
    change.state(conversation, SYSTEM, "bot")
    say(conversation, change, text or INTRODUCTION)
