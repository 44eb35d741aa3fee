"""The app of what happened: archive and audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Subscribes the archive to events, and registers what the audit log watches."""

    name = "audit"
    verbose_name = "档案与审计"

    def ready(self) -> None:
        """Called by Django when all models are there."""
        from audit import registration
        from audit.archive import subscriber

        subscriber.register()
        registration.register()
