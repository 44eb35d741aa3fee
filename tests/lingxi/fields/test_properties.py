"""What holds for every schema, every history of one, and every JSON that is sent."""

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingxi.errors import Invalid
from lingxi.fields import hooks
from lingxi.fields.checks import problems_of
from lingxi.fields.form import compile_form
from lingxi.versioned import errors_of
from tests.lingxi.fields.made import person
from tests.lingxi.fields.random_schemas import JSON, histories, values_for

FEW = settings(max_examples=50)
USERS = st.sampled_from([None, person("agent"), person("supervisor"), person("inspector")])


def forms_of(history):
    """A form per version, which knows the versions before it."""
    return [
        compile_form(content, number=place + 1, earlier=history[:place][::-1])
        for place, content in enumerate(history)
    ]


def cleaned(form, values, **more):
    """The values cleaned; without those that are wrong, if there are any."""
    try:
        return form.clean(values, partial=True, **more)
    except Invalid as wrong:
        rest = {key: values[key] for key in values if f"fields.{key}" not in wrong.fields}
        return form.clean(rest, partial=True, **more)


@pytest.fixture(autouse=True)
def _nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file and no customer is known: these tests are about values alone."""
    monkeypatch.setattr(hooks, "_checks", {})


@FEW
@given(histories(), JSON | st.dictionaries(st.sampled_from("abcdef") | st.text(max_size=5), JSON))
def test_any_json_is_cleaned_or_refused_and_nothing_else(history, junk):
    for form in forms_of(history):
        assert not errors_of(problems_of(history[0]))
        for before, user in ((None, None), (junk, person("agent"))):
            with suppress(Invalid):
                json.dumps(form.clean(junk, before=before, user=user)).encode()


@FEW
@given(st.data(), histories(), USERS)
def test_what_is_stored_is_taken_again_unchanged(data, history, user):
    form = forms_of(history)[-1]
    stored = cleaned(form, data.draw(values_for(history[-1])), before={})
    assert json.loads(json.dumps(stored)) == stored
    sent = stored if user is None else form.visible(stored, user)
    assert form.clean(sent, before=stored, user=user, partial=True) == stored


@FEW
@given(st.data(), histories())
def test_no_upgrade_loses_a_value_and_the_way_back_shows_it_again(data, history):
    forms = forms_of(history)
    stored = cleaned(forms[0], data.draw(values_for(history[0])), before={})
    shown = {one.key: one.text for one in forms[0].shown(stored, person("admin"))}
    values = stored
    for old, new in pairwise(forms):
        values = new.upgrade(values, old).values
        assert values.items() >= stored.items()
        former = {one.key for one in new.shown(values, person("admin")) if one.is_former}
        assert former >= set(stored) - set(new.by_key)
        values = cleaned(new, {}, before=values)
        assert values.items() >= stored.items()
    back = forms[0].upgrade(values, forms[-1]).values
    assert {
        one.key: one.text for one in forms[0].shown(back, person("admin")) if one.key in stored
    } == {key: text for key, text in shown.items() if key in stored}


@FEW
@given(st.data(), histories())
def test_what_has_no_problem_after_an_upgrade_is_taken_when_sent(data, history):
    forms = forms_of(history)
    stored = cleaned(forms[0], data.draw(values_for(history[0])), before={})
    upgrade = forms[-1].upgrade(stored, forms[0])
    sent = {key: value for key, value in upgrade.values.items() if key in forms[-1].by_key}
    try:
        assert forms[-1].clean(sent, before=upgrade.values) == upgrade.values
        refused = set()
    except Invalid as wrong:
        refused = {name.removeprefix("fields.") for name in wrong.fields}
    assert refused == set(upgrade.problems)


@FEW
@given(histories(), st.dictionaries(st.text(max_size=8) | st.sampled_from("abcde"), JSON), USERS)
def test_whatever_is_stored_can_be_shown(history, values, user):
    form = forms_of(history)[-1]
    if user is None:
        return
    for shown in form.shown(values, user, free=True):
        assert isinstance(shown.text, str)
    form.visible(values, user)
    form.controls(values, user)
    assert set(form.upgrade(values, None).values) >= set(values)


SETTINGS = ["key", "type", "label", "options", "levels", "min", "max", "pattern", "default"]
SETTINGS += ["visible", "decimals", "max_length", "types", "required", "level_names"]
WORDS = st.sampled_from(["choice", "number", "cascade", "money", "date", "file", "text", "(", []])


@settings(max_examples=200)
@given(JSON | st.lists(st.dictionaries(st.sampled_from(SETTINGS), JSON | WORDS)))
def test_any_json_as_a_schema_has_problems_or_can_be_compiled(junk):
    if not errors_of(problems_of(junk)):
        compile_form(junk).controls({}, person("admin"))
