from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = "会话"

    def ready(self) -> None:
        from conversations import break_notices, routed, signals  # noqa: F401

        routed.register()
        signals.connect()
