"""The admin as an app, with our own site."""

from django.contrib.admin.apps import AdminConfig


class LingxiAdminConfig(AdminConfig):
    """Django's admin with the site of `lingxi.admin`."""

    default_site = "lingxi.admin.LingxiAdminSite"
