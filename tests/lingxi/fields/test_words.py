"""What differs between two versions, in words."""

from lingxi.fields.types import TYPES
from lingxi.fields.words import differences, sentence
from tests.lingxi.fields.made import definition


def test_a_sentence_says_everything():
    said = sentence(
        definition("amount", "money", required=True, sensitive=True, max=500, editable=["admin"])
    )
    assert said == ("“字段 amount”（amount）；金额；必填、敏感；不大于 ¥500.00；仅管理员可编辑")


def test_every_type_has_a_sentence():
    assert all(sentence(definition("x", kind)) for kind in TYPES)


def test_what_is_new_gone_other_and_elsewhere():
    before = [definition("a"), definition("b"), definition("c"), definition("d")]
    after = [definition("a"), definition("d"), definition("b", required=True), definition("e")]
    found = [(one.kind, one.name) for one in differences(before, after)]
    assert found == [
        ("removed", "字段 c"), ("moved", "字段 d"), ("changed", "字段 b"), ("added", "字段 e")
    ]  # fmt: skip


def test_a_removed_field_does_not_move_the_others():
    kinds = [one.kind for one in differences([definition("a"), definition("b")], [definition("b")])]
    assert kinds == ["removed"]
