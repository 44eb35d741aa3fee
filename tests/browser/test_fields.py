"""A supervisor adds a field and publishes; old and new records side by side."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lingxi.fields import schema_of
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    SkillGroupFactory,
    UserFactory,
)
from tests.lingxi.fields.factories import published
from tests.lingxi.fields.made import definition

pytestmark = pytest.mark.django_db(transaction=True)
CITY = definition("city", label="城市", label_en="City")
AREA = definition("area", "cascade", label="地区", level_names=["省", "市", "区"])
EVERYTHING = [
    CITY,
    definition("note", "long_text", label="备注", help="写给同事看"),
    definition("amount", "money", label="金额", required=True, section="订单"),
    definition("order", "order_number", label="订单号", section="订单"),
    definition("due", "date", label="到期日", section="订单"),
    definition("at", "datetime", label="预约时间"),
    definition("level", "choice", label="等级"),
    definition("likes", "multi_choice", label="偏好"),
    AREA,
    definition("vip", "boolean", label="会员"),
    definition("contract", "file", label="合同"),
    definition("id_card", label="证件号", sensitive=True),
]


@pytest.fixture
def desk(live: Live) -> Any:
    """An agent who serves an old customer and a new one."""
    group = SkillGroupFactory(name="售前")
    channel = ChannelFactory(group=group, name="官网")
    agent = AgentFactory(ready=True, groups=[group], name="李雯")
    first = published("customer", CITY)
    old = CustomerFactory(name="林静", fields={"city": "宁波"}, fields_version=first)
    for customer in (old, CustomerFactory(name="王芳")):
        ConversationFactory(state="serving", agent=agent, channel=channel, customer=customer)
    return agent


def open_customer(page: Page, name: str) -> Any:
    page.get_by_test_id("conversation-row").filter(has_text=name).click()
    block = page.locator("#fields-customer")
    expect(page.get_by_test_id("customer-panel")).to_contain_text(name)
    return block


def add_level(page: Page) -> None:
    """A required choice of two."""
    page.get_by_test_id("add-choice").click()
    card = page.get_by_test_id("schema-field").last
    card.get_by_test_id("field-label").fill("会员等级")
    for option in ("普通", "黄金"):
        card.get_by_test_id("add-option").fill(option)
        card.get_by_test_id("add-option").press("Enter")
    card.get_by_test_id("flag-required").check()
    expect(page.get_by_test_id("preview")).to_contain_text("会员等级")
    expect(page.get_by_test_id("preview")).to_contain_text("黄金")


def test_a_new_field_is_for_new_records_and_old_ones_show_theirs(
    live: Live, new_page: NewPage, desk: Any
) -> None:
    boss = new_page()
    log_in(
        boss,
        live,
        "/admin/fields/schema/",
        UserFactory(role="supervisor", scope="all", first_name="周主管"),
    )
    boss.goto(f"{live.url}/admin/fields/schema/{schema_of('customer').pk}/change/")
    expect(boss.get_by_test_id("in-force")).to_contain_text("v1")
    add_level(boss)
    boss.get_by_test_id("publish").click()
    expect(boss.get_by_test_id("changes-in-words")).to_contain_text("新增 1 个字段")
    boss.get_by_test_id("note").fill("加会员等级")
    boss.get_by_test_id("publish-ok").click()
    expect(boss.get_by_test_id("in-force")).to_contain_text("v2")

    page = new_page()
    log_in(page, live, "/workbench/", desk.user)
    old = open_customer(page, "林静")
    expect(old.get_by_test_id("fields-version")).to_have_text("v1")
    expect(old).to_contain_text("宁波")
    expect(old).not_to_contain_text("会员等级")
    new = open_customer(page, "王芳")
    page.get_by_test_id("fields-edit-customer").click()
    new.get_by_label("会员等级").select_option(label="黄金")
    new.get_by_label("城市").fill("杭州")
    page.get_by_test_id("fields-save").click()
    expect(new.get_by_test_id("fields-version")).to_have_text("v2")
    expect(new.locator("[data-testid^=value-choice]")).to_have_text("黄金")


def test_every_type_is_filled_in(live: Live, new_page: NewPage, desk: Any) -> None:
    published("customer", *EVERYTHING)
    page = new_page(height=1500)
    log_in(page, live, "/workbench/", desk.user)
    block = open_customer(page, "王芳")
    page.get_by_test_id("fields-edit-customer").click()
    block.get_by_label("金额").fill("99.5")
    block.get_by_label("订单号").fill("so 1")
    block.get_by_label("到期日").fill("2026-12-01")
    block.get_by_label("预约时间").fill("2026-12-01T09:30")
    block.get_by_label("甲", exact=True).check()
    block.get_by_label("省", exact=True).select_option("浙江")
    block.get_by_label("市", exact=True).select_option("杭州")
    block.get_by_label("区", exact=True).select_option("西湖区")
    block.get_by_label("会员", exact=True).select_option(label="是")
    block.get_by_label("证件号").fill("机密")
    file = {"name": "合同.txt", "mimeType": "text/plain", "buffer": "甲方乙方".encode()}
    block.locator("input[type=file]").set_input_files([file])
    expect(block.locator("[data-file-name]")).to_have_text("合同.txt")
    page.get_by_test_id("fields-save").click()
    for key, text in {
        "amount": "¥99.50", "order": "SO1", "due": "2026-12-01", "at": "2026-12-01 09:30",
        "likes": "甲", "area": "浙江 / 杭州 / 西湖区", "vip": "是", "id_card": "••••",
        "contract": "合同.txt",
    }.items():  # fmt: skip
        expect(block.get_by_test_id(f"value-{key}")).to_have_text(text)
    page.get_by_test_id("fields-edit-customer").click()
    expect(block.get_by_label("区", exact=True)).to_have_value("西湖区")
    page.get_by_test_id("fields-save").click()
    expect(block.get_by_test_id("value-area")).to_have_text("浙江 / 杭州 / 西湖区")
