"""Import and export in the browser, with a worker that does the job while the page looks on."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.browser.test_main_job import log_in
from tests.tickets.transfer.files import csv_of, refund_type, supervisor
from tickets.models import Ticket


@pytest.fixture
def shop(live: Live, page: Page) -> Page:
    """The import page, before a supervisor."""
    refund_type()
    live.start("worker")
    log_in(page, live, "/tickets/import/", supervisor())
    return page


def send(page: Page, data: bytes) -> None:
    file: Any = {"name": "退款.csv", "mimeType": "text/csv", "buffer": data}
    page.set_input_files("input[name=file]", files=[file])
    page.get_by_role("button", name="下一步").click()
    page.get_by_test_id("check").click()


def test_a_file_with_bad_rows_becomes_tickets(shop: Page, tmp_path: Path):
    rows = [f"退款 {n},{'' if n % 10 == 0 else n}" for n in range(1, 31)]
    send(shop, csv_of(*rows))
    expect(shop.get_by_test_id("bad-rows").locator("tbody tr")).to_have_count(3, timeout=30_000)
    with shop.expect_download() as download:
        shop.get_by_test_id("job-file").click()
    download.value.save_as(tmp_path / "bad.csv")
    found = list(csv.reader(io.StringIO((tmp_path / "bad.csv").read_text("utf-8-sig"))))
    assert [row[0] for row in found[1:]] == ["11", "21", "31"]
    assert not Ticket.objects.exists()
    shop.get_by_test_id("import-good").click()
    expect(shop.get_by_test_id("import-result")).to_contain_text("已创建 27 个工单", timeout=30_000)
    assert Ticket.objects.count() == 27

    shop.goto(shop.url.split("/jobs/")[0] + "/tickets/export/?sort=number")
    shop.get_by_label("CSV").check()
    shop.get_by_test_id("export-start").click()
    with shop.expect_download(timeout=30_000) as download:
        shop.get_by_test_id("job-file").click()
    download.value.save_as(tmp_path / "all.csv")
    assert len((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()) == 28
    connection.close()
