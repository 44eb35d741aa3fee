"""Which broker wake-ups go to."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
ASK = "from routing.tasks import assign_group as one; print(one.app.conf.broker_url)"


def test_commands_and_relay_wake_workers_by_our_redis():
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "lingxi.settings"}
    asked = [sys.executable, "-c", f"import django; django.setup(); {ASK}"]
    done = subprocess.run(
        asked, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == settings.CELERY_BROKER_URL
