from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = "会话"

    def ready(self) -> None:
        from conversations import (  # noqa: F401
            break_notices,
            listening,
            routed,
            signals,
            strategy_facts,
        )

        routed.register()
        listening.register()
        signals.connect()
