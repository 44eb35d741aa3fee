"""The Celery app: wake-ups and timed sweeps. What it works on is always a row."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")

app = Celery("lingxi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "assign-waiting": {
        "task": "conversations.tasks.sweep",
        "schedule": settings.LINGXI["SWEEP"],
        "options": {"expires": settings.LINGXI["SWEEP"] * 2},
    },
    "take-up-simulations": {
        "task": "routing.tasks.sweep_simulations",
        "schedule": 15,
        "options": {"expires": 30},
    },
    "take-up-jobs": {
        "task": "lingxi.jobs.tasks.sweep_jobs",
        "schedule": 15,
        "options": {"expires": 30},
    },
    "remove-job-files": {"task": "lingxi.jobs.tasks.remove_expired", "schedule": 24 * 3600},
    "sweep-tickets": {
        "task": "tickets.tasks.sweep",
        "schedule": settings.LINGXI["SWEEP"],
        "options": {"expires": settings.LINGXI["SWEEP"] * 2},
    },
    "learn-from-tickets": {
        "task": "tickets.tasks.learn",
        "schedule": 60,
        "options": {"expires": 120},
    },
    "remove-unused-uploads": {
        "task": "conversations.tasks.remove_unused_uploads",
        "schedule": 24 * 3600,
    },
}
