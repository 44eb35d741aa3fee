"""The widget in Chromium, on the demo page, against the real web process."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from conversations.models import Attachment, Message, Rating
from tests.browser.conftest import Live
from tests.factories import ChannelFactory

STORED = re.compile("queued|dispatched|delivered|read")


@pytest.fixture
def shop(live: Live, page: Page) -> Page:
    """The demo page, the widget open."""
    ChannelFactory(key="demo-web", name="官网", greeting="您好，山野茶铺")
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    return page


def say(page: Page, text: str) -> None:
    """Type and press Enter."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def png() -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "#8fb7b0").save(file, "PNG")
    return file.getvalue()


def last_status(page: Page) -> Locator:
    """The delivery mark of the newest message of one's own."""
    return page.get_by_test_id("message-status").last


def stored() -> list[str]:
    """What the database has, in order."""
    rows = Message.objects.filter(kind="message").order_by("seq")
    return [row.content.get("text", row.content["type"]) for row in rows]


def shown(page: Page) -> list[str]:
    """What the visitor sees of their own words."""
    return page.locator("[data-author=visitor] .bubble.text").all_inner_texts()


def test_talks_through_a_restart_and_a_reload(shop: Page, live: Live) -> None:
    say(shop, "你好")
    expect(last_status(shop)).to_have_attribute("data-status", STORED)
    live.kill()
    say(shop, "断线时说的第一句")
    say(shop, "断线时说的第二句")
    expect(shop.get_by_test_id("connection")).to_be_visible()
    expect(last_status(shop)).to_have_attribute("data-status", re.compile("pending|sending"))
    live.start("web")
    expect(last_status(shop)).to_have_attribute("data-status", STORED, timeout=45_000)
    expect(shop.get_by_test_id("connection")).to_be_hidden()
    words = ["你好", "断线时说的第一句", "断线时说的第二句"]
    assert stored() == words
    assert shown(shop) == words
    shop.reload()
    expect(shop.get_by_test_id("panel")).to_be_visible()
    expect(shop.locator("[data-author=visitor]")).to_have_count(3)
    assert shown(shop) == words


def test_works_where_websockets_are_blocked(live: Live, page: Page) -> None:
    ChannelFactory(key="demo-web")
    close: Callable[[WebSocketRoute], None] = lambda socket: socket.close()  # noqa: E731
    page.route_web_socket(re.compile("/ws/visitor"), close)
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    say(page, "走 HTTP")
    say(page, "第二句")
    expect(last_status(page)).to_have_attribute("data-status", STORED, timeout=30_000)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-transport", "http")
    assert stored() == ["走 HTTP", "第二句"]


def test_picture_is_uploaded_and_shown_again_after_a_reload(shop: Page) -> None:
    files = [{"name": "裂纹.png", "mimeType": "image/png", "buffer": png()}]
    shop.get_by_test_id("file-input").set_input_files(files)  # type: ignore[arg-type]
    expect(last_status(shop)).to_have_attribute("data-status", STORED)
    assert Attachment.objects.count() == 1
    shop.reload()
    picture = shop.get_by_test_id("image").locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    shop.get_by_test_id("image").click()
    expect(shop.get_by_test_id("lightbox")).to_be_visible()
    shop.keyboard.press("Escape")
    expect(shop.get_by_test_id("lightbox")).to_have_count(0)


def test_markup_in_a_message_stays_text(shop: Page) -> None:
    said = "<img src=x onerror=\"document.title='xss'\"> https://example.com/a?b=1"
    say(shop, said)
    expect(last_status(shop)).to_have_attribute("data-status", STORED)
    bubble = shop.locator("[data-author=visitor] .bubble")
    assert bubble.inner_text() == said
    assert bubble.locator("img").count() == 0
    assert bubble.locator("a").get_attribute("href") == "https://example.com/a?b=1"


def test_ends_is_rated_and_starts_anew(shop: Page) -> None:
    say(shop, "问题解决了")
    expect(last_status(shop)).to_have_attribute("data-status", STORED)
    shop.get_by_test_id("end").click()
    shop.get_by_test_id("end-confirm").click()
    shop.get_by_test_id("rating-stars").locator("[data-score='5']").click()
    shop.get_by_test_id("resolved-yes").click()
    shop.get_by_test_id("rating-comment").fill("很耐心")
    shop.get_by_test_id("rating-submit").click()
    expect(shop.get_by_test_id("thanks")).to_be_visible()
    rating = Rating.objects.get()
    assert (rating.score, rating.resolved, rating.comment) == (5, True, "很耐心")
    shop.get_by_test_id("restart").click()
    say(shop, "还有一个问题")
    expect(last_status(shop)).to_have_attribute("data-status", STORED)
    expect(shop.locator("[data-author=visitor]")).to_have_count(1)
    assert Message.objects.values("conversation").distinct().count() == 2


def test_on_a_site_of_another_origin(live: Live, page: Page) -> None:
    site = live.url.replace("127.0.0.1", "localhost")
    ChannelFactory(key="demo-web", allowed_origins=[site])
    page.goto(f"{site}/healthz")  # any page of that origin; the tag comes from 127.0.0.1
    page.evaluate(
        """src => {
          const tag = document.createElement("script");
          Object.assign(tag, { async: true, src });
          tag.dataset.channel = "demo-web";
          document.head.append(tag);
        }""",
        f"{live.url}/widget.js",
    )
    page.get_by_test_id("launcher").click()
    say(page, "从别的网站来")
    expect(last_status(page)).to_have_attribute("data-status", STORED)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-transport", "ws")
    assert stored() == ["从别的网站来"]
