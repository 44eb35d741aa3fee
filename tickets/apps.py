from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "工单"

    def ready(self) -> None:
        from tickets.service import hooks
        from tickets.sla import apply, signals

        hooks.listen(apply.on_change)
        signals.connect()
