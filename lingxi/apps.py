"""The admin as an app, with our own site."""

import warnings

from django.contrib.admin.apps import AdminConfig

# Unfold uses a widget of its own which it has deprecated; every command would say so.
warnings.filterwarnings("ignore", "UnfoldAdminCheckboxSelectMultiple is deprecated", UserWarning)


class LingxiAdminConfig(AdminConfig):
    """Django's admin with the site of `lingxi.admin`."""

    default_site = "lingxi.admin.LingxiAdminSite"

    def ready(self) -> None:
        """Every process wakes workers through our Celery app: relay and commands as well as web.

        Without it, `shared_task` would look for a broker where there is none.
        """
        from lingxi import celery  # noqa: F401

        super().ready()
