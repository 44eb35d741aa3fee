from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "lingxi.access"
    label = "access"
    verbose_name = "权限"
