"""敏感词: the words, many at once, and where they were said."""

import csv
import io
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from conversations.models import SensitiveHit, SensitiveWord, WordAction, WordDirection
from conversations.moderation import fold
from lingxi.admin import ReadOnlyModelAdmin, RoleModelAdmin, column, dialog, go

MAX_WORD, MAX_LINES = 60, 1000
_ACTIONS = {label: value for value, label in WordAction.choices} | {v: v for v in WordAction.values}
_DIRECTIONS = {label: value for value, label in WordDirection.choices} | {
    value: value for value in WordDirection.values
}


def clean_word(text: str) -> str:
    """The word as it is kept: trimmed, small, half width. Raises `ValidationError`."""
    word = " ".join(fold(text).split())
    if not word or len(word) > MAX_WORD:
        raise forms.ValidationError(f"“{word[:20]}” 不是 1 到 {MAX_WORD} 字的词")
    return word


class WordForm(forms.ModelForm):
    """One word."""

    class Meta:
        model = SensitiveWord
        fields = ["word", "action", "direction", "is_active"]

    def clean_word(self) -> str:
        """As it is kept, so that no word is there twice in two spellings."""
        return clean_word(self.cleaned_data["word"])


class PasteForm(BaseDialogForm):
    """Many words: one per line, or the lines of a CSV file with action and direction beside."""

    words = forms.CharField(
        label="敏感词",
        max_length=100_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text=f"每行一个，最多 {MAX_LINES} 行；也可粘贴 CSV：词,处理,方向。已有的词会更新。",
    )
    action = forms.ChoiceField(
        label="处理", choices=WordAction.choices, widget=UnfoldAdminSelectWidget
    )
    direction = forms.ChoiceField(
        label="方向", choices=WordDirection.choices, widget=UnfoldAdminSelectWidget
    )

    def clean(self) -> dict[str, Any]:
        """`rows` of (word, action, direction), each word once, the last line winning."""
        said = super().clean() or {}
        if "words" not in said or "action" not in said or "direction" not in said:
            return said
        lines = [line for line in csv.reader(io.StringIO(said["words"])) if any(line)]
        if len(lines) > MAX_LINES:
            self.add_error("words", f"一次最多 {MAX_LINES} 行")
            return said
        rows: dict[str, tuple[str, str]] = {}
        for number, line in enumerate(lines, 1):
            try:
                word, *rest = self._row(line)
            except forms.ValidationError as error:
                self.add_error("words", f"第 {number} 行：{error.messages[0]}")
            else:
                rows[word] = (rest[0], rest[1])
        said["rows"] = [(word, *rest) for word, rest in rows.items()]
        return said

    def _row(self, line: list[str]) -> tuple[str, str, str]:
        cells = [cell.strip() for cell in line] + ["", ""]
        found = cells[1] or self.cleaned_data["action"], cells[2] or self.cleaned_data["direction"]
        if found[0] not in _ACTIONS or found[1] not in _DIRECTIONS:
            raise forms.ValidationError(f"处理或方向无效：{'，'.join(cells[1:3])[:40]}")
        return clean_word(cells[0]), _ACTIONS[found[0]], _DIRECTIONS[found[1]]

    @transaction.atomic
    def save(self) -> int:
        """Write them, one by one so that each is audited; how many."""
        for word, action_, direction in self.cleaned_data["rows"]:
            SensitiveWord.objects.update_or_create(
                word=word, defaults={"action": action_, "direction": direction, "is_active": True}
            )
        return len(self.cleaned_data["rows"])


@admin.register(SensitiveWord)
class SensitiveWordAdmin(RoleModelAdmin):
    """The words. A change counts for the next message."""

    form = WordForm
    list_display = ["word", "action", "direction", "is_active", "created_at"]
    list_filter = [
        ("action", ChoicesDropdownFilter),
        ("direction", ChoicesDropdownFilter),
        "is_active",
    ]
    search_fields = ["word"]
    search_help_text = "敏感词"
    ordering = ["word"]
    actions_list = ["paste_words"]

    def has_paste_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """As for adding one."""
        return self.has_add_permission(request)

    @action(
        description="批量添加",
        url_path="paste",
        permissions=["paste"],
        icon="playlist_add",
        dialog=dialog("批量添加敏感词", "", "添加", PasteForm),
    )
    def paste_words(self, request: HttpRequest, form: PasteForm) -> HttpResponse:
        """Add many."""
        count = form.save()
        messages.success(request, f"已添加或更新 {count} 个敏感词")
        return go(request, reverse("admin:conversations_sensitiveword_changelist"))


@admin.register(SensitiveHit)
class SensitiveHitAdmin(ReadOnlyModelAdmin):
    """Where words were said, newest first."""

    permission = "conversations.view"
    list_display = [
        "created_at",
        "word",
        "action",
        column("author_type", "发送方"),
        "is_stored",
        "where",
    ]
    fields = readonly_fields = [*list_display, column("message_id", "消息编号")]
    list_filter = [("action", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter)]
    search_fields = ["word"]
    search_help_text = "敏感词，或完整的会话编号、消息编号"
    id_fields = ("conversation_id", "message_id")
    ordering = ["-created_at"]
    paginator = InfinitePaginator

    @admin.display(description="已发出", boolean=True)
    def is_stored(self, hit: SensitiveHit) -> bool:
        """Whether the message went through."""
        return hit.message_id is not None

    @admin.display(description="会话")
    def where(self, hit: SensitiveHit) -> str:
        """The transcript."""
        return format_html(
            '<a class="text-primary-600 underline" href="/archive/{}/">打开会话</a>',
            hit.conversation_id,
        )
