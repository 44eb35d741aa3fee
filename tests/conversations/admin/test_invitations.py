"""Invitations in admin."""

import pytest
from django.urls import reverse

from conversations.models import Invitation
from tests.factories import ChannelFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:conversations_invitation_changelist")
ADD = reverse("admin:conversations_invitation_add")


def said(channel, **changes):
    values = {
        "name": "价格页",
        "channel": str(channel.pk),
        "text": "需要帮忙吗？",
        "match": "contains",
        "value": "/price",
        "after_seconds": 15,
        "again_hours": 24,
        "order": 0,
        "is_active": "on",
    }
    return values | changes


def test_it_works(supervisor, channel):
    assert supervisor.get(ADD).status_code == 200
    assert supervisor.post(ADD, said(channel)).status_code == 302
    row = Invitation.objects.get()
    assert (row.value, row.after_seconds, row.shown) == ("/price", 15, 0)
    Invitation.objects.update(shown=8, accepted=2)
    shown = supervisor.get(LIST).text
    assert "25%" in shown
    assert "包含 /price" in shown


def test_any_page_needs_no_address(administrator, channel):
    assert administrator.post(ADD, said(channel, match="any", value="x")).status_code == 302
    assert Invitation.objects.get().value == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"value": ""},
        {"match": "prefix", "value": "price"},
        {"match": "pattern", "value": "(price"},
        {"match": "pattern", "value": r"(a)\1"},  # what RE2 does not do
        {"text": ""},
        {"after_seconds": 3601},
        {"again_hours": 721},
    ],
)
def test_nonsense_is_refused(administrator, channel, changes):
    assert administrator.post(ADD, said(channel, **changes)).status_code == 200
    assert not Invitation.objects.exists()


def test_a_catastrophic_pattern_is_harmless(administrator, channel):
    said_ = said(channel, match="pattern", value=r"(a+)+$")
    assert administrator.post(ADD, said_).status_code == 302


def test_other_channels_are_out_of_sight(supervisor):
    other = ChannelFactory()
    row = Invitation.objects.create(channel=other, name="别人的", text="x")
    assert "别人的" not in supervisor.get(LIST).text
    page = reverse("admin:conversations_invitation_change", args=[row.pk])
    assert supervisor.get(page).status_code == 302
    assert supervisor.post(ADD, said(other)).status_code == 200
    assert Invitation.objects.count() == 1
