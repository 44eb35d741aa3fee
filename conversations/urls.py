"""URLs of the conversation layer."""

from django.urls import URLPattern, URLResolver, include, path

from conversations.widget_views import demo, widget

urlpatterns: list[URLPattern | URLResolver] = [
    path("widget.js", widget, name="widget"),
    path("demo/", demo, name="demo"),
]
