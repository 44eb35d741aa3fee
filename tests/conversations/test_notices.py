"""Notices: who is told, what the bell shows, and that the open sockets hear."""

import datetime as dt

import pytest
from channels.db import database_sync_to_async as in_db
from django.db import transaction
from django.test import Client
from django.utils import timezone
from guardian.shortcuts import assign_perm

from conversations.models import Notice
from conversations.notices import mark_read, newest_of, notify, supervisors_of_group, unread_of
from conversations.principals import agent_token
from lingxi.access.models import Role, Scope
from tests.factories import AgentFactory, ConversationFactory, SkillGroupFactory, UserFactory
from tests.sockets import Socket

pytestmark = pytest.mark.django_db


def supervisor(scope=Scope.GROUP, group=None, **kwargs):
    user = UserFactory(role=kwargs.pop("role", Role.SUPERVISOR), scope=scope, **kwargs)
    if group is not None:
        assign_perm("supervise_skillgroup", user, group)
    return user


def bell(user, path="/workbench/notices/", **data):
    client = Client()
    client.force_login(user)
    return client.post(path, data) if data or path.endswith("read/") else client.get(path)


def test_each_person_is_told_once():
    one, two = UserFactory(), UserFactory()
    notify([one, two, one], "排队超过 3 分钟", "/floor/")
    assert [notice.text for notice in newest_of(one)] == ["排队超过 3 分钟"]
    assert (unread_of(one), unread_of(two)) == (1, 1)


def test_without_a_url_it_leads_to_the_conversation():
    user, conversation = UserFactory(), ConversationFactory()
    (notice,) = notify([user], "命中敏感词", conversation=conversation)
    assert notice.url == f"/workbench/?c={conversation.pk}"


def test_a_text_too_long_is_cut_not_refused():
    (notice,) = notify([UserFactory()], "长" * 500)
    assert notice.text == "长" * 300


def test_telling_nobody_is_no_error():
    assert notify([], "没有人") == []


def test_the_supervisors_of_a_group_are_its_own_and_those_of_everything():
    group, other = SkillGroupFactory(), SkillGroupFactory()
    own, everywhere = supervisor(group=group), supervisor(Scope.ALL)
    supervisor(group=other)
    supervisor()  # of no group
    supervisor(group=group, is_active=False)
    supervisor(group=group, role=Role.AGENT)  # the right without the role
    supervisor(Scope.ALL, role=Role.ADMIN)
    assert supervisors_of_group(group) == [own, everywhere]


def test_where_there_is_no_supervisor_the_admins_answer():
    admin = supervisor(Scope.ALL, role=Role.ADMIN)
    assert supervisors_of_group(SkillGroupFactory()) == [admin]


def test_reading_one_leaves_the_others():
    user = UserFactory()
    first, _ = notify([user], "一")[0], notify([user], "二")[0]
    response = bell(user, "/workbench/notices/read/", notice=str(first.pk))
    assert response.context["unread"] == 1
    assert bell(user, "/workbench/notices/read/").context["unread"] == 0


def test_nobody_reads_for_another():
    user, stranger = UserFactory(), UserFactory()
    (notice,) = notify([user], "一")
    assert mark_read(stranger, notice.pk) == 0
    assert bell(stranger, "/workbench/notices/read/", notice=str(notice.pk)).status_code == 200
    assert unread_of(user) == 1
    assert "一" not in bell(stranger).content.decode()


def test_a_notice_that_is_no_id_is_refused():
    assert bell(UserFactory(), "/workbench/notices/read/", notice="x").status_code == 404


def test_old_ones_are_shown_no_more():
    user = UserFactory()
    notify([user], "旧")
    Notice.objects.update(created_at=timezone.now() - dt.timedelta(days=31))
    assert (newest_of(user), unread_of(user)) == ([], 0)


def test_markup_in_a_notice_stays_text():
    user = UserFactory()
    notify([user], "<b>粗</b>")
    assert "&lt;b&gt;粗" in bell(user).content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_open_socket_of_the_person_hears_and_no_other():
    agent, other = await in_db(_ready)(), await in_db(_ready)()
    async with (
        Socket("/ws/agent", await in_db(agent_token)(agent.user)) as mine,
        Socket("/ws/agent", await in_db(agent_token)(other.user)) as theirs,
    ):
        await in_db(_told)(agent.user)
        assert (await mine.expect("notice"))["t"] == "notice"
        with pytest.raises(TimeoutError):
            await theirs.expect("notice", 0.3)


def _ready():
    return AgentFactory(ready=True)


def _told(user):
    with transaction.atomic():
        notify([user], "请批准小休")
