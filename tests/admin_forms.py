"""Filling in the admin's forms as a browser would: everything that stands there is sent along."""

from typing import Any

from django import forms

Data = dict[str, Any]


def filled(client: Any, url: str, **changes: Any) -> Data:
    """What the page at `url` would post with these `changes` (None leaves a box unticked)."""
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    data = _values(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        data |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _values(form)
    return {name: value for name, value in (data | changes).items() if value is not None}


def add_row(data: Data, prefix: str, **values: Any) -> Data:
    """The same with one more row in an inline."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    row = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return {**data, **row, f"{prefix}-TOTAL_FORMS": number + 1}


def errors_of(response: Any) -> str:
    """All that a page sent back complains about, as one text; empty when it was saved."""
    if response.status_code == 302:
        return ""
    context = response.context
    found = [str(context["adminform"].form.errors)]
    for inline in context["inline_admin_formsets"]:
        found += [str(inline.formset.non_form_errors()), *map(str, inline.formset.errors)]
    return " ".join(found)


def _values(form: Any) -> Data:
    data: Data = {}
    for bound in form:
        value = bound.field.prepare_value(bound.value())
        if isinstance(bound.field.widget, forms.CheckboxInput):
            data[bound.html_name] = "on" if value else None
        elif getattr(bound.field.widget, "allow_multiple_selected", False):
            data[bound.html_name] = [str(one) for one in value or ()]
        else:
            shown = bound.field.widget.format_value(value)
            shown = shown[0] if isinstance(shown, list) and shown else shown
            data[bound.html_name] = "" if shown in (None, []) else shown
    return data
