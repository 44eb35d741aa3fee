"""A real server on the test's database and a real Chromium before it.

``live`` runs the product's processes; ``new_page`` opens browser windows, each a visitor or an
agent of its own. The test may use models directly: server and test share database and Redis.
"""

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

from lingxi.embedded import with_database
from lingxi.serve import wait_for_web
from lingxi.supervisor import Supervisor, commands
from tests.browser import chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NewPage = Callable[..., Page]
_failed = pytest.StashKey[bool]()


class Live:
    """The product's processes: ``web`` runs from the start, the others when asked for."""

    def __init__(self, home: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        self._supervisor = Supervisor(
            commands(home, port=self.port),
            {
                "DJANGO_SETTINGS_MODULE": "lingxi.settings",
                "LINGXI_DATABASE_URL": with_database(
                    os.environ["LINGXI_DATABASE_URL"], connection.settings_dict["NAME"]
                ),
            },
            echo=lambda name, line: self.log.append(f"{name} | {line}"),
        )

    def start(self, *names: str) -> None:
        """Start processes (``web``, ``relay``, ``sender``, ``worker``)."""
        self._supervisor.start(*names)
        if "web" in names and not wait_for_web("127.0.0.1", self.port):
            raise AssertionError("the web process does not serve:\n" + "\n".join(self.log))

    def kill(self, name: str = "web", number: int = signal.SIGKILL) -> None:
        """Kill a process without giving it a chance."""
        self._supervisor.kill(name, number)

    def restart(self, name: str = "web", number: int = signal.SIGKILL) -> None:
        """Kill and start a process."""
        self.kill(name, number)
        self.start(name)

    def stop(self) -> None:
        """Stop all of them."""
        self._supervisor.stop()


@pytest.fixture
def live(transactional_db: None, tmp_path: Path) -> Iterator[Live]:
    """A web process of the product, and on demand the others."""
    server = Live(tmp_path)
    try:
        server.start("web")
        yield server
    finally:
        server.stop()
        print("\n".join(server.log[-200:]))  # pytest shows it when the test fails


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Ends with the module: its event loop must not meet those of async tests."""
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium: make test installs it")
        pytest.skip("no Chromium found; make test installs it")
    # Playwright's synchronous API runs a loop in this thread, which Django takes for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield instance
        instance.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewPage]:
    """``new_page(width=1440, height=900, **context)``: a page in a browser profile of its own.

    An uncaught error in a page's scripts fails the test, unless ``errors_allowed=True``.
    """
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(
        width: int = 1440, height: int = 900, *, errors_allowed: bool = False, **context: Any
    ) -> Page:
        options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | context
        profile = browser.new_context(viewport={"width": width, "height": height}, **options)
        page = profile.new_page()
        page.set_default_timeout(15_000)
        if not errors_allowed:
            page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        pages.append(page)
        return page

    yield open_page
    if request.node.stash.get(_failed, False):
        _keep_pictures(request.node.name, pages)
    for page in pages:
        page.context.close()
    assert not errors, "uncaught errors in scripts:\n" + "\n".join(errors)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page of 1440 × 900."""
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember failures, for the pictures."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[_failed] = True
    return report


def _keep_pictures(name: str, pages: list[Page]) -> None:
    """Save what each page showed when the test failed."""
    folder = Path(os.environ["LINGXI_HOME"]) / "failures"
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        path = folder / f"{re.sub(r'[^0-9A-Za-z_-]+', '-', name)}-{number}.png"
        page.screenshot(path=path)
        print(f"screenshot: {path}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
