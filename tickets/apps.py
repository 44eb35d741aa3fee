from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "工单"

    def ready(self) -> None:
        from tickets import assignment, routed, strategy_facts  # noqa: F401
        from tickets.chat import merges, news, posting
        from tickets.approval import watching
        from tickets.listing import indexing
        from tickets.service import hooks
        from tickets.sla import apply, signals

        routed.register()
        hooks.listen(assignment.on_change)
        hooks.listen(apply.on_change)
        hooks.listen(indexing.on_change)
        hooks.listen(watching.on_change)
        signals.connect()
        posting.register()
        merges.register()
        news.register()
