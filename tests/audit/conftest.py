"""An archive with something in it."""

from collections.abc import Callable

import pytest

from audit.archive.indexing import index_conversations
from audit.archive.search import Search
from conversations.models import Conversation, Message
from lingxi.grams import parse
from tests import factories

Say = Callable[..., Message]


@pytest.fixture
def say(db: None) -> Say:
    """``say("text", conversation=…)``: a message that is in the index."""

    def speak(text: str, **kwargs: object) -> Message:
        message = factories.MessageFactory(content={"type": "text", "text": text}, **kwargs)
        index_conversations([message.conversation_id])
        return message

    return speak


def texts_found(words: str, limit: int = 50) -> list[str]:
    """What everybody's search finds, newest first."""
    hits, _ = Search(parse(words), Conversation.objects.all()).page(limit=limit)
    messages = Message.objects.in_bulk([hit.message_id for hit in hits])
    return [messages[hit.message_id].text for hit in hits]
