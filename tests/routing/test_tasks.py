"""Wake-ups of routing."""

import pytest
from django.db import transaction

from routing import tasks
from routing.models import WorkItem
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def woken(monkeypatch):
    """The groups that workers were told of."""
    told = []
    monkeypatch.setattr(
        tasks.assign_group, "apply_async", lambda args, **more: told.append(args[0])
    )
    return told


def test_many_arrivals_of_a_group_are_one_wake_up(woken):
    first, other = factories.SkillGroupFactory(), factories.SkillGroupFactory()
    with transaction.atomic():
        for group in (first, first, first, other):
            tasks.assign_soon_on_commit(group.pk)
        assert woken == []
    assert woken == [str(first.pk), str(other.pk)]


def test_without_redis_nobody_is_hindered(monkeypatch, woken):
    def away():
        raise ConnectionError

    monkeypatch.setattr(tasks, "client", away)
    with transaction.atomic():
        tasks.assign_soon_on_commit(factories.SkillGroupFactory().pk)
    assert woken == []


def test_the_worker_gives_what_waits():
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(groups=[group], ready=True)
    talk = factories.ConversationFactory(
        channel=factories.ChannelFactory(group=group), state="queued"
    )
    assert tasks.assign_group(str(group.pk)) == 1
    assert WorkItem.objects.get(item_id=talk.pk).agent == agent
