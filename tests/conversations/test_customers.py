"""Recognising customers: who a claim opens, and whom it must not."""

import threading

import pytest
from auditlog.models import LogEntry
from django.db import connection

from conversations.customers import identify, merge, sign
from conversations.models import Conversation, Customer, Identity, Message, PageView, State
from lingxi.errors import Conflict, Forbidden, Invalid
from lingxi.events.models import Event
from tests.factories import (
    AttachmentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    IdentityFactory,
    MessageFactory,
    PageViewFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
COOKIE = "c0ffee-1234-5678-9abc-def012345678"
SECRET = "channel-secret"


@pytest.fixture
def channel():
    return ChannelFactory()


@pytest.fixture
def signed_channel():
    return ChannelFactory(identity_secret=SECRET)


def cookie(value=COOKIE):
    return {"kind": "cookie", "value": value}


class TestSecrets:
    def test_the_same_cookie_is_the_same_customer(self, channel):
        first = identify(channel, "cookie", COOKIE)
        assert identify(channel, "cookie", COOKIE) == first
        assert Customer.objects.count() == 1

    def test_another_cookie_and_no_identity_are_others(self, channel):
        made = {identify(channel, "cookie", COOKIE), identify(channel), identify(channel)}
        assert len(made) == 3

    def test_a_device_with_the_value_of_a_cookie_is_another(self, channel):
        assert identify(channel, "cookie", COOKIE) != identify(channel, "device", COOKIE)

    @pytest.mark.parametrize(
        "value",
        ["", "short", "a" * 40, "ab" * 20, "with space in the middle", "x" * 192, "1\x00" * 9],
    )
    def test_a_value_that_could_be_guessed_or_is_broken_is_refused(self, channel, value):
        with pytest.raises(Invalid) as caught:
            identify(channel, "cookie", value)
        assert "value" in caught.value.fields["identity"]
        assert not Customer.objects.exists()

    def test_an_unknown_kind_is_refused(self, channel):
        with pytest.raises(Invalid):
            identify(channel, "passport", COOKIE)

    def test_a_merged_customer_leads_to_the_one_it_was_merged_into(self, channel):
        first, second, third = (CustomerFactory() for _ in range(3))
        identity = IdentityFactory(customer=first)
        merge(first, second)
        merge(second, third)
        assert identify(channel, identity.kind, identity.value) == third
        first.refresh_from_db()
        assert first.merged_into == third


class TestSignatures:
    def test_a_signed_member_is_recognised_anywhere(self, signed_channel):
        signature = sign(SECRET, "member", "42")
        first = identify(signed_channel, "member", "42", signature)
        assert identify(signed_channel, "member", "42", signature.upper()) == first
        assert Identity.objects.get().verified

    @pytest.mark.parametrize("kind", ["member", "phone", "openid"])
    @pytest.mark.parametrize("signature", [None, "", "0" * 64, "é", sign("other", "member", "42")])
    def test_a_missing_or_wrong_signature_is_refused(self, signed_channel, kind, signature):
        with pytest.raises(Forbidden):
            identify(signed_channel, kind, "13800138000", signature)
        assert not Customer.objects.exists()

    def test_a_signature_counts_for_its_kind_and_value_only(self, signed_channel):
        with pytest.raises(Forbidden):
            identify(signed_channel, "phone", "42", sign(SECRET, "member", "42"))
        with pytest.raises(Forbidden):
            identify(signed_channel, "member", "43", sign(SECRET, "member", "42"))


class TestUnsignedClaims:
    """On a channel without a secret anybody can say anything of themselves."""

    def test_a_claim_does_not_open_a_verified_customer(self, channel, signed_channel):
        victim = identify(signed_channel, "member", "42", sign(SECRET, "member", "42"))
        assert identify(channel, "member", "42") != victim

    def test_a_claim_does_not_open_an_earlier_claimant(self, channel):
        assert identify(channel, "phone", "13800138000") != identify(
            channel, "phone", "13800138000"
        )

    def test_a_claim_does_not_lie_in_wait_for_the_real_member(self, channel, signed_channel):
        attacker = identify(channel, "member", "42", also=[cookie()])
        victim = identify(signed_channel, "member", "42", sign(SECRET, "member", "42"))
        assert victim != attacker
        assert identify(channel, "cookie", COOKIE) == attacker

    def test_a_claim_is_shown_on_the_profile_and_kept_nowhere_else(self, channel):
        customer = identify(channel, "phone", "138-0013-8000", also=[cookie()])
        assert customer.fields == {"claimed": {"phone": "13800138000"}}
        assert list(Identity.objects.values_list("kind", flat=True)) == ["cookie"]

    def test_a_claim_beside_a_cookie_keeps_the_cookies_customer(self, channel):
        first = identify(channel, "cookie", COOKIE)
        assert identify(channel, "member", "42", also=[cookie()]) == first

    def test_a_signature_on_a_channel_without_secret_proves_nothing(self, channel):
        customer = identify(channel, "member", "42", sign("", "member", "42"))
        assert not Identity.objects.exists()
        assert customer.fields["claimed"] == {"member": "42"}


class TestSigningIn:
    def test_the_anonymous_history_follows_and_the_cookie_is_retired(self, signed_channel):
        anonymous = identify(signed_channel, "cookie", COOKIE)
        conversation = ConversationFactory(customer=anonymous, channel=signed_channel)
        signature = sign(SECRET, "member", "42")
        member = identify(signed_channel, "member", "42", signature, also=[cookie()])
        conversation.refresh_from_db()
        assert conversation.customer == member
        # The next person on a shared computer has the same cookie.
        assert identify(signed_channel, "cookie", COOKIE) not in {member, anonymous}

    def test_one_member_does_not_swallow_another(self, signed_channel):
        other = identify(signed_channel, "member", "7", sign(SECRET, "member", "7"))
        Identity.objects.create(customer=other, kind="cookie", value=COOKIE)
        signature = sign(SECRET, "member", "42")
        member = identify(signed_channel, "member", "42", signature, also=[cookie()])
        assert member != other
        assert Identity.objects.get(kind="cookie").customer == other


class TestProfile:
    def test_it_fills_blanks(self, channel):
        customer = identify(channel, "cookie", COOKIE, profile={"name": "王芳", "level": "vip"})
        assert (customer.name, customer.level) == ("王芳", "")

    def test_without_a_signature_it_does_not_replace(self, channel):
        identify(channel, "cookie", COOKIE, profile={"name": "王芳"})
        assert identify(channel, "cookie", COOKIE, profile={"name": "张三"}).name == "王芳"

    def test_with_a_signature_it_does_and_may_say_the_level(self, signed_channel):
        signature = sign(SECRET, "member", "42")
        identify(signed_channel, "member", "42", signature, profile={"name": "王芳"})
        customer = identify(
            signed_channel, "member", "42", signature, profile={"name": "王小芳", "level": "vip"}
        )
        assert (customer.name, customer.level) == ("王小芳", "vip")


@pytest.mark.django_db(transaction=True)
def test_parallel_first_visits_make_one_customer():
    channel = ChannelFactory()
    found, barrier = [], threading.Barrier(6)

    def visit():
        barrier.wait()
        try:
            found.append(identify(channel, "cookie", COOKIE).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=visit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert Customer.objects.count() == 1


class TestMerge:
    def test_it_moves_everything(self):
        source, target = (
            CustomerFactory(phone="13800138000", tags=["a", "b"]),
            CustomerFactory(tags=["b"]),
        )
        closed = ConversationFactory(customer=source, state=State.CLOSED)
        IdentityFactory(customer=source)
        PageViewFactory(customer=source)
        attachment = AttachmentFactory(customer=source)
        merge(source, target, by=UserFactory(role="supervisor"))
        closed.refresh_from_db()
        attachment.refresh_from_db()
        target.refresh_from_db()
        assert closed.customer == attachment.customer == target
        assert Identity.objects.get().customer == PageView.objects.get().customer == target
        assert (target.phone, target.tags) == ("13800138000", ["b", "a"])

    def test_of_two_open_conversations_on_a_channel_the_newer_goes_on(self):
        source, target, channel = CustomerFactory(), CustomerFactory(), ChannelFactory()
        older = ConversationFactory(customer=target, channel=channel)
        newer = ConversationFactory(customer=source, channel=channel, state=State.SERVING)
        elsewhere = ConversationFactory(customer=source)
        merge(source, target)
        states = dict(Conversation.objects.values_list("id", "state"))
        assert states == {older.id: "closed", newer.id: "serving", elsewhere.id: "queued"}
        assert set(Conversation.objects.values_list("customer_id", flat=True)) == {target.pk}

    def test_a_message_sent_again_after_it_is_known(self):
        source, target = CustomerFactory(), CustomerFactory()
        message = MessageFactory(conversation=ConversationFactory(customer=source))
        merge(source, target)
        assert Message.objects.get(pk=message.pk).author_id == target.pk

    def test_it_is_audited_and_told(self):
        source, target, boss = CustomerFactory(), CustomerFactory(), UserFactory(role="supervisor")
        merge(source, target, by=boss)
        entry = LogEntry.objects.filter(object_pk=str(source.pk), actor=boss).latest("timestamp")
        assert entry.changes["merged_into"] == [None, str(target.pk)]
        assert Event.objects.filter(type="customer.merged", customer_id=target.pk).count() == 1

    def test_agents_may_not(self):
        with pytest.raises(Forbidden):
            merge(CustomerFactory(), CustomerFactory(), by=UserFactory(role="agent"))

    def test_not_with_oneself(self):
        customer = CustomerFactory()
        with pytest.raises(Invalid):
            merge(customer, customer)

    def test_not_twice(self):
        source, target = CustomerFactory(), CustomerFactory()
        merge(source, target)
        with pytest.raises(Conflict):
            merge(source, CustomerFactory())
