"""What the workflow editor gets and sends."""

import copy

import pytest
from django.urls import reverse

from tests import factories as base
from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets.admin.workflow.diagram import drawing
from tickets.models import TypeVersion
from tickets.workflow import STANDARD
from tickets.workflow_shape import normal

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def lead():
    return client_of(base.UserFactory(role="supervisor", scope="all", first_name="周主管"))


def url(type, view, *more):
    return reverse(f"admin:tickets_tickettype_{view}", args=[type.pk, *more])


def post(client, type, view, **body):
    return client.post(url(type, view), body, content_type=JSON)


def changed():
    content = normal(copy.deepcopy(STANDARD))
    content["statuses"][1]["name"] = "受理中"
    content["transitions"][0]["comment"] = True
    return content


def test_a_draft_is_checked_saved_published_and_compared(lead, type):
    found = post(lead, type, "check", content=changed()).json()
    assert found["problems"] == []
    assert found["summary"].startswith("与生效的 v1 相比：修改 ")
    assert found["sentences"]["transitions"][0] == (
        "待受理 → 受理中；坐席、主管、管理员和自动规则可执行；须填写说明"
    )
    assert "受理中" in found["drawing"]
    base_id = str(type.current_id)
    saved = post(lead, type, "draft", content=changed(), revision=0, base=base_id).json()
    assert post(lead, type, "publish", revision=saved["revision"], note="改名").status_code == 200
    first, second = TypeVersion.objects.filter(type=type).order_by("number")
    page = lead.get(url(type, "compare") + f"?a={first.pk}&b={second.pk}").content.decode()
    assert "<ins>受理中</ins>" in page
    for view, more in (("versions", ()), ("version", (first.pk,)), ("editor", ()), ("migrate", ())):
        assert lead.get(url(type, view, *more)).status_code == 200


@pytest.mark.parametrize("content", [None, 7, [], {"statuses": 3}, {"transitions": [{"to": []}]}])
def test_garbage_is_told_to_be_garbage(lead, type, content):
    found = post(lead, type, "check", content=content)
    assert found.status_code == 200
    assert found.json()["problems"]
    saved = post(lead, type, "draft", content=content, revision=0, base=str(type.current_id))
    assert saved.status_code == 400
    assert saved.json()["fields"]


def test_who_comes_second_is_told_who_was_first(lead, type):
    base_id = str(type.current_id)
    first = post(lead, type, "draft", content=changed(), revision=0, base=base_id)
    assert first.status_code == 200
    second = post(lead, type, "draft", content=changed(), revision=0, base=base_id)
    assert second.status_code == 409
    assert "周主管" in second.json()["detail"]
    assert second.json()["fields"] == {"faster": True}


def test_people_who_do_not_manage_types_have_no_such_pages(type):
    agent = client_of(base.UserFactory(role="agent", scope="all"))
    for view in ("editor", "versions", "migrate"):
        assert agent.get(url(type, view)).status_code in {302, 403}
    assert post(agent, type, "check", content=STANDARD).status_code in {302, 403}


def test_migration_is_asked_for_and_refused_with_a_word(lead, type):
    factories.ticket(type)
    factories.publish_workflow(type, changed())
    page = lead.get(url(type, "migrate")).content.decode()
    assert "有 <strong>1</strong> 个未完成的工单" in page
    type.refresh_from_db()
    said = {"version": str(type.current_id), "rehearse": "1"}
    answer = lead.post(url(type, "move"), said)
    assert answer.headers["Location"].startswith("/jobs/")
    odd = lead.post(url(type, "move"), {**said, "map.on_hold": "closed"}, follow=True)
    assert "请为每个状态选择" in odd.content.decode()


def test_names_are_text_in_the_drawing(lead, type):
    content = changed()
    content["statuses"][0]["name"] = "<script>alert(1)"
    found = post(lead, type, "check", content=content).json()
    assert "<script" not in found["drawing"]


def test_the_drawing_says_in_words_what_it_shows():
    content = normal(copy.deepcopy(STANDARD))
    content["transitions"][0]["from"] = []
    drawn = drawing(content)
    assert drawn["words"].startswith(
        "6 个状态，7 个流转，初始状态是待受理；开始处理：任意状态 → 处理中"
    )
    boxes = {box.key: box for box in drawn["boxes"]}
    assert boxes["open"].from_anywhere == "开始处理"
    assert boxes["pending"].column == boxes["on_hold"].column
    assert [boxes[key].column for key in ("new", "open", "pending", "resolved", "closed")] == [
        *range(5)
    ]
    for box in drawn["boxes"]:
        assert 0 <= box.x <= drawn["width"] - 128
        assert 0 <= box.y <= drawn["height"] - 42
