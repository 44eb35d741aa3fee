"""URLs of import and export, under /tickets/."""

from django.urls import path

from tickets.transfer import export_pages, pages

urlpatterns = [
    path("import/", pages.upload, name="import"),
    path("import/template/", pages.template, name="import-template"),
    path("import/<uuid:upload_id>/", pages.columns, name="import-columns"),
    path("import/<uuid:upload_id>/run/", pages.run, name="import-run"),
    path("export/", export_pages.export, name="export"),
]
