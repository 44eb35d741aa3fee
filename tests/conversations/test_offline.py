"""留言: what is kept of what a visitor leaves, and what handling it does."""

import pytest

from conversations import blocklist, moderation, offline
from conversations.models import (
    Message,
    MessageKind,
    Notice,
    OfflineMessage,
    OfflineMessageState,
    SensitiveHit,
    SensitiveWord,
)
from conversations.principals import Visitor
from lingxi.errors import (
    Blocked,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TokenExpired,
    TooLong,
)
from lingxi.errors import (
    SensitiveWord as Refused,
)
from lingxi.events.models import Event
from tests.factories import AgentFactory, ConversationFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return ConversationFactory(state="offline", customer__name="")


@pytest.fixture
def visitor(conversation):
    return Visitor(conversation.customer_id, conversation.channel_id)


@pytest.fixture
def agent(conversation):
    return AgentFactory(ready=True, groups=[conversation.group])


def left(visitor, text="周末发货吗", **said):
    return offline.leave_message(visitor, **{"phone": "13812345678", "text": text, **said})


def test_it_works(visitor, conversation):
    boss = UserFactory(role="supervisor", scope="all")
    message = left(visitor, name=" 王先生 ", email="wang@example.com")
    assert (message.name, message.state) == ("王先生", "new")
    assert (message.conversation, message.group) == (conversation, conversation.group)
    event = Event.objects.get(type="offline_message.created")
    assert event.payload["phone"] == "138****5678"
    assert event.conversation_id == conversation.id
    assert Notice.objects.get().user == boss


def test_the_words_stand_in_the_conversation_too(visitor, conversation):
    left(visitor)
    [said] = Message.objects.filter(conversation=conversation, kind=MessageKind.MESSAGE)
    assert (said.text, said.author_type) == ("周末发货吗", "visitor")
    conversation.refresh_from_db()
    assert conversation.waiting_since is not None


def test_later_texts_are_added_and_it_is_to_be_handled_again(visitor, agent):
    first = left(visitor)
    OfflineMessage.objects.update(state=OfflineMessageState.HANDLED)
    again = left(visitor, "还有，能开发票吗", phone="", email="wang@example.com")
    assert again.pk == first.pk
    assert again.text == "周末发货吗\n\n还有，能开发票吗"
    assert (again.phone, again.email) == ("13812345678", "wang@example.com")
    assert again.state == OfflineMessageState.NEW
    assert Event.objects.filter(type="offline_message.created").count() == 1


def test_without_an_open_conversation_it_is_kept_for_the_channels_group(visitor, conversation):
    conversation.state = "closed"
    conversation.save()
    message = left(visitor)
    assert (message.conversation, message.group) == (None, conversation.channel.group)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": ""}, Invalid),
        ({"text": " \n"}, Invalid),
        ({"text": "长" * 5001}, TooLong),
        ({"phone": "", "email": ""}, Invalid),
        ({"phone": "打我电话"}, Invalid),
        ({"phone": "1" * 33}, TooLong),
        ({"email": "wang@"}, Invalid),
        ({"name": "长" * 81}, TooLong),
        ({"name": "王\u202e"}, Invalid),
    ],
)
def test_nonsense_is_refused(visitor, said, error):
    with pytest.raises(error):
        left(visitor, **said)
    assert not OfflineMessage.objects.exists()
    assert not Message.objects.exists()


def test_who_is_known_need_not_say_how_to_reach_them(visitor, conversation):
    conversation.customer.phone = "13812345678"
    conversation.customer.save()
    assert left(visitor, phone="").phone == ""


def test_all_texts_together_have_a_limit(visitor):
    left(visitor, "长" * 4000)
    with pytest.raises(TooLong):
        left(visitor, "长" * 1000)


def test_blocked_and_merged_visitors_leave_nothing(visitor, conversation, agent):
    blocklist.block(conversation.customer, "骚扰", 1, agent.user)
    with pytest.raises(Blocked):
        left(visitor)
    other = CustomerFactory(merged_into=CustomerFactory())
    with pytest.raises(TokenExpired):
        left(Visitor(other.id, visitor.channel_id))


def test_sensitive_words_count_here_too(visitor):
    SensitiveWord.objects.create(word="坏蛋", action="mask")
    block = SensitiveWord.objects.create(word="发票", action="block")
    try:
        message = left(visitor, "你坏蛋")
        assert message.text == "你**"
        assert SensitiveHit.objects.get().message_id == message.id
        with pytest.raises(Refused):
            left(visitor, "代开发票")
    finally:
        block.delete()
        moderation.stale()


def test_ten_an_hour_and_no_more(visitor):
    for number in range(10):
        left(visitor, f"第 {number} 条")
    with pytest.raises(RateLimited):
        left(visitor, "第 11 条")


def test_handling_ends_what_waits_offline(visitor, conversation, agent):
    message = left(visitor)
    done = offline.handle(message.id, agent.user, " 已电话答复 ")
    assert (done.state, done.remark, done.handled_by) == ("handled", "已电话答复", agent)
    conversation.refresh_from_db()
    assert conversation.state == "closed"
    last = Message.objects.filter(conversation=conversation).latest("seq")
    assert last.content["reason"] == "offline_message_handled"
    assert "已电话答复" not in str(last.content)


@pytest.mark.parametrize("state", ["queued", "serving"])
def test_handling_leaves_alone_who_is_served_or_waits_for_it(state):
    conversation = ConversationFactory(state=state)
    message = left(Visitor(conversation.customer_id, conversation.channel_id))
    offline.handle(message.id, UserFactory(role="supervisor", scope="all"))
    conversation.refresh_from_db()
    assert conversation.state == state


def test_twice_is_a_conflict(visitor, agent):
    message = left(visitor)
    offline.handle(message.id, agent.user)
    with pytest.raises(Conflict):
        offline.handle(message.id, AgentFactory(groups=[message.group]).user)


def test_others_groups_messages_do_not_exist(visitor):
    message = left(visitor)
    stranger = AgentFactory()
    with pytest.raises(NotFound):
        offline.handle(message.id, stranger.user)
    with pytest.raises(NotFound):
        offline.contact(message.id, stranger.user, stranger)


@pytest.mark.parametrize("role", ["inspector", "auditor", "partner"])
def test_who_may_not_handle(visitor, role):
    with pytest.raises(Forbidden):
        offline.handle(left(visitor).id, UserFactory(role=role, scope="all"))


def test_contacting_takes_the_conversation_up(visitor, conversation, agent):
    found = offline.contact(left(visitor).id, agent.user, agent)
    assert (found.state, found.agent) == ("serving", agent)
    assert OfflineMessage.objects.get().state == OfflineMessageState.NEW


def test_what_is_over_or_taken_cannot_be_taken_up(visitor, conversation, agent):
    message = left(visitor)
    other = AgentFactory(ready=True, groups=[conversation.group])
    offline.contact(message.id, other.user, other)
    with pytest.raises(Conflict):
        offline.contact(message.id, agent.user, agent)
    conversation.refresh_from_db()
    conversation.state = "closed"
    conversation.save()
    with pytest.raises(Conflict):
        offline.contact(message.id, agent.user, agent)
