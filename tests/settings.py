"""The product's settings, on servers of the test run's own."""

from tests import bootstrap

bootstrap.prepare()

from lingxi.settings import *  # noqa: E402, F403
from lingxi.settings import DATABASES, LINGXI, STATIC_ROOT  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": f"test_lingxi{bootstrap.slot()}"}
# The real hasher is slow on purpose, and tests log in a lot.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # the one the live server believes
]
LINGXI["LIVE_KEPT"] = 0  # tests see what they have just written
# Every test client would look through all static files, which costs more than most requests do.
WHITENOISE_USE_FINDERS = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
