"""URLs of the routing layer."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/routing/", include("routing.api.urls")),
]
