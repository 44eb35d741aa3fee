"""Markup and script in every text a visitor can set stays text, in real Chromium, on every page.

The visitor says it all through the product's own ways, and then the rows are spoiled further than
any check lets through: pages must not rely on what was refused at the door.
"""

from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from conversations.models import Attachment, Conversation, Customer, Message, Rating
from tests import factories
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, say
from tests.browser.test_widget import STORED, last_status, png

pytestmark = pytest.mark.django_db(transaction=True)

HIT = "window.__hit=1"
IMAGE = f"<img id=injected src=x onerror={HIT}>"
LONG = (
    f"开头'\"><script>{HIT}</script>{IMAGE}<svg onload={HIT}></svg>"
    f'<iframe srcdoc="<script>parent.__hit=1</script>"></iframe><a href="javascript:{HIT}">点</a>'
    f"</textarea></title></script><b id=injected hx-get=/logout/ hx-trigger=load>"
    "{{7*7}} {% debug %} ${7*7} https://example.com/\"onmouseover='window.__hit=1' 结尾"
)
FOREIGN = (
    "#injected, img[src='x'], [onerror], [onload], [onmouseover], iframe[srcdoc],"
    " a[href^='javascript:' i], a[href^='data:' i], [hx-get='/logout/']"
)
# All elements, those in the shadows of the widget too.
FIND = """selector => {
  const found = [];
  const look = (root) => {
    for (const one of root.querySelectorAll(selector)) found.push(one.outerHTML.slice(0, 200));
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) look(one.shadowRoot);
  };
  look(document);
  return found;
}"""


def watched(page: Page, dialogs: list[str]) -> Page:
    """A page whose dialogs are noted down."""

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    return page


def is_clean(page: Page, dialogs: list[str]) -> None:
    """No element made of the visitor's words, and none of their scripts has run."""
    page.wait_for_timeout(150)  # an image that fails to load fails a moment later
    assert page.evaluate(FIND, FOREIGN) == [], page.url
    assert page.evaluate("() => window.__hit ?? null") is None, page.url
    assert dialogs == [], page.url


def reads(where: Page | Locator, text: str) -> None:
    """The words stand there to be read, as they were written."""
    expect(where.get_by_text(text, exact=False).first).to_be_attached()


class Stage:
    """A visitor who sets everything, and people who look at it."""

    def __init__(self, live: Live, new_page: NewPage) -> None:
        self.live, self.new_page, self.dialogs = live, new_page, list[str]()
        self.channel = factories.ChannelFactory(key="demo-web", name="官网")
        self.agent = factories.AgentFactory(ready=True, groups=[self.channel.group])
        self.visitor = self.page()
        self.visitor.goto(f"{live.url}/demo/?utm_source={IMAGE}#{IMAGE}")
        self.visitor.get_by_test_id("launcher").click()
        say(self.visitor, LONG)
        expect(last_status(self.visitor)).to_have_attribute("data-status", STORED)
        self.id = Conversation.objects.get().pk

    def page(self, **options: Any) -> Page:
        return watched(self.new_page(**options), self.dialogs)

    def staff(self, path: str, **user: Any) -> Page:
        """Somebody's page, logged in."""
        page = self.page()
        person = factories.UserFactory(**user) if user else self.agent.user
        log_in(page, self.live, path, person)
        return page

    def spoil(self) -> None:
        """Put markup into every column that carries a visitor's words."""
        scripts = dict.fromkeys(("referrer", "device", "os", "language", "screen"), IMAGE)
        Conversation.objects.update(
            context={"entry_page": f"javascript:{HIT}//{LONG}", "utm": {IMAGE: LONG}, **scripts},
            fields={IMAGE: LONG, "链接": f"https://example.com/\"onmouseover='{HIT}'"},
        )
        Customer.objects.update(
            name=IMAGE,
            email=f"{IMAGE}@example.com"[:254],
            phone=IMAGE[:32],
            level="<b id=injected>",
            tags=[IMAGE, {"x": LONG}],
            remark=LONG,
            fields={IMAGE: IMAGE},
            device={"device": LONG},
        )
        customer = Customer.objects.get()
        factories.IdentityFactory(customer=customer, kind="member", value=LONG[:191])
        for url in (f"javascript:{HIT}", f"data:text/html,<script>{HIT}</script>", IMAGE):
            factories.PageViewFactory(
                customer=customer, channel=self.channel, url=url, title=LONG[:200], referrer=IMAGE
            )

    def spoil_file(self) -> None:
        """A file whose name no check would have let through."""
        Attachment.objects.update(name=IMAGE)
        for row in Message.objects.filter(content__has_key="attachment"):
            row.content["name"] = IMAGE
            row.save()


@pytest.fixture
def stage(live: Live, new_page: NewPage) -> Stage:
    """The visitor has said the worst."""
    return Stage(live, new_page)


def test_the_widget(stage: Stage):
    visitor = stage.visitor
    reads(visitor, LONG[-30:])
    desk = stage.staff("/workbench/")
    desk.get_by_test_id("conversation-row").first.click()
    say(desk, LONG)
    expect(visitor.locator("[data-author=agent] .bubble")).to_have_count(1)
    is_clean(visitor, stage.dialogs)
    for name in (f"{IMAGE}.png", "../../<b id=injected>.png"):
        file = {"name": name, "mimeType": "image/png", "buffer": png()}
        visitor.get_by_test_id("file-input").set_input_files([file])  # type: ignore[arg-type]
        expect(last_status(visitor)).to_have_attribute("data-status", STORED)
    stage.spoil_file()
    stage.spoil()
    visitor.reload()
    expect(visitor.locator("[data-author=visitor]")).to_have_count(3)
    is_clean(visitor, stage.dialogs)
    visitor.get_by_test_id("end").click()
    visitor.get_by_test_id("end-confirm").click()
    visitor.get_by_test_id("rating-stars").locator("[data-score='1']").click()
    visitor.get_by_test_id("rating-comment").fill(LONG)
    visitor.get_by_test_id("rating-submit").click()
    expect(visitor.get_by_test_id("thanks")).to_be_visible()
    assert Rating.objects.get().comment == LONG
    is_clean(visitor, stage.dialogs)


def test_the_workbench(stage: Stage):
    stage.spoil()
    desk = stage.staff("/workbench/")
    desk.get_by_test_id("conversation-row").first.click()
    reads(desk.get_by_test_id("chat-log"), LONG[-30:])
    reads(desk.get_by_test_id("customer-panel"), IMAGE)
    is_clean(desk, stage.dialogs)
    stage.visitor.get_by_test_id("composer").press_sequentially(LONG[:120])
    reads(desk, LONG[:60])  # while it is being typed
    is_clean(desk, stage.dialogs)
    stage.visitor.get_by_test_id("composer").fill(LONG)
    stage.visitor.get_by_test_id("composer").press("Enter")
    expect(desk.locator("[data-testid=chat-log] [data-testid=message]")).to_have_count(2)
    is_clean(desk, stage.dialogs)  # put there by script
    file = {"name": f"{IMAGE}.png", "mimeType": "image/png", "buffer": png()}
    stage.visitor.get_by_test_id("file-input").set_input_files([file])  # type: ignore[arg-type]
    expect(desk.locator("[data-testid=chat-log] [data-testid=message]")).to_have_count(3)
    is_clean(desk, stage.dialogs)
    stage.spoil_file()
    for path in ("", "transcript/", "history/", "targets/"):
        desk.goto(f"{stage.live.url}/workbench/c/{stage.id}/{path}")
        is_clean(desk, stage.dialogs)
    desk.goto(f"{stage.live.url}/workbench/?c={stage.id}")
    expect(desk.locator("[data-testid=chat-log] [data-testid=message]")).to_have_count(3)
    is_clean(desk, stage.dialogs)  # put there by the server
    desk.goto(f"{stage.live.url}/workbench/find/?q={IMAGE}")
    reads(desk, IMAGE)
    is_clean(desk, stage.dialogs)


def rated(stage: Stage) -> None:
    """Ended and rated, with a file, and found by words."""
    from audit.archive.indexing import index_conversations
    from lingxi.events.models import Event

    conversation = Conversation.objects.get()
    factories.AttachmentFactory(conversation=conversation, customer=conversation.customer)
    factories.MessageFactory(
        conversation=conversation,
        content={
            "type": "file",
            "attachment": str(Attachment.objects.get().pk),
            "name": IMAGE,
            "size": 6,
            "media_type": "text/plain",
        },
    )
    factories.RatingFactory(conversation=conversation, comment=LONG)
    factories.MessageFactory(
        conversation=conversation, kind="rating", content={"score": 1, "comment": LONG}
    )
    stage.spoil()
    stage.spoil_file()
    Event.objects.update(payload={"text": LONG, IMAGE: LONG})
    index_conversations([conversation.pk])


def test_the_archive(stage: Stage):
    rated(stage)
    page = stage.staff("/archive/", role="supervisor", scope="all")
    reads(page, IMAGE)
    is_clean(page, stage.dialogs)
    for words in ("开头", "script", "结尾", IMAGE, LONG[:60], '"><b id=injected>'):
        page.goto(f"{stage.live.url}/archive/")
        page.locator("[name=q]").fill(words)
        page.locator("[name=q]").press("Enter")
        is_clean(page, stage.dialogs)
        page.goto(f"{stage.live.url}/archive/{stage.id}/?q={words[:20]}")
        reads(page, LONG[-30:])
        is_clean(page, stage.dialogs)
    page.goto(f"{stage.live.url}/archive/?customer={IMAGE}&since={IMAGE}&channel={IMAGE}")
    is_clean(page, stage.dialogs)


def test_the_admin(stage: Stage):
    rated(stage)
    page = stage.staff("/admin/", role="admin", scope="all")
    for app, name in (
        *(("conversations", name) for name in ("conversation", "message", "customer", "rating")),
        ("events", "event"),
        ("routing", "workitem"),
    ):
        page.goto(f"{stage.live.url}/admin/{app}/{name}/?q={IMAGE}")
        is_clean(page, stage.dialogs)
        page.goto(f"{stage.live.url}/admin/{app}/{name}/")
        is_clean(page, stage.dialogs)
        rows = page.locator("#result_list a[href*='/change/']")
        page.goto(f"{stage.live.url}{rows.first.get_attribute('href')}")
        expect(page.locator("h1, h2").first).to_be_attached()
        is_clean(page, stage.dialogs)


def test_the_control_would_notice(stage: Stage):
    """Markup that does become elements is found."""
    stage.visitor.evaluate("markup => { document.body.innerHTML += markup }", IMAGE)
    with pytest.raises(AssertionError):
        is_clean(stage.visitor, stage.dialogs)
    stage.visitor.evaluate("() => document.querySelector('#injected').remove()")
    with pytest.raises(AssertionError):
        is_clean(stage.visitor, stage.dialogs)
