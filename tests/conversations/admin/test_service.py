"""接待设置 in admin."""

import pytest
from django.urls import reverse

from conversations import service
from conversations.models import ServiceSettings
from tests.factories import SkillGroupFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:conversations_servicesettings_add")


def filled(group, **changes):
    values = {
        "group": str(group.pk),
        "welcome_text": "您好，我是{agent}",
        "idle_reminder_seconds": 180,
        "idle_reminder_text": "还在吗？",
        "idle_end_seconds": 300,
        "idle_end_text": "再见",
        "offline_text": "请留言",
        "warn_waiting_seconds": 120,
        "warn_unanswered_seconds": 180,
    }
    return values | changes


def test_a_supervisor_sets_their_group(supervisor, group):
    assert service.settings_of(group.pk).idle_reminder_seconds == 0
    assert supervisor.get(ADD).status_code == 200
    assert supervisor.post(ADD, filled(group)).status_code == 302
    assert service.settings_of(group.pk).idle_reminder_seconds == 180  # at once


def test_not_another_group(supervisor):
    other = SkillGroupFactory()
    assert supervisor.post(ADD, filled(other)).status_code == 200
    ServiceSettings.objects.create(group=other)
    page = reverse("admin:conversations_servicesettings_change", args=[other.pk])
    assert supervisor.get(page).status_code == 302
    assert not ServiceSettings.objects.filter(idle_reminder_seconds=180).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"idle_reminder_seconds": 0},  # an end without a reminder
        {"idle_reminder_text": " "},
        {"idle_reminder_seconds": -1},
        {"idle_end_seconds": 24 * 3600 + 1},
        {"welcome_text": "长" * 501},
    ],
)
def test_nonsense_is_refused(supervisor, group, changes):
    assert supervisor.post(ADD, filled(group, **changes)).status_code == 200
    assert not ServiceSettings.objects.exists()


def test_the_page_of_a_group_keeps_the_group(supervisor, group):
    ServiceSettings.objects.create(group=group)
    page = reverse("admin:conversations_servicesettings_change", args=[group.pk])
    assert supervisor.get(page).status_code == 200
    said = filled(SkillGroupFactory(), wrap_up_required="on")
    assert supervisor.post(page, said).status_code == 302
    row = ServiceSettings.objects.get()
    assert (row.group, row.wrap_up_since is None) == (group, False)
    del said["wrap_up_required"]
    supervisor.post(page, said)
    assert ServiceSettings.objects.get().wrap_up_since is None
