"""Quick replies: the shared ones and one's own, their folders, import and export."""

from typing import Any

import tablib
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from import_export.admin import ImportExportModelAdmin
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.tmp_storages import CacheStorage
from import_export.widgets import CharWidget
from unfold.contrib.import_export.forms import ExportForm
from unfold.widgets import UnfoldAdminSelectWidget

from conversations.admin.spreadsheets import (
    CSV,
    XLSX,
    CSVForExcel,
    SafeText,
    SmallImportForm,
    Unreadable,
    check_rows,
)
from conversations.models import QuickReply, QuickReplyCategory
from lingxi.admin import RoleModelAdmin, VisibleFilter

MAX_TEXT = 2000
COLUMNS = {"shortcut": "快捷词", "title": "标题", "category": "分类", "text": "内容"}


class CategoryWidget(CharWidget):
    """A folder by its name; one that is not there is made."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> QuickReplyCategory | None:
        """The folder. Raises `ValidationError`."""
        name = " ".join(str(value or "").split())
        if not name:
            return None
        if len(name) > 40:
            raise ValidationError("分类最多 40 字")
        return QuickReplyCategory.objects.get_or_create(name=name)[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its name."""
        return SafeText().render(value.name) if value else ""


class QuickReplyResource(ModelResource):
    """Shared replies as rows; a row whose shortcut is there already changes that one."""

    shortcut = Field("shortcut", COLUMNS["shortcut"], widget=SafeText())
    title = Field("title", COLUMNS["title"], widget=SafeText())
    category = Field("category", COLUMNS["category"], widget=CategoryWidget())
    text = Field("text", COLUMNS["text"], widget=SafeText())

    class Meta:
        model = QuickReply
        name = "共享快捷回复"
        fields = tuple(COLUMNS)
        import_id_fields = ("shortcut",)
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def get_queryset(self) -> QuerySet[QuickReply]:
        """Nobody's own replies are touched."""
        return QuickReply.objects.filter(owner=None)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Refuse what is too much, or no such table."""
        check_rows(dataset, [COLUMNS[name] for name in ("shortcut", "title", "text")])

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A shortcut is typed after a slash, so it has no slash and no space.

        Raises `ValidationError` for a text beyond the limit, which its column does not know.
        """
        if len(str(row[COLUMNS["text"]] or "")) > MAX_TEXT:
            raise ValidationError({"text": f"最多 {MAX_TEXT} 字"})
        row[COLUMNS["shortcut"]] = "".join(str(row[COLUMNS["shortcut"]] or "").split()).lstrip("/")


@admin.register(QuickReplyCategory)
class QuickReplyCategoryAdmin(RoleModelAdmin):
    """Folders of shared replies, in the order in which agents see them."""

    list_display = ["name", "order"]
    search_fields = ["name"]
    search_help_text = "名称"
    ordering = ["order", "name"]


@admin.register(QuickReply)
class QuickReplyAdmin(RoleModelAdmin, ImportExportModelAdmin):
    """Quick replies: the shared ones, and one's own."""

    resource_classes = [QuickReplyResource]
    import_form_class = SmallImportForm
    export_form_class = ExportForm
    tmp_storage_class = CacheStorage  # any web process may get the confirmation
    list_display = ["shortcut", "title", "category", "text", "order", "shared"]
    list_filter = [("category", VisibleFilter)]
    list_select_related = ["category"]
    search_fields = ["shortcut", "title", "text"]
    search_help_text = "快捷词、标题或内容"
    ordering = ["category__order", "order", "shortcut"]
    fields = ["shortcut", "title", "category", "text", "order", "owner"]

    @admin.display(description="共享", boolean=True)
    def shared(self, reply: QuickReply) -> bool:
        """Whether everybody sees it."""
        return reply.owner_id is None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """It belongs to everybody or to oneself."""
        if db_field.name == "owner":
            kwargs["queryset"] = get_user_model().objects.filter(
                username=request.user.get_username()
            )
            kwargs["widget"] = UnfoldAdminSelectWidget()
            kwargs["empty_label"] = "共享（所有坐席）"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """As for adding one."""
        return self.has_add_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """As for looking at them."""
        return self.has_view_permission(request)

    def get_import_formats(self) -> list[Any]:
        """What is read."""
        return [CSV, XLSX]

    def get_export_formats(self) -> list[Any]:
        """What is written."""
        return [CSVForExcel, XLSX]

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The import that was confirmed; a file that is gone is uploaded again."""
        try:
            return super().process_import(request, **kwargs)
        except Unreadable as error:
            messages.error(request, str(error))
            return redirect(reverse("admin:conversations_quickreply_import"))
