"""The app."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Webhooks and connectors."""

    name = "integrations"
    verbose_name = "伙伴集成"

    def ready(self) -> None:
        """Subscribe to the outbox."""
        from integrations.webhooks import fanout  # noqa: F401
