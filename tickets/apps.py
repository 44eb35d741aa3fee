from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "工单"

    def ready(self) -> None:
        from tickets import (  # noqa: F401
            assignment,
            field_records,
            routed,
            strategy_facts,
            supervision,
        )
        from tickets.approval import watching
        from tickets.automation import watching as rules
        from tickets.chat import merges, news, posting
        from tickets.classification import watching as guessing
        from tickets.escalation import calendars, timers
        from tickets.listing import indexing
        from tickets.service import hooks
        from tickets.sla import apply, signals

        routed.register()
        field_records.register()
        hooks.listen(guessing.on_change)  # before tickets are placed: it says what they are about
        hooks.listen(assignment.on_change)
        hooks.listen(apply.on_change)
        hooks.listen(indexing.on_change)
        hooks.listen(watching.on_change)
        supervision.register()
        hooks.listen(timers.on_change)
        calendars.connect()
        signals.connect()
        rules.register()
        posting.register()
        merges.register()
        news.register()
