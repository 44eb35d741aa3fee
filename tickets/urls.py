"""URLs of the ticket pages and of the ticket API."""

from django.urls import include, path

urlpatterns = [
    path("tickets/", include("tickets.pages.urls")),
    path("api/v1/tickets/", include("tickets.api.urls")),
    path("api/v1/visitor/", include("tickets.api.visitor_urls")),
    path("forms/", include("tickets.outside.urls")),
]
