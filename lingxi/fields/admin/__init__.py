"""Schemas in the admin: the editor, their versions, and records brought to the newest."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from lingxi.admin import ReadOnlyModelAdmin
from lingxi.fields.admin import moving
from lingxi.fields.admin.desk import DESK
from lingxi.fields.live import schema_of
from lingxi.fields.models import Entity, Schema
from lingxi.versioned.admin import VersionedAdmin, pages
from lingxi.versioned.models import VersionState


@admin.register(Schema)
class SchemaAdmin(VersionedAdmin, ReadOnlyModelAdmin):
    """The list; whatever changes a schema goes through its editor."""

    permission = "fields.manage"
    desk = DESK
    views = (("migrate", "migrate/", moving.page), ("move", "migrate/start/", moving.start))
    list_display = ["name", "entity", "key", "in_force", "size", "has_draft"]
    list_filter = ["entity"]
    list_select_related = ["current"]
    search_fields = ["name", "key"]
    fields = readonly_fields = ["name", "entity", "key", "current"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Customers and conversations always have theirs; ticket types bring their own."""
        if self.allowed(request) and request.method == "GET":
            for entity in (Entity.CUSTOMER, Entity.CONVERSATION):
                schema_of(entity)
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The editor."""
        if not self.allowed(request):
            raise PermissionDenied
        return pages.editor(self.desk, request, self.owner(request, object_id))

    @admin.display(description="生效版本")
    def in_force(self, schema: Schema) -> str:
        """The version by which records are written."""
        return f"v{schema.current.number}" if schema.current else "未发布"

    @admin.display(description="字段")
    def size(self, schema: Schema) -> str:
        """How many fields it has."""
        return self.desk.size(schema.current.content) if schema.current else "—"

    @admin.display(description="草稿", boolean=True)
    def has_draft(self, schema: Schema) -> bool:
        """Whether somebody is at work on another."""
        return schema.versions.filter(state=VersionState.DRAFT).exists()
