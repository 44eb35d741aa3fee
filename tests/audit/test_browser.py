"""The archive in a real browser, with scripts and without."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from audit.archive.indexing import index_conversations
from conversations.models import Conversation
from tests import factories
from tests.browser.conftest import (  # noqa: F401 - fixtures
    Live,
    NewPage,
    browser,
    live,
    new_page,
)


@pytest.fixture
def person(transactional_db: None) -> Any:
    for n in range(70):
        factories.MessageFactory(content={"type": "text", "text": f"包装不错，第{n}件"})
    index_conversations(Conversation.objects.values_list("pk", flat=True))
    user = factories.UserFactory(username="leader", role="supervisor", scope="all")
    # The server under test knows the real hashers only.
    user.password = make_password(factories.PASSWORD, hasher="pbkdf2_sha256")
    user.save()
    return user


def log_in(page: Page, live: Live) -> None:  # noqa: F811
    page.goto(f"{live.url}/login/?next=/archive/")
    page.fill("[name=username]", "leader")
    page.fill("[name=password]", factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.url}/archive/")


def test_searching_while_typing(person: Any, live: Live, new_page: NewPage) -> None:  # noqa: F811
    page = new_page()
    log_in(page, live)
    page.wait_for_load_state("load")
    page.locator("#id_q").blur()  # it has the focus from the start, and then "/" is a character
    page.keyboard.press("/")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type("第69件")
    expect(page.locator("mark")).to_have_count(1)
    page.wait_for_url(re.compile(r"/archive/\?q="))
    page.fill("#id_q", "不错")
    expect(page.locator("mark")).to_have_count(50)
    page.get_by_test_id("archive-more").click()
    expect(page.locator("mark")).to_have_count(70)
    # Leaving the search box for a result of the second page must not search again first.
    page.locator(".found-line").nth(65).click()
    page.wait_for_url(re.compile(r"/archive/[0-9a-f-]{36}/"))
    expect(page.locator(":target mark")).to_have_text("不错")
    page.locator("[data-back]").click()
    page.wait_for_url(re.compile(r"/archive/\?q="))
    expect(page.locator("#id_q")).to_have_value("不错")


@pytest.mark.parametrize("width", [390, 1440])
def test_without_scripts(
    person: Any,
    live: Live,  # noqa: F811
    new_page: NewPage,  # noqa: F811
    width: int,
) -> None:
    page = new_page(width=width, java_script_enabled=False)
    log_in(page, live)
    page.fill("#id_q", "不错")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_count(50)
    with page.expect_navigation():  # a whole page is loaded, which may take longer than a look
        page.get_by_test_id("archive-more").click()
    expect(page.locator("mark")).to_have_count(20)
    page.fill("#id_q", "错")
    page.get_by_test_id("archive-submit").click()
    expect(page.get_by_test_id("archive-error")).to_contain_text("至少输入两个")


def test_nothing_is_wider_than_a_phone(
    person: Any,
    live: Live,  # noqa: F811
    new_page: NewPage,  # noqa: F811
) -> None:
    customer = factories.CustomerFactory(name="超长姓名" * 19)
    conversation = factories.ConversationFactory(customer=customer)
    long = {"type": "text", "text": "https://example.com/" + "x" * 400 + " 不错"}
    factories.MessageFactory(conversation=conversation, content=long)
    index_conversations([conversation.pk])
    page = new_page(width=390, height=844)
    log_in(page, live)
    for path in ("/archive/", "/archive/?q=不错", "/archive/?q=错", f"/archive/{conversation.pk}/"):
        page.goto(live.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
