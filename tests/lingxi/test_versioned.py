"""The life of versions, on the simplest content there is; strategies test the rest."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lingxi.errors import Conflict, Invalid
from lingxi.fields.models import Schema
from lingxi.versioned import Problem, Versions, VersionState, as_fields, errors_of
from tests.factories import UserFactory


def no_bad_words(content, owner):
    return [Problem(str(n), "不行") for n, word in enumerate(content) if word == "bad"] + [
        Problem("", "没有内容", "warning") for _ in range(not content)
    ]


versions = Versions(Schema, problems=no_bad_words)


@pytest.fixture
def owner(db):
    return Schema.objects.create(entity="customer", name="客户")


@pytest.fixture
def by(db):
    return UserFactory(role="supervisor")


def test_warnings_tell_and_errors_refuse(owner, by):
    assert versions.save_draft(owner, [], by, 0).revision == 2
    with pytest.raises(Invalid) as caught:
        versions.save_draft(owner, ["ok", "bad"], by, 2)
    assert caught.value.fields == {"content.1": ["不行"]}


def test_problems_by_path():
    found = [Problem("1.a", "甲"), Problem("1.a", "乙"), Problem("", "丙", "warning")]
    assert as_fields(found, "x") == {"x.1.a": ["甲", "乙"], "x": ["丙"]}
    assert errors_of(found) == found[:2]


def test_a_draft_begins_with_what_is_in_force(owner, by):
    made = versions.publish(owner, by, versions.save_draft(owner, ["a"], by, 0).revision)
    owner.refresh_from_db()
    draft = versions.draft_of(owner, by)
    assert (draft.content, draft.based_on, draft.state) == (["a"], made, VersionState.DRAFT)
    assert versions.draft_of(owner, by) == draft


def test_only_versions_of_its_own_can_be_gone_back_to(owner, by):
    other = Schema.objects.create(entity="conversation", name="会话")
    made = versions.publish(other, by, versions.save_draft(other, ["a"], by, 0).revision)
    for version in (made, versions.draft_of(owner, by)):
        with pytest.raises(Conflict, match="回滚"):
            versions.roll_back(owner, version, by)


@pytest.mark.parametrize("note", ["长" * 201, "a\x00", None, 5])
def test_an_odd_note_is_refused(owner, by, note):
    seen = versions.save_draft(owner, ["a"], by, 0).revision
    with pytest.raises(Invalid) as caught:
        versions.publish(owner, by, seen, note)
    assert list(caught.value.fields) == ["note"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["save", "publish", "discard", "back"]), st.sampled_from("abc")),
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_numbers_are_dense_and_published_content_never_changes(owner, by, steps):
    kept = {}
    for step, word in steps:
        draft = versions.draft_of(owner, by)
        if step == "save":
            versions.save_draft(owner, [word], by, draft.revision)
        elif step == "publish":
            made = versions.publish(owner, by, draft.revision)
            kept[made.pk] = (made.number, made.content)
        elif step == "discard":
            versions.discard_draft(owner, by)
        elif kept:
            first = owner.versions.get(pk=next(iter(kept)))
            made = versions.roll_back(owner, first, by)
            kept[made.pk] = (made.number, first.content)
    found = owner.versions.exclude(number=None)
    assert {one.pk: (one.number, one.content) for one in found} == kept
    assert sorted(number for number, _ in kept.values()) == list(range(1, len(kept) + 1))
    owner.refresh_from_db()
    assert owner.current_id == (max(kept, key=lambda pk: kept[pk][0]) if kept else None)
    owner.current = None
    owner.save()
    owner.versions.all().delete()
