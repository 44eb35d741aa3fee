"""``python -m lingxi.embedded exec COMMAND ...``: run a command with the servers up.

``python -m lingxi.embedded stop HOME`` stops them as soon as nobody uses them;
``python -m lingxi.embedded idle HOME`` fails when somebody does.
"""

import os
import signal
import subprocess
import sys

from lingxi import embedded


def execute(command: list[str]) -> int:
    """Run the command with the addresses in its environment; keep addresses given from outside."""
    if {"LINGXI_DATABASE_URL", "LINGXI_REDIS_URL"} <= os.environ.keys():
        return subprocess.run(command, check=False).returncode
    durable = os.environ.get("LINGXI_DURABLE", "1") != "0"
    with embedded.servers(durable=durable) as urls:
        child = subprocess.Popen(command, env=urls.environ() | os.environ)
        # Ctrl-C reaches the child by itself; we only have to outlive it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    """Dispatch on the first argument."""
    match arguments:
        case ["exec", *command] if command:
            return execute(command)
        case ["stop", home]:
            embedded.Servers(home).stop_when_unused()
            return 0
        case ["idle", home]:
            return 0 if embedded.Servers(home).idle else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
