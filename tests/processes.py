"""Running the product's own programs on the database of the test at hand."""

import os

from django.db import connection

from lingxi import embedded


def environment(**extra: str) -> dict[str, str]:
    """The environment of a program that works on this test's database.

    The test must be transactional: another process sees only what is committed.
    """
    url = embedded.with_database(
        os.environ["LINGXI_DATABASE_URL"], str(connection.settings_dict["NAME"])
    )
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lingxi.settings",
        "LINGXI_DATABASE_URL": url,
        "LINGXI_DATABASE_POOL": "2",
        "LINGXI_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        **extra,
    }
