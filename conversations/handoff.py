"""转人工: a visitor who talks to the bot asks for a human, by a button or in words."""

import re
import uuid

from django.db import transaction
from django.utils import timezone

from conversations import placing
from conversations.actors import Actor
from conversations.bot import say
from conversations.changes import Change
from conversations.facts import facts_of
from conversations.locking import locked
from conversations.models import AuthorType, Conversation
from conversations.states import Trigger, pull
from lingxi.errors import ConversationClosed, NotFound

GOES_ON = "好的，正在为您转接人工客服，请稍候。"
MAX_WORDS = 200  # a longer text is a story in which the word happens to stand

_CLAUSES = re.compile(r"[\s，。！？；：、,.!?;:~～…“”\"'（）()\[\]【】]+")
_WHO = r"(?:人工|真人|活人)(?!智能|费|成本|湖|授粉)"
_PERSON = rf"(?:{_WHO}|在线客服|客服|客服人员)(?:客服|服务|坐席|人员|小姐姐|小哥)?"
_ASK = r"(?:转接?|找|要|接|换|叫|联系|呼叫|来)(?:一?个|一下|到|通|下)?"
_POLITE = r"(?:你好|您好|请|麻烦|帮忙|帮我|给我|我要|我想要?|我需要|需要|直接|快|能不能|可以|能)*"
_TAIL = r"(?:一下|谢谢|可以吗|好吗|行吗|吗|吧|啊|呀|呢|在吗|在不在)*"
_EXACT = re.compile(rf"{_POLITE}(?:{_ASK})?{_PERSON}{_TAIL}")
_CLEAR = re.compile(rf"{_ASK}(?:{_WHO}|(?:在线|人工|真人)客服)")
_NOT = re.compile(r"不要|不用|不需|不必|不想|无需|别|没必要|不找|不转|取消")
_EXACT_EN = re.compile(
    r"(?:(?:a|an|the|real|live|human)\s)*(?:human|agent|operator|representative|person)(?:\splease)?"
)
_CLEAR_EN = re.compile(
    r"\b(?:talk|speak|chat|connect(?:\sme)?|transfer(?:\sme)?|get\sme)\s(?:(?:to|with)\s)?"
    r"(?:(?:a|an|the|some|your|real|live|human|customer|service|support)\s?)*"
    r"(?:human|agent|person|someone|operator|representative)\b"
)
_NOT_EN = re.compile(r"\b(?:don'?t|do not|no need|not|never|without)\b")


def asks_for_human(text: str) -> bool:
    """Whether the words ask for a person: exactly so, or clearly so in one of the clauses."""
    said = text.strip().lower()
    if not said or len(said) > MAX_WORDS:
        return False
    english = re.sub(r"\s+", " ", re.sub(r"[.!?,;:]+", " ", said)).strip()
    if _EXACT_EN.fullmatch(english) or (_CLEAR_EN.search(english) and not _NOT_EN.search(english)):
        return True
    return any(_asks(clause) for clause in _CLAUSES.split(said))


def _asks(clause: str) -> bool:
    if _EXACT.fullmatch(clause):
        return True
    return bool(_CLEAR.search(clause)) and not _NOT.search(clause)


@transaction.atomic
def hand_over(conversation_id: uuid.UUID, by: Actor) -> Conversation:
    """From the bot to the humans: it queues as the strategy says. Nothing when no bot serves.

    Raises `NotFound` (also for another's conversation) and `ConversationClosed`.
    """
    conversation = locked(conversation_id)
    if by.type == AuthorType.VISITOR and conversation.customer_id != by.id:
        raise NotFound("会话不存在")
    if not conversation.is_open:
        raise ConversationClosed
    if not conversation.with_bot:
        return conversation
    pull(conversation, Trigger.HANDOFF, by.type)
    conversation.with_bot, conversation.asked_at = False, timezone.now()
    conversation.save(update_fields=["state", "with_bot", "asked_at"])
    change = Change()
    say(conversation, change, GOES_ON)
    change.state(conversation, by, "handoff")
    change.event("handoff.requested", conversation, {"by": str(by.type)})
    placing.place(conversation, change, facts_of(conversation))
    change.commit()
    return conversation
