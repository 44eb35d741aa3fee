"""Form fields for lists, so that nobody has to type JSON."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget


class LinesField(forms.CharField):
    """A list of strings, one per line."""

    widget = UnfoldAdminTextareaWidget
    separator = "\n"
    splitter = re.compile(r"[\r\n]+")

    def prepare_value(self, value: Any) -> Any:
        """A stored list as text."""
        return self.separator.join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The text as a list without blanks and doubles, in order."""
        parts = (part.strip() for part in self.splitter.split(super().to_python(value) or ""))
        return list(dict.fromkeys(part for part in parts if part))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the list differs, however it is spaced."""
        return (initial or []) != self.to_python(data)


class CommaField(LinesField):
    """A list of strings, separated by commas of any kind."""

    widget = UnfoldAdminTextInputWidget
    separator = "，"
    splitter = re.compile(r"[,，、;；\r\n]+")
