"""People and their roles."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from lingxi.access.models import RoleAssignment
from lingxi.access.permissions import can
from lingxi.admin import RolePermissions, RoleStackedInline

admin.site.unregister(User)
admin.site.unregister(Group)  # roles take their place


class RoleInline(RoleStackedInline):
    """The person's role, on the person's page."""

    model = RoleAssignment
    permission = "users.manage"
    min_num = max_num = 1
    can_delete = False
    verbose_name_plural = "角色与数据范围"


@admin.register(User)
class UserAdmin(RolePermissions, DjangoUserAdmin, ModelAdmin):
    """Users. What they may do is their role, so Django's permissions are not offered."""

    permission = "users.manage"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [RoleInline]
    list_display = ["username", "first_name", "email", "role", "scope", "is_active", "last_login"]
    list_filter = [("role_assignment__role", ChoicesDropdownFilter), "is_active"]
    list_filter_submit = True
    list_select_related = ["role_assignment"]
    search_fields = ["username", "first_name", "last_name", "email"]
    search_help_text = "用户名、姓名或邮箱"
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("个人信息", {"fields": ("first_name", "last_name", "email")}),
        ("状态", {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "email", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Superusers are shown to superusers only: nobody else may take their account over."""
        users = super().get_queryset(request)
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    @admin.display(description="角色", ordering="role_assignment__role")
    def role(self, user: User) -> str:
        """The role's name."""
        if user.is_superuser:
            return "超级管理员"
        return user.role_assignment.get_role_display() if _assigned(user) else "—"

    @admin.display(description="数据范围", ordering="role_assignment__scope")
    def scope(self, user: User) -> str:
        """The scope's name."""
        if user.is_superuser:
            return "全部"
        return user.role_assignment.get_scope_display() if _assigned(user) else "—"

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Keep Django's staff flag in step with the role."""
        super().save_related(request, form, formsets, change)
        sync_staff(User.objects.get(pk=form.instance.pk))


def _assigned(user: User) -> bool:
    return hasattr(user, "role_assignment")


def sync_staff(user: User) -> None:
    """Set `is_staff` for those whose role opens the admin, and for nobody else."""
    staff = can(user, "admin.use")
    if user.is_staff != staff:
        user.is_staff = staff
        user.save(update_fields=["is_staff"])
