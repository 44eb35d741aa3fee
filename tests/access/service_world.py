"""One row of everything in the business around conversations, each somebody's to see or not."""

import datetime as dt
from typing import Any

from django.utils import timezone

from conversations.models import (
    Block,
    Conversation,
    Customer,
    Invitation,
    OfflineMessage,
    QuickReplyCategory,
    SensitiveHit,
    SensitiveWord,
    ServiceSettings,
    WrapUp,
    WrapUpCategory,
)
from tests.factories import QuickReplyFactory


def add_to(world: Any) -> None:
    """Write it; nothing of it changes what anybody may do elsewhere."""
    zhang = Customer.objects.get(pk=world.id("customer zhang"))
    over = timezone.now() - dt.timedelta(days=1)
    block = Block.objects.create(customer=zhang, reason="骚扰", expires_at=over)
    word = SensitiveWord.objects.create(word="谁也不会说的词")
    hit = SensitiveHit.objects.create(
        conversation_id=world.id("served"), word=word.word, action="log", author_type="visitor"
    )
    settings = ServiceSettings.objects.create(group_id=world.id("group a"))
    left = OfflineMessage.objects.create(
        conversation_id=world.id("ended"),
        customer=zhang,
        channel_id=world.id("channel a"),
        group_id=world.id("group a"),
        text="请回电",
        phone=zhang.phone,
    )
    invitation = Invitation.objects.create(
        channel_id=world.id("channel a"), name="邀请", text="需要帮忙吗"
    )
    category = WrapUpCategory.objects.create(name="售后")
    ended = Conversation.objects.get(pk=world.id("ended"))
    wrap_up = WrapUp.objects.create(conversation=ended, category=category, agent=ended.agent)
    own = QuickReplyFactory(owner=world.people["agent"].user)
    world.ids |= {
        "reply of agent": own.pk,
        "invitation a": invitation.pk,
        "category": category.pk,
        "wrap up": wrap_up.pk,
        "folder": QuickReplyCategory.objects.create(name="问候").pk,
        "left zhang": left.pk,
        "block zhang": block.pk,
        "word": word.pk,
        "hit served": hit.pk,
        "settings a": settings.pk,
    }
