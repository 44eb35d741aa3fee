"""Who is what."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """The six roles; what each may do is in `permissions.py`."""

    AGENT = "agent", "坐席"
    SUPERVISOR = "supervisor", "主管"
    ADMIN = "admin", "管理员"
    INSPECTOR = "inspector", "质检员"
    AUDITOR = "auditor", "审计员"
    PARTNER = "partner", "合作方"


class Scope(models.TextChoices):
    """Whose data a person sees."""

    OWN = "own", "本人"
    GROUP = "group", "本组"
    ALL = "all", "全部"


class RoleAssignment(models.Model):
    """The role and data scope of a person. Without one, a person may do nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_assignment"
    )
    role = models.CharField("角色", max_length=16, choices=Role.choices)
    scope = models.CharField("数据范围", max_length=8, choices=Scope.choices, default=Scope.OWN)

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = "角色"

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} / {self.get_scope_display()}"
