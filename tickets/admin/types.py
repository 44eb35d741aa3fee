"""Ticket types: settings here, the workflow in its editor, the form in that of `lingxi.fields`."""

from collections.abc import Iterable
from typing import Any

from auditlog.models import LogEntry
from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from lingxi.access.permissions import PERMISSIONS, can
from lingxi.admin import RoleModelAdmin
from lingxi.fields.models import Schema
from lingxi.ids import parse_id
from lingxi.versioned.admin import VersionedAdmin
from lingxi.versioned.models import VersionState
from routing.models import SkillGroup
from tickets import versions
from tickets.admin.workflow import moving
from tickets.admin.workflow.desk import DESK
from tickets.models import TicketType, TypeVersion

VIEW = "view_tickets"
RESTRICTION = "is_restricted"
User = get_user_model()


class TicketTypeForm(ModelForm):
    """A type with those who see its tickets when it is restricted: object permissions."""

    viewers = forms.ModelMultipleChoiceField(
        label="授权人员",
        queryset=User.objects.filter(
            is_active=True, role_assignment__role__in=PERMISSIONS["tickets.view"]
        ).order_by("first_name", "username"),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="勾选“仅授权可见”后，除管理员和相关人员外，只有这些人能看到此类工单。",
    )

    class Meta:
        model = TicketType
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "viewers" in self.fields and not self.instance._state.adding:
            self.fields["viewers"].initial = viewers_of(self.instance)

    def clean_key(self) -> str:
        """Refuses a key whose form is there already, of a type that is gone."""
        key = self.cleaned_data["key"]
        if self.instance._state.adding and Schema.objects.filter(entity="ticket", key=key).exists():
            raise forms.ValidationError("此标识已被使用。")
        return key


class PlainForm(TicketTypeForm):
    """The same for those who do not decide who sees what."""

    viewers = None  # type: ignore[assignment]


def viewers_of(type: TicketType) -> Any:
    """Those to whom the type's tickets are entrusted."""
    return get_users_with_perms(
        type, only_with_perms_in=[VIEW], with_superusers=False, with_group_users=False
    )


def set_viewers(type: TicketType, users: Iterable[Any], by: Any) -> None:
    """Entrust the type's tickets to `users` and nobody else; logged."""
    before, after = set(viewers_of(type)), set(users)
    for user in before - after:
        remove_perm(VIEW, user, type)
    for user in after - before:
        assign_perm(VIEW, user, type)
    if before != after:
        LogEntry.objects.log_create(
            type,
            action=LogEntry.Action.UPDATE,
            changes={"viewers": [_names(before), _names(after)]},
            actor=by,
        )


def _names(users: Iterable[Any]) -> str:
    return "、".join(sorted(user.first_name or user.get_username() for user in users)) or "无"


@admin.register(TicketType)
class TicketTypeAdmin(VersionedAdmin, RoleModelAdmin):
    """Kinds of tickets. One that was used is taken out of use, never deleted."""

    permission = "tickets.manage"
    can_delete = False
    desk = DESK
    views = (("migrate", "migrate/", moving.page), ("move", "migrate/start/", moving.start))
    form = TicketTypeForm
    change_form_outer_before_template = "tickets/admin/_tabs.html"
    list_display = ["name", "key", "in_force", "group", "urgency", "is_public", "is_active"]
    list_select_related = ["current", "group"]
    search_fields = ["name", "key"]
    search_help_text = "名称或标识"
    begin = ["name", "key", "description", "group", "is_public"]
    fieldsets = [
        (None, {"fields": ["name", "key", "description", ("is_active", "order")]}),
        (
            "受理",
            {"fields": ["group", "default_priority", "is_public"]},
        ),
        ("解决之后", {"fields": [("reopen_days", "close_after_days")]}),
        ("可见范围", {"fields": [RESTRICTION, "viewers"]}),
    ]

    class Media:
        css = {"all": ["lingxi/editor/editor.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new type needs little; who sees what is decided by those who manage users."""
        if obj is None:
            words = "保存后即按标准流程可用，之后可以修改流程、表单和其他设置。"
            return [(None, {"fields": self.begin, "description": words})]
        if can(request.user, "users.manage"):
            return self.fieldsets
        seen = (self.fieldsets[-1][0], {"fields": [RESTRICTION, "entrusted"]})
        return [*self.fieldsets[:-1], seen]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A key stays what it is: it names the form, and clients know it."""
        if obj is None:
            return []
        leaders = [] if can(request.user, "users.manage") else [RESTRICTION, "entrusted"]
        return ["key", *leaders]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A field left out of the page must be left out of the form too: it could be posted."""
        if obj is None or not can(request.user, "users.manage"):
            kwargs["form"] = PlainForm
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Groups in sight, and the one that somebody else has chosen."""
        match = request.resolver_match
        if db_field.name == "group" and match is not None:
            pk = parse_id(str(match.kwargs.get("object_id", "")))
            chosen = TicketType.objects.filter(pk=pk).values("group") if pk else []
            seen = SkillGroup.objects.visible_to(request.user).values("pk")
            kwargs["queryset"] = SkillGroup.objects.filter(Q(pk__in=seen) | Q(pk__in=chosen))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TicketType]:
        """With whether there is a draft."""
        drafts = TypeVersion.objects.filter(type=OuterRef("pk"), state=VersionState.DRAFT)
        return super().get_queryset(request).annotate(has_draft=Exists(drafts))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The settings, with the tabs of the other pages above."""
        pk = parse_id(object_id)
        found = TicketType.objects.filter(pk=pk).first() if pk else None
        tabs = DESK.tabs(found) if found is not None else []
        more = {"tabs": tabs, "tab": "settings", **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new type gets its form and its first workflow at once."""
        if not change:
            versions.begin(obj, by=request.user)
            return
        super().save_model(request, obj, form, change)
        Schema.objects.filter(pk=obj.schema_id).exclude(name=obj.name).update(name=obj.name)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Set who sees its tickets."""
        super().save_related(request, form, formsets, change)
        if "viewers" in form.cleaned_data:
            set_viewers(form.instance, form.cleaned_data["viewers"], request.user)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """On to the workflow."""
        if "_addanother" in request.POST or IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"“{obj.name}”已可使用，正按标准流程处理。")
        return redirect(DESK.url("editor", obj))

    @admin.display(description="流程", ordering="current__number")
    def in_force(self, type: Any) -> str:
        """The version in force, and whether there is a draft."""
        words = f"v{type.current.number} 生效中" if type.current else "未发布"
        return f"{words} · 有草稿" if type.has_draft else words

    @admin.display(description="默认优先级", ordering="default_priority")
    def urgency(self, type: TicketType) -> str:
        """The priority that new tickets get."""
        return type.get_default_priority_display()

    @admin.display(description="授权人员")
    def entrusted(self, type: TicketType) -> str:
        """Who sees the tickets when it is restricted."""
        return _names(viewers_of(type))
