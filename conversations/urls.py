"""URLs of the conversation layer."""

from django.urls import URLPattern, URLResolver, include, path

from conversations.attachments.views import download
from conversations.channels.web.widget import demo, widget, widget_more, widget_tickets

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("conversations.api.urls")),
    path("files/<uuid:attachment_id>/<str:name>", download, name="file"),
    path("widget.js", widget, name="widget"),
    path("widget-more.js", widget_more, name="widget-more"),
    path("widget-tickets.js", widget_tickets, name="widget-tickets"),
    path("demo/", demo, name="demo"),
    path("workbench/", include("conversations.workbench.urls")),
    path("floor/", include("conversations.floor.urls")),
]
