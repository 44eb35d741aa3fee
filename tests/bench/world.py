"""People and processes for a measurement."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lingxi.serve import wait_for_web
from lingxi.supervisor import Supervisor, commands


def people(visitors: int = 200, agents: int = 20) -> dict[str, Any]:
    """Agents who together have just room for the visitors, each visitor with a conversation.

    Returns tokens, as `tests.bench.load.Load` wants them. Needs a configured Django.
    """
    from conversations.actions import open_conversation
    from conversations.principals import Visitor, agent_token, visitor_token
    from routing.models import AgentStatus
    from tests import factories

    group = factories.SkillGroupFactory()
    channel = factories.ChannelFactory(group=group)
    capacity = -(-visitors // agents)
    serving = [
        factories.AgentFactory(
            groups=[group], capacity=capacity, status=AgentStatus.READY, present=True
        )
        for _ in range(agents)
    ]
    found = []
    for _ in range(visitors):
        customer = factories.CustomerFactory()
        conversation, _ = open_conversation(Visitor(customer.id, channel.id), {}, {})
        token = visitor_token(customer, channel)
        found.append({"token": token, "conversation": str(conversation.id)})
    return {"visitors": found, "agents": [agent_token(agent.user) for agent in serving]}


@contextmanager
def running(*names: str, application: str | None = None) -> Iterator[str]:
    """Run processes of the product; `application` replaces the web's. Yields host:port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes = commands(Path(os.environ["LINGXI_HOME"]), port=port)
    if application:
        processes["web"] = [
            application if part == "lingxi.asgi:application" else part for part in processes["web"]
        ]
    lines: list[str] = []
    with Supervisor(
        processes, echo=lambda name, line: lines.append(f"{name} {line}")
    ) as supervisor:
        supervisor.start("web", *names)
        if not wait_for_web("127.0.0.1", port):
            raise RuntimeError("the web process does not serve:\n" + "\n".join(lines))
        yield f"127.0.0.1:{port}"
        supervisor.stop()
    for line in lines[-5:]:
        print(f"    {line}", file=sys.stderr)
