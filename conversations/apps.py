from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = "会话"

    def ready(self) -> None:
        from conversations import routed, signals

        routed.register()
        signals.connect()
