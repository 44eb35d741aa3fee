"""The blocklist: who is kept out, until exactly when, and who may take it back."""

import datetime as dt
from unittest import mock

import pytest
from django.utils import timezone

from conversations import blocklist
from conversations.customers import merge
from conversations.models import Block, Conversation, Customer, Message
from conversations.principals import visitor_token
from conversations.tasks import sweep
from lingxi.errors import Blocked, Conflict, Forbidden, Invalid, NotFound
from tests.conversations.api.conftest import COOKIE, Caller, refused
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    SkillGroupFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def channel():
    return ChannelFactory(key="shop", group=SkillGroupFactory())


@pytest.fixture
def customer():
    return CustomerFactory()


@pytest.fixture
def agent(channel):
    return AgentFactory(groups=[channel.group])


def test_it_works(customer, agent):
    assert not blocklist.is_blocked(customer.id)
    row = blocklist.block(customer, " 辱骂\n客服 ", 24, agent.user)
    assert blocklist.is_blocked(customer.id)
    assert (row.reason, row.created_by) == ("辱骂 客服", agent.user)
    assert row.expires_at - timezone.now() > dt.timedelta(hours=23, minutes=59)


def test_without_hours_it_is_for_good(customer, agent):
    assert blocklist.block(customer, "骚扰", None, agent.user).expires_at is None


def test_it_ends_at_the_very_moment(customer, agent):
    row = blocklist.block(customer, "骚扰", 1, agent.user)
    before = row.expires_at - dt.timedelta(microseconds=1)
    for moment, expected in ((before, True), (row.expires_at, False)):
        with mock.patch("django.utils.timezone.now", return_value=moment):
            assert blocklist.is_blocked(customer.id) is expected


def test_a_blocked_customers_conversations_end_and_say_why(customer, channel, agent):
    open_one = ConversationFactory(customer=customer, channel=channel, state="serving", agent=agent)
    other = ConversationFactory(channel=channel)
    blocklist.block(customer, "骚扰", 1, agent.user)
    open_one.refresh_from_db()
    other.refresh_from_db()
    assert (open_one.state, other.state) == ("closed", "queued")
    last = Message.objects.filter(conversation=open_one).latest("seq")
    assert last.content == {"state": "closed", "reason": "blocked"}


def test_a_blocked_customer_gets_no_session_and_no_conversation(customer, channel, agent):
    IdentityFactory(customer=customer, kind="cookie", value=COOKIE)
    blocklist.block(customer, "骚扰", 1, agent.user)
    start = {"channel": "shop", "identity": {"kind": "cookie", "value": COOKIE}}
    assert refused(Caller().post_json("visitor/sessions", start), 403, "blocked")["number"] == 4105
    visitor = Caller(visitor_token(customer, channel))
    refused(visitor.post_json("visitor/conversations", {}), 403, "blocked")
    assert not Conversation.objects.exists()


def test_a_blocked_address_gets_neither_whoever_it_is(customer, channel, agent):
    blocklist.block("203.0.113.7", "攻击", 1, agent.user)
    start = {"channel": "shop", "identity": {"kind": "cookie", "value": COOKIE}}
    refused(Caller(**HERE).post_json("visitor/sessions", start), 403, "blocked")
    visitor = Caller(visitor_token(customer, channel), **HERE)
    refused(visitor.post_json("visitor/conversations", {}), 403, "blocked")
    elsewhere = Caller(visitor_token(customer, channel), REMOTE_ADDR="203.0.113.8")
    assert elsewhere.post_json("visitor/conversations", {}).status_code == 201


def test_an_address_in_ipv6_clothes_is_the_same(agent):
    blocklist.block("::ffff:203.0.113.7", "攻击", None, agent.user)
    assert blocklist.is_blocked(None, "203.0.113.7")
    assert blocklist.is_blocked(None, "::ffff:203.0.113.7")
    assert not blocklist.is_blocked(None, "203.0.113.70")
    assert not blocklist.is_blocked(None, "")


def test_who_opened_in_the_same_moment_is_ended_by_the_sweep(customer, channel, agent):
    blocklist.block(customer, "骚扰", 1, agent.user)
    raced = ConversationFactory(customer=customer, channel=channel)
    assert sweep()["blocked"] == 1
    raced.refresh_from_db()
    assert raced.state == "closed"
    assert sweep()["blocked"] == 0


def test_a_merge_carries_the_block_over(customer, channel, agent):
    other = CustomerFactory()
    ConversationFactory(customer=other, channel=channel)
    blocklist.block(customer, "骚扰", None, agent.user)
    merge(customer, other)
    assert blocklist.is_blocked(other.id)
    assert sweep()["blocked"] == 1


@pytest.mark.parametrize(
    ("reason", "hours"), [("", 1), ("  ", 1), ("长" * 201, 1), ("好", 0), ("好", 24 * 400)]
)
def test_nonsense_is_refused(customer, agent, reason, hours):
    with pytest.raises(Invalid):
        blocklist.block(customer, reason, hours, agent.user)
    assert not Block.objects.exists()


@pytest.mark.parametrize("address", ["", "office", "203.0.113.0/24", "203.0.113.7:80"])
def test_what_is_no_address_is_refused(agent, address):
    with pytest.raises(Invalid):
        blocklist.block(address, "攻击", 1, agent.user)


def test_twice_is_refused_so_that_nobody_shortens_it(customer, agent):
    blocklist.block(customer, "骚扰", None, UserFactory(role="supervisor", scope="all"))
    with pytest.raises(Conflict):
        blocklist.block(customer, "骚扰", 1, agent.user)


def test_a_merged_customer_is_no_more(customer, agent):
    merge(customer, CustomerFactory())
    with pytest.raises(NotFound):
        blocklist.block(customer, "骚扰", 1, agent.user)


@pytest.mark.parametrize("role", ["inspector", "auditor", "partner", None])
def test_who_may_not_block(customer, role):
    with pytest.raises(Forbidden):
        blocklist.block(customer, "骚扰", 1, UserFactory(role=role, scope="all"))


def test_who_set_it_and_supervisors_lift_it(customer, agent):
    row = blocklist.block(customer, "骚扰", 1, agent.user)
    with pytest.raises(Forbidden):
        blocklist.lift(row, AgentFactory().user)
    assert blocklist.is_blocked(customer.id)
    blocklist.lift(row, agent.user)
    assert not blocklist.is_blocked(customer.id)
    row = blocklist.block(customer, "骚扰", 1, agent.user)
    blocklist.lift(row, UserFactory(role="supervisor", scope="group"))
    assert not blocklist.is_blocked(customer.id)


def test_lifting_what_has_expired_changes_nothing(customer, agent):
    past = timezone.now() - dt.timedelta(minutes=1)
    row = Block.objects.create(
        customer=customer, reason="x", created_by=agent.user, expires_at=past
    )
    assert blocklist.lift(row, agent.user).lifted_at is None


def test_blocked_is_refused_before_anything_is_written(customer, channel, agent):
    from conversations import actions
    from conversations.principals import Visitor

    blocklist.block(customer, "骚扰", 1, agent.user)
    with pytest.raises(Blocked):
        actions.open_conversation(Visitor(customer.id, channel.id), {}, {})
    assert Customer.objects.filter(pk=customer.pk).exists()
    assert not Conversation.objects.exists()
