"""The page of messages left."""

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from conversations.models import OfflineMessage
from tests.factories import AgentFactory, ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("workbench:offline-messages")


@pytest.fixture
def message(channel):
    conversation = ConversationFactory(state="offline", channel=channel)
    return OfflineMessage.objects.create(
        conversation=conversation,
        customer=conversation.customer,
        channel=channel,
        group=channel.group,
        name="<b>王先生</b>",
        phone="13812345678",
        text="请回电 13987654321",
    )


def url_of(name, message):
    return reverse(f"workbench:{name}", args=[message.id])


def test_it_shows_what_was_left_masked_and_escaped(page, message):
    shown = page.get(PAGE).text
    assert "&lt;b&gt;王先生" in shown
    assert "请回电 139****4321" in shown
    assert "138****5678" in shown
    assert "13812345678" not in shown


def test_revealing_the_number_is_written_down(page, message, agent):
    assert "13812345678" in page.post(url_of("offline-reveal", message)).text
    entry = LogEntry.objects.get_for_object(message).get()
    assert (entry.actor, entry.additional_data) == (agent.user, {"revealed": "phone"})


def test_the_badge_counts_those_to_be_handled(page, message):
    desk = reverse("workbench:desk")
    assert 'data-testid="todo-left"' in page.get(desk).text
    page.post(url_of("handle", message), {"remark": "已回电"})
    assert 'data-testid="todo-left"' not in page.get(desk).text


def test_handling_moves_it_to_the_other_list(page, message):
    answer = page.post(url_of("handle", message), {"remark": "已回电"})
    assert "已回电" in answer.text
    assert "请回电" not in page.get(PAGE).text
    assert "已回电" in page.get(f"{PAGE}?state=handled").text
    assert page.post(url_of("handle", message), {}).status_code == 409


def test_contacting_takes_the_conversation_up(page, message, agent):
    assert page.post(url_of("contact", message)).json()["state"] == "serving"
    message.conversation.refresh_from_db()
    assert message.conversation.agent == agent


def test_only_the_groups_own(message):
    client = Client()
    client.force_login(AgentFactory().user)
    assert "请回电" not in client.get(PAGE).text
    for name in ("handle", "contact", "offline-reveal"):
        assert client.post(url_of(name, message)).status_code == 404


def test_who_does_not_know_the_customer_sees_what_was_left_and_no_more(page, message):
    OfflineMessage.objects.update(name="", phone="")
    message.conversation.customer.phone = "13700001111"
    message.conversation.customer.save()
    assert "137****1111" in page.get(PAGE).text  # whose conversation waits in the group
    message.conversation.state = "closed"
    message.conversation.save()
    shown = page.get(PAGE).text
    assert "137****1111" not in shown
    assert message.customer.name not in shown


def test_supervisors_without_a_desk_cannot_contact(message):
    client = Client()
    client.force_login(UserFactory(role="supervisor", scope="all"))
    assert "13812345678" in client.get(PAGE).text
    assert client.post(url_of("contact", message)).status_code == 403


def test_a_long_list_goes_on_page_by_page(page, channel):
    for number in range(31):
        conversation = ConversationFactory(channel=channel)
        OfflineMessage.objects.create(
            customer=conversation.customer,
            channel=channel,
            group=channel.group,
            text=f"第{number}条",
        )
    first = page.get(PAGE)
    oldest = first.context["cards"][-1]
    rest = page.get(f"{PAGE}?after={oldest.id}", headers={"HX-Request": "true"})
    assert (first.text.count("left-card"), rest.text.count("left-card")) == (30, 1)
    assert "第0条" in rest.text


@pytest.mark.parametrize(
    "query", ["?state=x", "?after=x", "?after=00000000-0000-0000-0000-000000000000"]
)
def test_nonsense_in_the_address_shows_the_list(page, message, query):
    assert "请回电" in page.get(PAGE + query).text
