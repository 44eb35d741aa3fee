"""What every admin page is built on: one site, and permissions that come from roles.

Django's own model permissions are not used. `lingxi.access` says who enters (`admin.use`) and who
works on a page (its `permission`); `visible_to` says with which rows.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import orjson
from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.db.models import Field, ManyToManyField, Model, Q, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.dataclasses import ActionDialog
from unfold.sites import UnfoldAdminSite

from lingxi.access.permissions import can
from lingxi.ids import parse_id


class LingxiAdminSite(UnfoldAdminSite):
    """The admin. Entering it is a matter of role alone; there is one log-in page for everybody."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person's role carries `admin.use`."""
        return can(request.user, "admin.use")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Strangers go to the product's log-in, which is throttled; others are told no."""
        target = request.GET.get("next") or reverse(f"{self.name}:index")
        if not request.user.is_authenticated:
            return redirect(f"{reverse('login')}?{urlencode({'next': target})}")
        if not self.has_permission(request):
            raise PermissionDenied("您的角色不能使用管理后台")
        return redirect(reverse(f"{self.name}:index"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Logs out, and back to the product's log-in page."""
        super().logout(request, extra_context)
        return redirect(reverse("login"))


class RolePermissions:
    """Permissions of an admin page or inline, derived from the person's role.

    `permission` is what working here takes beside `admin.use`; `read_only` pages can only be
    looked at; `can_add` and `can_delete` take single verbs away. `scoped_by` names the foreign key
    whose model decides who sees a row, for models without a `visible_to` of their own.
    """

    permission = "admin.use"
    read_only = False
    can_add = True
    can_delete = True
    scoped_by = ""

    def allowed(self, request: HttpRequest) -> bool:
        """Whether the person may use this page at all."""
        return can(request.user, "admin.use") and can(request.user, self.permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page appears at all."""
        return self.allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether rows can be looked at."""
        return self.allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether rows can be changed."""
        return self.allowed(request) and not self.read_only

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether rows can be added."""
        return self.allowed(request) and self.can_add and not self.read_only

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether rows can be deleted."""
        return self.allowed(request) and self.can_delete and not self.read_only

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows the person may see."""
        queryset = visible(super().get_queryset(request), request)  # type: ignore[misc]
        if not self.scoped_by:
            return queryset
        owner = queryset.model._meta.get_field(self.scoped_by).related_model
        return queryset.filter(
            **{f"{self.scoped_by}__in": visible(owner._default_manager.all(), request)}
        )

    def formfield_for_foreignkey(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Offers, and accepts, only what the person may see."""
        kwargs.setdefault("queryset", _choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        """Offers, and accepts, only what the person may see."""
        kwargs.setdefault("queryset", _choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def visible(queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """`queryset` cut down by its own `visible_to`, when it has one."""
    narrow = getattr(queryset, "visible_to", None)
    return narrow(request.user) if narrow else queryset


def _choices(db_field: "Field[Any, Any]", request: HttpRequest) -> QuerySet[Any]:
    model = db_field.remote_field.model  # type: ignore[union-attr]
    return visible(model._default_manager.all(), request)


def column(path: str, label: str) -> Callable[[Model], Any]:
    """A column or read-only field that shows `path` (an attribute) under a label of our own."""

    @display(description=label, ordering=path)
    def show(row: Model) -> Any:
        method = getattr(row, f"get_{path}_display", None)
        value = method() if method else getattr(row, path)
        if isinstance(value, dt.datetime):
            return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
        return json_text(value) if isinstance(value, dict) else value

    show.__name__ = path  # the name under which Django keeps it
    return show


def json_text(value: Any) -> SafeString:
    """JSON to be read by people."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return format_html('<pre class="whitespace-pre-wrap font-mono text-xs">{}</pre>', text)


class VisibleFilter(RelatedDropdownFilter):
    """A filter by a related row that offers only what the person may see."""

    def field_choices(
        self, field: "Field[Any, Any]", request: HttpRequest, model_admin: ModelAdmin
    ) -> list[tuple[Any, str]]:
        """The choices of the drop-down."""
        return [(row.pk, str(row)) for row in _choices(field, request)[:500]]


def dialog(title: str, description: str, button: str, form_class: Any = None) -> ActionDialog:
    """A question before something is done; the answer is a POST with a CSRF token."""
    return ActionDialog(
        title=title, description=description, form_class=form_class, form_submit_text=button
    )


def go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, from a form in a dialog or a plain one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


class RoleModelAdmin(RolePermissions, ModelAdmin):
    """Base of every admin page. `id_fields` are searched when somebody pastes a whole id."""

    id_fields: tuple[str, ...] = ()
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that match, and whether some may come twice."""
        wanted = parse_id(search_term.strip())
        if wanted is None or not self.id_fields:
            return super().get_search_results(request, queryset, search_term)
        match = Q()
        for name in self.id_fields:
            match |= Q(**{name: wanted})
        return queryset.filter(match), False


class ReadOnlyModelAdmin(RoleModelAdmin):
    """Base of pages that show what other parts of the system wrote."""

    read_only = True
    actions: Any = None


class RoleTabularInline(RolePermissions, TabularInline):
    """Base of inlines in table form."""

    extra = 0
    hide_title = True


class RoleStackedInline(RolePermissions, StackedInline):
    """Base of inlines in form form."""

    extra = 0
