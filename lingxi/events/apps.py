from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "lingxi.events"
    label = "events"
    verbose_name = "事件"
