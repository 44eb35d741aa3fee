"""The baseline of tickets: django-helpdesk from its wheel, on the same PostgreSQL.

It is installed beside, not among, what the product needs: into a folder that is put on the path of
a process of its own. Run as a script it creates tickets by its REST API, with ten custom fields,
one after the other in the process, and prints how many a second.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

VERSION = "2.6.1"
# What it needs besides what is here already, without its own parents: those are here.
WHEELS = (
    f"django-helpdesk=={VERSION}",
    "Markdown==3.11.3",
    "beautifulsoup4==4.15.0",
    "django-cleanup==9.0.0",
    "django-model-utils==5.0.0",
    "email-reply-parser==0.5.12",
    "oauthlib==4.0.1",
    "requests==2.34.2",
    "requests-oauthlib==2.0.0",
    "soupsieve==2.10",
    "urllib3==2.8.0",
    "charset-normalizer==3.5.2",
)
FIELDS = 10


def measure(count: int, database: str) -> float:
    """Tickets created a second, in a process and a database of its own."""
    home = Path(os.environ["LINGXI_HOME"]) / "helpdesk"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(home)]
    subprocess.run([*pip, *WHEELS], check=True, stdout=sys.stderr)
    paths = [str(home), str(Path(__file__).parents[2])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.django_helpdesk", str(count), database],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["per_second"])


def _configure(database: str) -> None:
    """A project as its documentation has it, with the product's database settings."""
    import environ
    from django.conf import settings

    parsed = environ.Env.db_url_config(database)
    settings.configure(
        SECRET_KEY="only for a measurement",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        DATABASES={"default": {**parsed, "CONN_MAX_AGE": None}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.messages",
            "django.contrib.humanize",
            "django.contrib.admin",
            "rest_framework",
            "helpdesk",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        SITE_ID=1,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        HELPDESK_TEAMS_MODEL="auth.User",
        HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
        HELPDESK_KBITEM_TEAM_GETTER=lambda kbitem: None,
    )


def _prepare() -> Any:
    """A queue, ten custom fields, and a client that is logged in."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from helpdesk.models import CustomField, Queue

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(title="After sales", slug="sales", allow_public_submission=True)
    for number in range(FIELDS):
        CustomField.objects.create(
            name=f"f{number}",
            label=f"Field {number}",
            data_type="varchar",
            max_length=200,
            required=False,
        )
    user = get_user_model().objects.create_superuser("bench", "bench@example.com", "bench")
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client, queue


def _run(count: int, database: str) -> None:
    _configure(database)
    import django

    django.setup()
    from django.conf import settings
    from django.contrib import admin
    from django.urls import include, path

    # Its views ask for the names of its own namespace and of the admin.
    settings.ROOT_URLCONF = (path("admin/", admin.site.urls), path("", include("helpdesk.urls")))
    client, queue = _prepare()
    custom = {f"custom_f{number}": f"value {number}" for number in range(FIELDS)}

    def create(number: int) -> None:
        said = {
            "queue": queue.pk,
            "title": f"Ticket {number}",
            "description": "The cup arrived with a crack",
            "priority": 3,
            "submitter_email": "someone@example.com",
            **custom,
        }
        answer = client.post("/api/tickets/", json.dumps(said), "application/json")
        assert answer.status_code == 201, answer.content[:500]

    for number in range(20):
        create(number)
    start = time.perf_counter()
    for number in range(count):
        create(number)
    print(json.dumps({"per_second": count / (time.perf_counter() - start)}))


if __name__ == "__main__":
    _run(int(sys.argv[1]), sys.argv[2])
