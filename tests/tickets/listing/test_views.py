"""Saved views: whose they are, and what is done to them."""

import uuid

import pytest

from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from tests.tickets.listing.conftest import Desk
from tickets.listing import views
from tickets.models import SavedView


def names(user) -> list[str]:
    return [one.name for one in views.saved_views(user)]


def test_a_view_keeps_filters_and_order_and_nothing_else(desk: Desk):
    query = "category=active&f.amount.from=5&sort=due&nonsense=1&after=1_2&view=late&q=%00"
    view = views.save(desk.lead.user, " 大额 ", query)
    assert (view.name, view.query) == ("大额", "category=active&f.amount.from=5&sort=due")
    assert view.url == f"/tickets/?category=active&f.amount.from=5&sort=due&view={view.key}"


def test_ones_own_are_ones_own_and_shared_ones_everybodys(desk: Desk):
    views.save(desk.agent.user, "我的", "q=a")
    shared = views.save(desk.lead.user, "大家的", "q=b", is_shared=True)
    assert names(desk.agent.user) == ["我的", "大家的"]
    assert names(desk.colleague.user) == ["大家的"]
    with pytest.raises(Forbidden):
        views.save(desk.agent.user, "共享", "", is_shared=True)
    with pytest.raises(Forbidden):
        views.change(desk.agent.user, uuid.UUID(shared.key), name="改名")
    with pytest.raises(Forbidden):
        views.delete(desk.agent.user, uuid.UUID(shared.key))


def test_anothers_view_does_not_exist(desk: Desk):
    view = views.save(desk.agent.user, "我的", "")
    for user in (desk.colleague.user, desk.lead.user):
        with pytest.raises(NotFound):
            views.change(user, uuid.UUID(view.key), name="改名")
        with pytest.raises(NotFound):
            views.delete(user, uuid.UUID(view.key))


def test_an_agent_cannot_share_by_changing(desk: Desk):
    view = views.save(desk.agent.user, "我的", "")
    with pytest.raises(Forbidden):
        views.change(desk.agent.user, uuid.UUID(view.key), is_shared=True)


def test_names_are_given_and_given_once(desk: Desk):
    views.save(desk.agent.user, "我的", "")
    with pytest.raises(Conflict):
        views.save(desk.agent.user, "我的", "")
    for name in ("", "  ", "长" * 41, None):
        with pytest.raises(Invalid):
            views.save(desk.agent.user, name, "")
    with pytest.raises(Invalid):
        views.save(desk.agent.user, "太长", "q=" + "x" * 5_000)


def test_what_was_deleted_comes_back(desk: Desk):
    first = views.save(desk.lead.user, "一", "q=a", is_shared=True)
    views.save(desk.lead.user, "二", "")
    kept = views.delete(desk.lead.user, uuid.UUID(first.key))
    assert names(desk.lead.user) == ["二"]
    views.restore(desk.lead.user, kept)
    assert names(desk.lead.user) == ["一", "二"]
    assert SavedView.objects.get(name="一").is_shared
    with pytest.raises(Forbidden):
        views.restore(desk.agent.user, kept)


def test_views_are_put_into_order(desk: Desk):
    made = [views.save(desk.agent.user, name, "").key for name in "甲乙丙"]
    views.reorder(desk.agent.user, [made[2], made[0], "x"])
    assert names(desk.agent.user) == ["丙", "甲", "乙"]


def test_counts_are_of_what_the_person_sees(desk: Desk):
    desk.ticket()
    view = views.save(desk.agent.user, "全部", "category=active")
    found = views.counts(desk.agent.user)
    assert found[view.key] == found["unassigned"] == "1"
    assert found["late"] == "0"
