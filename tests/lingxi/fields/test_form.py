"""What a form keeps, refuses and shows; of whom."""

import pytest
from django.http import QueryDict

from lingxi.errors import Invalid
from tests.lingxi.fields.made import definition, form, person

AMOUNT = definition("amount", "money", required=True)
NOTE = definition("note")
SECRET = definition("id_card", "text", sensitive=True)
PHONE = definition("phone", "text", sensitive=True)
RETIRED = definition(
    "kind",
    "choice",
    options=[{"value": "a", "label": "甲", "retired": True}, {"value": "b", "label": "乙"}],
)


def refusal(one, values, **more):
    with pytest.raises(Invalid) as caught:
        one.clean(values, **more)
    return caught.value.fields


class TestClean:
    def test_a_key_that_the_version_does_not_have_is_refused(self):
        assert refusal(form(NOTE), {"gone": 1}) == {"fields.gone": ["当前版本没有此字段"]}

    @pytest.mark.parametrize("junk", [None, 1, "a", ["note"]])
    def test_only_an_object_is_taken(self, junk):
        assert list(refusal(form(NOTE), junk)) == ["fields"]

    def test_everything_that_is_wrong_is_said_at_once(self):
        assert list(refusal(form(AMOUNT, NOTE), {"note": 1.5, "old": 1})) == [
            "fields.old", "fields.amount", "fields.note"
        ]  # fmt: skip

    def test_what_is_required_must_be_given(self):
        assert refusal(form(AMOUNT), {}) == {"fields.amount": ["请填写“字段 amount”"]}
        assert form(AMOUNT).clean({"amount": 0}) == {"amount": 0}

    def test_a_transition_may_require_more(self):
        assert list(refusal(form(NOTE), {}, required={"note"})) == ["fields.note"]
        kept = form(NOTE).clean({}, before={"note": "在"}, required={"note"}, partial=True)
        assert kept == {"note": "在"}

    def test_of_a_part_only_what_is_sent_must_be_there(self):
        assert form(AMOUNT, NOTE).clean({"note": "好"}, before={}, partial=True) == {"note": "好"}
        assert refusal(form(AMOUNT), {"amount": ""}, before={"amount": 5}, partial=True)

    def test_a_part_leaves_the_rest_and_a_whole_empties_it(self):
        before = {"amount": 5, "note": "旧"}
        both = form(AMOUNT, NOTE)
        assert both.clean({"amount": 6}, before=before, partial=True) == {"amount": 6, "note": "旧"}
        assert both.clean({"amount": 6}, before=before) == {"amount": 6}

    def test_new_records_get_the_defaults_old_ones_do_not(self):
        one = form(definition("note", default="默认"))
        assert one.clean({}) == {"note": "默认"}
        assert one.clean({"note": ""}) == {}
        assert one.clean({}, before={}, partial=True) == {}

    def test_values_of_former_fields_are_kept(self):
        assert form(NOTE).clean({"note": "新"}, before={"gone": 1}) == {"note": "新", "gone": 1}

    def test_a_retired_choice_can_stay_but_not_be_chosen(self):
        one = form(RETIRED)
        assert one.clean({"kind": "a"}, before={"kind": "a"}) == {"kind": "a"}
        assert "已停用" in refusal(one, {"kind": "a"}, before={"kind": "b"})["fields.kind"][0]
        assert "已停用" in refusal(one, {"kind": "a"})["fields.kind"][0]


class TestRoles:
    ONE = form(NOTE, definition("level", visible=["agent", "supervisor"], editable=["supervisor"]))

    def test_who_may_not_edit_is_refused_unless_nothing_changes(self):
        with_level = {"level": "金"}
        assert "无权" in refusal(self.ONE, with_level, user=person())["fields.level"][0]
        assert self.ONE.clean(with_level, user=person("supervisor")) == with_level
        assert self.ONE.clean(with_level) == with_level

    def test_a_whole_form_of_theirs_leaves_it_as_it_is(self):
        before = {"level": "金", "note": "旧"}
        assert self.ONE.clean({"note": "新"}, before=before, user=person()) == {
            "level": "金", "note": "新"
        }  # fmt: skip

    def test_nor_is_it_required_of_them(self):
        one = form(definition("level", required=True, editable=["supervisor"]))
        assert one.clean({}, user=person()) == {}
        assert refusal(one, {}, user=person("supervisor"))

    def test_who_may_not_see_it_does_not(self):
        values = {"level": "金", "note": "好"}
        inspector = person("inspector")
        assert [one.key for one in self.ONE.shown(values, inspector)] == ["note"]
        assert self.ONE.visible(values, inspector) == {"note": "好"}
        assert [one.field.key for one in self.ONE.controls(values, inspector)] == ["note"]
        assert [one.is_editable for one in self.ONE.shown(values, person())] == [True, False]


class TestMasking:
    VALUES = {"id_card": "机密", "phone": "13812345678", "note": "电话 13812345678"}
    ONE = form(NOTE, SECRET, PHONE)
    MASKED = {"id_card": "••••", "phone": "138****5678", "note": "电话 138****5678"}

    def test_who_may_not_see_plain_sees_the_mask_everywhere(self):
        assert self.ONE.visible(self.VALUES, person()) == self.MASKED
        shown = {one.key: (one.text, one.value) for one in self.ONE.shown(self.VALUES, person())}
        assert shown == {key: (text, text) for key, text in self.MASKED.items()}
        assert {one.name[7:]: one.value for one in self.ONE.controls(self.VALUES, person())} == (
            self.MASKED
        )

    def test_leaders_see_plain(self):
        assert self.ONE.visible(self.VALUES, person("supervisor")) == self.VALUES
        assert not any(one.is_masked for one in self.ONE.shown(self.VALUES, person("supervisor")))

    def test_a_mask_sent_back_does_not_overwrite_the_value(self):
        kept = self.ONE.clean(self.MASKED, before=self.VALUES, user=person())
        assert kept == self.VALUES

    def test_what_is_written_instead_does(self):
        sent = {**self.MASKED, "id_card": "新的"}
        kept = self.ONE.clean(sent, before=self.VALUES, user=person())
        assert kept == {**self.VALUES, "id_card": "新的"}

    def test_a_part_of_a_mask_is_not_saved(self):
        for sent in ({"note": "改：电话 138****5678"}, {"id_card": "••••1"}):
            assert refusal(self.ONE, sent, before=self.VALUES, user=person(), partial=True)

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("number", 5),
            ("choice", "b"),
            ("multi_choice", ["a"]),
            ("boolean", False),
            ("cascade", ["北京", "海淀区"]),
            ("date", "2026-01-01"),
        ],
    )
    def test_a_sensitive_value_of_any_type_is_hidden(self, kind, value):
        one = form(definition("x", kind, sensitive=True))
        assert one.visible({"x": value}, person()) == {"x": "••••"}
        (control,) = one.controls({"x": value}, person())
        assert (control.value, control.tree) == ("••••", ())
        assert [one.value for one in control.options if one.is_chosen] in ([], ["••••"])
        assert one.clean({"x": "••••"}, before={"x": value}, user=person()) == {"x": value}

    def test_former_fields_stay_sensitive(self):
        one = form(NOTE, earlier=[[SECRET, definition("hidden", visible=["admin"])]])
        values = {"id_card": "机密", "hidden": "x"}
        assert one.visible(values, person()) == {"id_card": "••••"}
        (_, former) = one.shown(values, person())
        assert (former.text, former.is_former, former.is_editable) == ("••••", True, False)


def test_values_that_nobody_declared_come_last_when_asked_for():
    one = form(NOTE)
    values = {"utm": {"a": "x", "b": "y"}, "note": "好"}
    assert [shown.key for shown in one.shown(values, person())] == ["note"]
    free = one.shown(values, person(), free=True)[-1]
    assert (free.label, free.text, free.type) == ("utm", "x · y", "")


def test_a_sent_form_is_read_by_type():
    one = form(
        NOTE, definition("many", "multi_choice"), definition("area", "cascade"), definition("un")
    )
    data = QueryDict("fields.note=1&fields.note=好&fields.many=&fields.many=a&fields.many=b"
                     "&fields.area=北京&fields.area=&other=1")  # fmt: skip
    assert one.from_post(data) == {"note": "好", "many": ["a", "b"], "area": ["北京"]}


def test_controls_say_what_is_wrong_and_required():
    (control,) = form(NOTE).controls({}, person(), {"note"}, {"fields.note": ["太长"]})
    assert (control.required, control.errors) == (True, ("太长",))
    assert control.described_by == "field-note-error"


def test_retired_choices_are_offered_only_where_they_are_chosen():
    (other,) = form(RETIRED).controls({"kind": "b"}, person())
    assert [(choice.value, choice.is_chosen) for choice in other.options] == [("b", True)]
    (same,) = form(RETIRED).controls({"kind": "a"}, person())
    assert [choice.value for choice in same.options] == ["a", "b"]
