"""小结分类: the tree that agents choose from."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from conversations.models import WrapUp, WrapUpCategory
from conversations.wrap_up import MAX_DEPTH, path_of
from lingxi.admin import ReadOnlyModelAdmin, RoleModelAdmin, VisibleFilter, column
from routing.models import SkillGroup


class WrapUpCategoryForm(forms.ModelForm):
    """A category in its place."""

    class Meta:
        model = WrapUpCategory
        fields = ["name", "parent", "group", "order", "is_active"]

    def clean_name(self) -> str:
        """The slash divides the parts of a path."""
        name = " ".join(self.cleaned_data["name"].split())
        if "/" in name:
            raise forms.ValidationError("名称不能包含 /")
        return name

    def clean(self) -> dict[str, Any]:
        """Not below itself, not too deep, and within its parent's group."""
        said = super().clean() or {}
        parent, above = said.get("parent"), []
        at = parent
        while at is not None and at not in above:
            above.append(at)
            at = at.parent
        if self.instance.pk and any(one.pk == self.instance.pk for one in above):
            self.add_error("parent", "不能放在自己下面")
        elif len(above) + self._height(self.instance.pk) > MAX_DEPTH:
            self.add_error("parent", f"最多 {MAX_DEPTH} 级")
        elif parent is not None and parent.group_id not in (None, _id_of(said.get("group"))):
            self.add_error("group", "必须与上级的技能组相同")
        return said

    def _height(self, pk: Any) -> int:
        """How many levels the category and what is below it take."""
        if pk is None or self.instance._state.adding:
            return 1
        below = WrapUpCategory.objects.filter(parent=pk)
        return 1 + max((self._height(one.pk) for one in below), default=0)


def _id_of(row: Any) -> Any:
    return row.pk if row is not None else None


@admin.register(WrapUpCategory)
class WrapUpCategoryAdmin(RoleModelAdmin):
    """The categories; those of a group are its supervisors' and those for all are everybody's."""

    form = WrapUpCategoryForm
    list_display = ["path", "group", "order", "is_active"]
    list_filter = [("group", VisibleFilter), "is_active"]
    list_select_related = ["parent__parent__parent", "group"]
    search_fields = ["name"]
    search_help_text = "名称"
    ordering = [F("parent__order").asc(nulls_first=True), "parent__name", "order", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WrapUpCategory]:
        """Those for all, and those of groups the person sees."""
        groups = SkillGroup.objects.visible_to(request.user)
        return super().get_queryset(request).filter(Q(group=None) | Q(group__in=groups))

    @admin.display(description="分类")
    def path(self, category: WrapUpCategory) -> str:
        """Its place in the tree."""
        return path_of(category)


@admin.register(WrapUp)
class WrapUpAdmin(ReadOnlyModelAdmin):
    """What agents wrote."""

    permission = "conversations.view"
    scoped_by = "conversation"
    list_display = ["created_at", "category", "resolved", column("note", "备注"), "agent"]
    fields = readonly_fields = [*list_display, "edited_at", column("conversation", "会话")]
    list_filter = [
        "resolved",
        ("category", VisibleFilter),
        ("agent", VisibleFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["category__parent__parent", "agent"]
    search_fields = ["note"]
    search_help_text = "备注，或完整的会话编号"
    id_fields = ("conversation_id",)
    ordering = ["-created_at"]
    paginator = InfinitePaginator
