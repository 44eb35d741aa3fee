"""`make bench`: measures, each part on servers of its own, and prints one JSON object.

`python -m tests.bench` measures all parts, `python -m tests.bench ingest` one. The last line is
one JSON object: the figures of the part, or of each part by name.
"""

import datetime as dt
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from typing import Any

from lingxi.serve import environment, migrate

PARTS = ("ingest", "workbench", "archive", "routing", "tickets", "sockets")


def main(arguments: list[str]) -> int:
    """Run the parts asked for, or all."""
    if arguments[:1] == ["--here"]:
        return _here(arguments[1])
    unknown = set(arguments) - set(PARTS)
    if unknown:
        print(f"unknown part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    results = {part: _apart(part) for part in arguments or PARTS}
    only = len(arguments) == 1
    print(json.dumps(results[arguments[0]] if only else results, ensure_ascii=False))
    return 0


def _apart(part: str) -> dict[str, Any]:
    """Measure one part on fresh servers, in a process of its own."""
    print(f"{part} …", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="lingxi-bench-") as home, environment(home) as environ:
        migrate(environ)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench", "--here", part],
            env=os.environ | environ | {"LINGXI_LOG_LEVEL": "WARNING"},
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def _here(part: str) -> int:
    """Measure one part on the servers of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")
    import django

    django.setup()
    figures = importlib.import_module(f"tests.bench.{part}").run()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(
        json.dumps(
            {
                "part": part,
                "command": f"make bench ONLY={part}",
                "date": dt.datetime.now(dt.UTC).date().isoformat(),
                "machine": f"{machine}, Python {platform.python_version()}",
                **figures,
            },
            ensure_ascii=False,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
