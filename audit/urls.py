"""URLs of this layer."""

from django.urls import URLPattern, URLResolver, path

from audit.archive import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("archive/", views.search, name="archive"),
    path("archive/<uuid:conversation_id>/", views.transcript, name="archive-transcript"),
]
