"""URLs of background jobs."""

from django.urls import path

from lingxi.jobs import pages

app_name = "jobs"
urlpatterns = [
    path("", pages.jobs, name="list"),
    path("<uuid:job_id>/", pages.job, name="job"),
    path("<uuid:job_id>/file", pages.file, name="file"),
    path("<uuid:job_id>/cancel", pages.cancel, name="cancel"),
]
