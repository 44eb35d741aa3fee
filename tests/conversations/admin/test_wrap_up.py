"""The tree of wrap-up categories in admin."""

import pytest
from django.urls import reverse

from conversations.models import WrapUpCategory
from tests.factories import SkillGroupFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:conversations_wrapupcategory_changelist")
ADD = reverse("admin:conversations_wrapupcategory_add")


def said(name, parent=None, group=None, **more):
    return {
        "name": name,
        "parent": str(parent.pk) if parent else "",
        "group": str(group.pk) if group else "",
        "order": 0,
        "is_active": "on",
        **more,
    }


def url_of(category):
    return reverse("admin:conversations_wrapupcategory_change", args=[category.pk])


def test_a_tree_grows(supervisor, group):
    assert supervisor.post(ADD, said("售后")).status_code == 302
    top = WrapUpCategory.objects.get()
    assert supervisor.post(ADD, said("退款", top, group)).status_code == 302
    assert "售后 / 退款" in supervisor.get(LIST).text


def test_the_same_name_in_the_same_place_is_refused(administrator):
    administrator.post(ADD, said("售后"))
    assert administrator.post(ADD, said("售后")).status_code == 200
    assert WrapUpCategory.objects.count() == 1


def test_nothing_hangs_below_itself(administrator):
    top = WrapUpCategory.objects.create(name="售后")
    below = WrapUpCategory.objects.create(name="退款", parent=top)
    for parent in (top, below):
        assert "不能放在自己下面" in administrator.post(url_of(top), said("售后", parent)).text
    top.refresh_from_db()
    assert top.parent is None


def test_four_levels_and_no_more(administrator):
    at = None
    for name in "一二三四":
        at = WrapUpCategory.objects.create(name=name, parent=at)
    assert "最多 4 级" in administrator.post(ADD, said("五", at)).text
    top = WrapUpCategory.objects.get(name="一")
    other = WrapUpCategory.objects.create(name="别处")
    assert "最多 4 级" in administrator.post(url_of(top), said("一", other)).text


def test_a_child_stays_in_its_parents_group(administrator, group):
    top = WrapUpCategory.objects.create(name="售后", group=group)
    answer = administrator.post(ADD, said("退款", top, SkillGroupFactory()))
    assert "必须与上级的技能组相同" in answer.text


@pytest.mark.parametrize("name", ["", "  ", "退款/退货", "长" * 41])
def test_names_that_are_none(administrator, name):
    assert administrator.post(ADD, said(name)).status_code == 200
    assert not WrapUpCategory.objects.exists()


def test_other_groups_are_out_of_sight(supervisor):
    other = WrapUpCategory.objects.create(name="别人的", group=SkillGroupFactory())
    assert "别人的" not in supervisor.get(LIST).text
    assert supervisor.get(url_of(other)).status_code == 302
