"""The admin: who enters, what they see there, and what saving does."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm

from conversations.models import Channel, Conversation, Customer, Message
from lingxi.access.models import Role, Scope
from lingxi.access.permissions import PERMISSIONS, can
from lingxi.admin_fields import CommaField, LinesField
from routing.models import SkillGroup
from tests.admin_forms import add_row, errors_of, filled
from tests.factories import (
    AgentFactory,
    BreakRequestFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    QuickReplyFactory,
    RatingFactory,
    RosterEntryFactory,
    SkillGroupFactory,
    SpecialDayFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGES = [
    "conversations_conversation",
    "conversations_message",
    "conversations_customer",
    "conversations_rating",
    "conversations_channel",
    "conversations_quickreply",
    "conversations_quickreplycategory",
    "conversations_block",
    "conversations_sensitiveword",
    "conversations_sensitivehit",
    "conversations_servicesettings",
    "conversations_offlinemessage",
    "conversations_wrapupcategory",
    "conversations_wrapup",
    "conversations_invitation",
    "routing_skillgroup",
    "routing_agent",
    "routing_workitem",
    "routing_businesshours",
    "routing_shift",
    "routing_rosterentry",
    "routing_breakreason",
    "routing_breakrequest",
    "auth_user",
    "fields_schema",
    "events_event",
    "events_failedhandling",
    "integrations_endpoint",
    "integrations_delivery",
]
ADMIN_ONLY = {name for name in PAGES if name.startswith(("auth", "events", "integrations"))}


def logged_in(**kwargs):
    client = Client()
    client.force_login(UserFactory(**kwargs))
    return client


@pytest.fixture
def administrator():
    return logged_in(role=Role.ADMIN, scope=Scope.ALL)


def some_of_everything():
    conversation = ConversationFactory(state="closed")
    MessageFactory(conversation=conversation, content={"type": "text", "text": "<b>退款</b>"})
    RatingFactory(conversation=conversation)
    QuickReplyFactory()
    SpecialDayFactory()
    RosterEntryFactory()
    BreakRequestFactory()
    return conversation


def test_every_list_opens_for_an_administrator(administrator):
    some_of_everything()
    for page in PAGES:
        assert administrator.get(reverse(f"admin:{page}_changelist")).status_code == 200, page
    assert administrator.get(reverse("admin:index")).status_code == 200


def test_every_row_opens_for_an_administrator(administrator):
    some_of_everything()
    AgentFactory()
    for model, model_admin in admin.site._registry.items():
        row = model_admin.get_queryset(_request(administrator)).first()
        if row is None or model._meta.app_label == "auditlog":
            continue
        url = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]
        )
        assert administrator.get(url).status_code == 200, url


def _request(client):
    request = client.get(reverse("admin:index")).wsgi_request
    assert can(request.user, "admin.use")
    return request


def test_the_theme_speaks_chinese(administrator):
    text = administrator.get(reverse("admin:conversations_conversation_changelist")).text
    assert "上一页" in text
    assert "Type to search" not in text
    assert "Customer" not in text


def test_text_of_visitors_is_escaped(administrator):
    conversation = some_of_everything()
    page = administrator.get(
        reverse("admin:conversations_conversation_change", args=[conversation.pk])
    )
    assert "&lt;b&gt;退款&lt;/b&gt;" in page.text
    assert "<b>退款</b>" not in page.text


@pytest.mark.parametrize("role", [Role.AGENT, Role.INSPECTOR, Role.AUDITOR, Role.PARTNER, None])
def test_only_leaders_enter(role):
    client = logged_in(role=role, scope=Scope.ALL)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_the_staff_flag_alone_opens_nothing():
    client = logged_in(role=None, is_staff=True)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_a_superuser_enters_without_a_role():
    client = logged_in(role=None, is_superuser=True)
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_deactivated_superuser_does_not():
    user = UserFactory(role=None, is_superuser=True, is_active=False)
    assert not admin.site.has_permission(type("Request", (), {"user": user}))


def test_strangers_go_to_the_log_in_page():
    response = Client().get(reverse("admin:routing_agent_changelist"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("login"))


def test_whoever_may_use_the_admin_may_see_sensitive_values():
    # The admin shows values in plain; this is what it relies on.
    assert PERMISSIONS["admin.use"] <= PERMISSIONS["sensitive.view"]


def supervisor_of(*groups):
    user = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP)
    for group in groups:
        assign_perm("routing.supervise_skillgroup", user, group)
    client = Client()
    client.force_login(user)
    return client


def test_a_supervisor_sees_the_rows_of_own_groups():
    mine, other = ChannelFactory(), ChannelFactory()
    ConversationFactory(channel=mine, customer__name="我组客户")
    ConversationFactory(channel=other, customer__name="别组客户")
    client = supervisor_of(mine.group)
    for page in ("conversations_conversation", "conversations_customer"):
        text = client.get(reverse(f"admin:{page}_changelist")).text
        assert "我组客户" in text
        assert "别组客户" not in text
    for page in ("conversations_channel", "routing_skillgroup", "routing_workitem"):
        text = client.get(reverse(f"admin:{page}_changelist")).text
        assert mine.group.name in text
        assert other.group.name not in text
    url = reverse("admin:conversations_channel_change", args=[other.pk])
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("page", sorted(ADMIN_ONLY))
def test_a_supervisor_does_not_manage_people_or_events(page):
    client = supervisor_of(SkillGroupFactory())
    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 403
    assert reverse(f"admin:{page}_changelist") not in client.get(reverse("admin:index")).text


def test_a_supervisor_cannot_move_a_channel_to_a_group_out_of_sight():
    channel, other = ChannelFactory(), SkillGroupFactory()
    client = supervisor_of(channel.group)
    response = client.post(
        reverse("admin:conversations_channel_change", args=[channel.pk]),
        channel_form(channel, group=str(other.pk)),
    )
    assert response.status_code == 200
    channel.refresh_from_db()
    assert channel.group_id != other.pk


def channel_form(channel, **changes):
    return {
        "name": channel.name,
        "key": channel.key,
        "kind": channel.kind,
        "group": str(channel.group_id),
        "is_active": "on",
        "title": channel.title,
        "brand_color": channel.brand_color,
        "greeting": "",
        "allowed_origins": "",
        "identity_secret": "",
        **changes,
    }


def test_origins_are_lines(administrator):
    channel = ChannelFactory()
    url = reverse("admin:conversations_channel_change", args=[channel.pk])
    lines = "https://a.example.com\r\n\r\n https://b.example.com:8443 \r\nhttps://a.example.com"
    assert administrator.post(url, channel_form(channel, allowed_origins=lines)).status_code == 302
    channel = Channel.objects.get()
    assert channel.allowed_origins == ["https://a.example.com", "https://b.example.com:8443"]
    text = administrator.get(url).text
    assert "https://a.example.com\nhttps://b.example.com:8443</textarea>" in text


def test_an_origin_with_a_path_is_refused(administrator):
    channel = ChannelFactory()
    url = reverse("admin:conversations_channel_change", args=[channel.pk])
    response = administrator.post(
        url, channel_form(channel, allowed_origins="https://a.example.com/shop")
    )
    assert "不是有效的来源" in response.text


def test_the_channel_page_shows_the_tag(administrator):
    channel = ChannelFactory(key="my-shop")
    text = administrator.get(reverse("admin:conversations_channel_change", args=[channel.pk])).text
    assert "http://testserver/widget.js" in text
    assert "data-channel=&quot;my-shop&quot;" in text


def test_tags_are_a_comma_list(administrator):
    customer = ConversationFactory().customer
    url = reverse("admin:conversations_customer_change", args=[customer.pk])
    data = {"name": "王五", "phone": "", "email": "", "level": "金卡", "remark": ""}
    forms = {
        f"{name}-{key}_FORMS": "0"
        for name in ("identities", "page_views")
        for key in ("TOTAL", "INITIAL")
    }
    response = administrator.post(url, {**data, **forms, "tags": "重要, 复购，重要、投诉"})
    assert response.status_code == 302
    assert Customer.objects.get().tags == ["重要", "复购", "投诉"]


def test_conversations_and_messages_cannot_be_changed(administrator):
    conversation = some_of_everything()
    for name, pk in [
        ("conversation", conversation.pk),
        ("message", Message.objects.get().pk),
    ]:
        assert administrator.get(reverse(f"admin:conversations_{name}_add")).status_code == 403
        for page in ("change", "delete"):
            url = reverse(f"admin:conversations_{name}_{page}", args=[pk])
            assert administrator.post(url, {"post": "yes"}).status_code == 403
    assert Conversation.objects.count() == Message.objects.count() == 1


def test_a_whole_id_finds_the_conversation(administrator):
    conversation, other = ConversationFactory(), ConversationFactory()
    url = reverse("admin:conversations_conversation_changelist")
    text = administrator.get(url, {"q": str(conversation.pk)}).text
    assert str(conversation.pk) in text
    assert str(other.pk) not in text


def agent_page(agent):
    return reverse("admin:routing_agent_change", args=[agent.pk])


def test_more_capacity_serves_who_waits(administrator, django_capture_on_commit_callbacks):
    group = SkillGroupFactory()
    agent = AgentFactory(ready=True, groups=[group], capacity=1)
    ConversationFactory(state="serving", channel__group=group, agent=agent)
    waiting = ConversationFactory(channel__group=group)
    data = filled(administrator, agent_page(agent), capacity=2)
    with django_capture_on_commit_callbacks(execute=True):
        response = administrator.post(agent_page(agent), data)
    assert response.status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.agent_id) == ("serving", agent.pk)


def group_page(group):
    return reverse("admin:routing_skillgroup_change", args=[group.pk])


def test_a_new_member_serves_who_waits(administrator, django_capture_on_commit_callbacks):
    waiting = ConversationFactory()
    agent = AgentFactory(ready=True)
    url = group_page(waiting.group)
    data = add_row(filled(administrator, url), "membership_set", agent=agent.pk, level=50, weight=1)
    with django_capture_on_commit_callbacks(execute=True):
        assert errors_of(administrator.post(url, data)) == ""
    waiting.refresh_from_db()
    assert waiting.agent_id == agent.pk


def test_supervisors_are_set_on_the_group(administrator):
    group = SkillGroupFactory()
    boss, agent = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP), UserFactory()
    url = group_page(group)
    data = filled(administrator, url)
    assert errors_of(administrator.post(url, {**data, "supervisors": [boss.pk]})) == ""
    assert boss.has_perm("routing.supervise_skillgroup", group)
    assert administrator.post(url, {**data, "supervisors": [agent.pk]}).status_code == 200
    assert administrator.post(url, {**data, "supervisors": []}).status_code == 302
    boss = get_user_model().objects.get(pk=boss.pk)
    assert not boss.has_perm("routing.supervise_skillgroup", group)


def test_a_supervisor_does_not_appoint_supervisors():
    group = SkillGroupFactory()
    friend = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP)
    client = supervisor_of(group)
    data = filled(client, group_page(group), supervisors=[friend.pk])
    assert client.post(group_page(group), data).status_code == 302
    assert not friend.has_perm("routing.supervise_skillgroup", group)
    assert SkillGroup.objects.visible_to(friend).count() == 0


def test_groups_out_of_sight_are_kept():
    mine, other = SkillGroupFactory(), SkillGroupFactory()
    agent = AgentFactory(groups=[mine, other])
    client = supervisor_of(mine)
    data = filled(client, agent_page(agent))
    assert data["membership_set-TOTAL_FORMS"] == "1"
    data["membership_set-0-DELETE"] = "on"
    assert errors_of(client.post(agent_page(agent), data)) == ""
    assert list(agent.groups.all()) == [other]


def user_form(user, role, scope="all", **changes):
    assignment = getattr(user, "role_assignment", None)
    return {
        "username": user.username,
        "first_name": user.first_name,
        "is_active": "on",
        "role_assignment-TOTAL_FORMS": 1,
        "role_assignment-INITIAL_FORMS": 1 if assignment else 0,
        "role_assignment-0-id": assignment.pk if assignment else "",
        "role_assignment-0-user": user.pk,
        "role_assignment-0-role": role,
        "role_assignment-0-scope": scope,
        **changes,
    }


@pytest.mark.parametrize(
    ("role", "staff"), [("supervisor", True), ("admin", True), ("auditor", False)]
)
def test_the_staff_flag_follows_the_role(administrator, role, staff):
    user = UserFactory(is_staff=not staff)
    url = reverse("admin:auth_user_change", args=[user.pk])
    assert administrator.post(url, user_form(user, role)).status_code == 302
    user.refresh_from_db()
    assert user.is_staff is staff
    assert user.role_assignment.role == role


def test_nobody_makes_themselves_a_superuser(administrator):
    user = UserFactory()
    url = reverse("admin:auth_user_change", args=[user.pk])
    administrator.post(url, user_form(user, "agent", is_superuser="on", is_staff="on"))
    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.is_staff


def test_superusers_are_out_of_an_administrators_reach(administrator):
    root = UserFactory(role=None, is_superuser=True)
    url = reverse("admin:auth_user_password_change", args=[root.pk])
    assert administrator.get(url).status_code in {302, 404}


def test_quick_replies_are_shared_or_own(administrator):
    other = QuickReplyFactory(owner=UserFactory())
    shared = QuickReplyFactory()
    text = administrator.get(reverse("admin:conversations_quickreply_changelist")).text
    assert shared.shortcut in text
    assert other.shortcut not in text


def test_list_fields_say_when_nothing_changed():
    assert not LinesField(required=False).has_changed(["a", "b"], "a\r\n b\r\n")
    assert CommaField(required=False).has_changed(["a"], "a，b")


def test_customers_without_a_visible_conversation_are_hidden():
    CustomerFactory(name="无人可见")
    client = supervisor_of(SkillGroupFactory())
    assert "无人可见" not in client.get(reverse("admin:conversations_customer_changelist")).text
