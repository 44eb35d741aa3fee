"""Versions in admin: listed, read, compared, gone back to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingxi.access.models import Role, Scope
from lingxi.versioned.admin.marking import marked
from routing.admin.strategies.changes import between
from routing.models import Strategy
from routing.strategy import versions
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.admin.strategy_pages import logged_in, post, published, rule, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou():
    return UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP, first_name="周主管")


@pytest.fixture
def client(zhou):
    return logged_in(zhou)


@pytest.fixture
def group():
    found = SkillGroupFactory(name="售后")
    AgentFactory(groups=[found])
    return found


@pytest.fixture
def strategy():
    return versions.strategy_of("conversation")


def test_versions_are_listed_read_and_compared(client, zhou, strategy, group):
    first = published(strategy, [rule(group, 1), rule(group, 2, "/old/")], by=zhou)
    second = published(strategy, [rule(group, 1, "/refund/"), rule(group, 3, "/new/")], by=zhou)
    text = client.get(url("versions", strategy)).text
    assert "v1" in text
    assert "v2" in text
    assert "生效中" in text
    assert "当 入口页面 包含 “/old/” 时" in client.get(url("version", strategy, first.pk)).text
    text = client.get(url("compare", strategy), {"a": first.pk, "b": second.pk}).text
    assert "新增 1 条、删除 1 条、修改 1 条" in text
    assert "<del>“/order/”</del>" in text
    assert "<ins>“/refund/”</ins>" in text


@pytest.mark.parametrize("query", [{}, {"b": "x"}, {"a": "1", "b": "2"}])
def test_a_comparison_of_nothing_is_not_found(client, strategy, query):
    assert client.get(url("compare", strategy), query).status_code == 404


def test_names_and_places_count_in_a_comparison():
    group = SkillGroupFactory()
    one, two = rule(group, 1), rule(group, 2, "/vip/")
    changes, summary = between([one, two], [two, one | {"name": "新名"}])
    assert [change["kind"] for change in changes] in (["changed"], ["moved", "changed"])
    renamed = changes[-1]
    assert renamed["before"]["place"] == 1
    assert renamed["after"]["place"] == 2
    assert {"text": "新名", "changed": True} in renamed["after"]["parts"]
    assert summary.endswith("修改 1 条、移动 1 条") or summary == "修改 1 条"


def test_marking_keeps_every_letter():
    text, other = (
        "当 入口页面 包含 “/a” 时，进入 售后 组",
        "当 入口页面 开头是 “/b” 时，进入 售后 组",
    )
    assert "".join(piece["text"] for piece in marked(text, other)) == text


def test_rolled_back_to_an_earlier_version(client, strategy, group):
    first = published(strategy, [rule(group)])
    published(strategy, [rule(group, page="/vip/")])
    answer = post(client, "roll_back", strategy, {"version": str(first.pk)})
    assert answer.json() == {"url": url("versions", strategy)}
    strategy.refresh_from_db()
    assert (strategy.current.number, strategy.current.rules) == (3, first.rules)


@pytest.mark.parametrize("wanted", [None, "x", "019f0000-0000-7000-8000-000000000000"])
def test_no_way_back_to_what_was_never_there(client, strategy, group, wanted):
    published(strategy, [rule(group)])
    assert post(client, "roll_back", strategy, {"version": wanted}).status_code == 404


def test_versions_of_another_strategy_are_not_found(client, strategy, group):
    other = published(versions.strategy_of("ticket"), [])
    assert post(client, "roll_back", strategy, {"version": str(other.pk)}).status_code == 404
    assert client.get(url("version", strategy, other.pk)).status_code == 404


def test_names_are_escaped(client, strategy, group):
    made = published(strategy, [rule(group, name="<b>粗</b></script>")])
    for text in (
        client.get(url("change", strategy)).text,
        client.get(url("version", strategy, made.pk)).text,
    ):
        assert "<b>粗" not in text


@pytest.mark.parametrize("name", ["change", "version"])
def test_pages_ask_as_often_for_fifty_rules_as_for_one(client, strategy, group, name):
    few = published(strategy, [rule(group)])
    many = published(strategy, [rule(group, number, f"/{number}/") for number in range(50)])
    pages = {
        "change": [(url("change", strategy), few), (url("change", strategy), many)],
        "version": [(url("version", strategy, one.pk), one) for one in (few, many)],
    }[name]
    counts = []
    client.get(pages[0][0])  # what is asked once per process
    for address, in_force in pages:
        Strategy.objects.update(current=in_force)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 40, counts
