"""``make screenshots``: the README's pictures, taken from the running product.

Starts the product with demo data on a port and in a home of its own, lets a visitor and agent1
talk, and photographs widget, workbench, archive, floor, strategy, tickets and their admin at two
widths, light and dark.
``ARGS="--url http://127.0.0.1:8000"`` photographs a product that runs already.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from lingxi.serve import wait_for_web
from tests.browser import chromium
from tests.browser.conftest import ARGUMENTS, _free_port

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"1440": (1440, 900), "390": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PASSWORD = "lingxi-demo"
ASKED = "你好，蒙顶甘露今年的新茶到了吗？"
TALK = (
    ("agent", "您好，我是林晓雯。明前第一批昨天刚到，50 克罐装有现货。"),
    ("visitor", "太好了，要两罐送人，能写贺卡吗？"),
    ("agent", "可以的，下单时在备注里写上祝福语，我们手写后随礼盒寄出。"),
    ("agent", "今天 16 点前下单，当天就能从雅安发出，顺丰冷链，一般后天到。"),
    ("visitor", "那麻烦帮我看一下上一单的物流，也顺便开个发票"),
)


@contextmanager
def product() -> Iterator[str]:
    """The address of a product started for this."""
    with tempfile.TemporaryDirectory(prefix="lingxi-pictures-") as home:
        port = _free_port()
        environ = os.environ | {"LINGXI_HOME": home, "PORT": str(port)}
        command = [sys.executable, "-m", "lingxi.serve"]
        process = subprocess.Popen(command, env=environ, cwd=ROOT)
        try:
            if not wait_for_web("127.0.0.1", port, 300):
                raise SystemExit("the product did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


class Camera:
    """Opens pages and photographs them."""

    def __init__(self, browser: Browser, url: str, target: Path) -> None:
        self._browser, self._url, self._target = browser, url, target
        target.mkdir(parents=True, exist_ok=True)

    def open(self, path: str, username: str = "") -> Page:
        """A page in a profile of its own, logged in when a name is given."""
        context = self._browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            device_scale_factor=1,
            reduced_motion="reduce",
        )
        page = context.new_page()
        if username:
            page.goto(f"{self._url}/login/?next={path}")
            page.locator("input[name=username]").fill(username)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("input[name=password]").press("Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
        else:
            page.goto(self._url + path)
        return page

    def take(self, page: Page, name: str, *, again: bool = False) -> None:
        """All four pictures of a page; `again` loads those that choose their colours at load."""
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                if again:
                    page.reload()
                page.wait_for_timeout(700)
                file = self._target / f"{name}-{size}-{scheme}.png"
                page.screenshot(path=file)
                print(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def talk(visitor: Page, agent: Page) -> None:
    """A short conversation between both."""
    agent.get_by_test_id("status-switch").click()
    agent.get_by_test_id("status-ready").click()
    visitor.get_by_test_id("launcher").click()
    say(visitor, ASKED)
    row = agent.get_by_test_id("conversation-row").filter(has_text=ASKED).first
    row.click(timeout=30_000)
    for who, text in TALK:
        say(agent if who == "agent" else visitor, text)
        other = visitor if who == "agent" else agent
        expect(other.get_by_text(text).first).to_be_visible(timeout=15_000)
        visitor.wait_for_timeout(400)


def say(page: Page, text: str) -> None:
    """Type and send."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def photograph(url: str, target: Path) -> None:
    """All pictures of the product at `url`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=ARGUMENTS)
        camera = Camera(browser, url, target)
        agent = camera.open("/workbench/", "agent1")
        visitor = camera.open("/demo/")
        talk(visitor, agent)
        camera.take(visitor, "widget")
        camera.take(agent, "workbench")
        chief = camera.open("/archive/?q=退款", "supervisor")
        camera.take(chief, "archive")
        staff(camera)
        chief.goto(f"{url}/floor/")
        camera.take(chief, "floor")
        photograph_strategy(chief, camera, url)
        photograph_tickets(chief, camera, url)
        browser.close()


def staff(camera: Camera) -> None:
    """More agents come, so that the floor is alive."""
    for number in (*range(6, 10), *range(11, 15), *range(16, 19)):
        page = camera.open("/workbench/", f"agent{number}")
        page.get_by_test_id("status-switch").click()
        page.get_by_test_id("status-busy" if number % 4 == 0 else "status-ready").click()
        page.wait_for_timeout(300)


def photograph_strategy(chief: Page, camera: Camera, url: str) -> None:
    """The builder, and a trial of its draft on the last week."""
    chief.set_viewport_size({"width": 1440, "height": 900})
    chief.goto(f"{url}/admin/routing/strategy/")
    chief.get_by_role("link", name="会话路由策略").click()
    chief.get_by_test_id("rule-open").nth(1).click()
    camera.take(chief, "strategy", again=True)
    chief.get_by_test_id("simulate").click()
    chief.get_by_test_id("start").click()
    expect(chief.get_by_test_id("headline")).to_be_visible(timeout=60_000)
    camera.take(chief, "simulation", again=True)


def photograph_tickets(chief: Page, camera: Camera, url: str) -> None:
    """The list, a ticket, the board; the workflow and the form of a type."""
    chief.set_viewport_size({"width": 1440, "height": 900})
    chief.goto(f"{url}/tickets/")
    camera.take(chief, "tickets")
    chief.goto(f"{url}/tickets/?category=open")
    one = chief.locator("a[href^='/tickets/T']").first.get_attribute("href")
    chief.goto(f"{url}{one}")
    expect(chief.get_by_test_id("ticket")).to_be_visible()
    camera.take(chief, "ticket")
    chief.goto(f"{url}/tickets/board/")
    camera.take(chief, "board")
    chief.set_viewport_size({"width": 1440, "height": 900})
    chief.goto(f"{url}/admin/tickets/tickettype/")
    chief.get_by_role("link", name="退款", exact=True).first.click()
    chief.get_by_role("link", name="流程", exact=True).first.click()
    camera.take(chief, "workflow", again=True)
    chief.set_viewport_size({"width": 1440, "height": 900})
    chief.get_by_role("link", name="表单", exact=True).first.click()
    camera.take(chief, "fields", again=True)


def main() -> int:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="", help="a product that runs already")
    parser.add_argument("--target", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    if chromium.find() is None:
        print("No Chromium: run make chromium", file=sys.stderr)
        return 1
    if options.url:
        photograph(options.url.rstrip("/"), options.target)
        return 0
    with product() as url:
        photograph(url, options.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
