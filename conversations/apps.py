from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = "会话"

    def ready(self) -> None:
        from conversations import (  # noqa: F401
            break_notices,
            declared,
            listening,
            routed,
            signals,
            strategy_facts,
        )

        declared.register()
        routed.register()
        listening.register()
        signals.connect()
