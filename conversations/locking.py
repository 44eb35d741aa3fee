"""Taking a conversation's row: whoever changes a conversation holds it first."""

import uuid

from conversations.models import Conversation
from lingxi.errors import NotFound


def locked(conversation_id: uuid.UUID) -> Conversation:
    """The conversation, locked until the caller's transaction ends. Raises `NotFound`.

    Its agent is not joined: a row that was waited for comes as it is now, but what is joined to it
    as it was before.
    """
    conversation = (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("channel")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        raise NotFound("会话不存在")
    return conversation
