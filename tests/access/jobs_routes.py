"""URLs of background jobs, which are there for their owner alone. Part of the oracle."""

from collections.abc import Iterator

from tests.access.oracle import READERS
from tests.access.route import Route


def jobs_routes() -> Iterator[Route]:
    """The list has one's own; a job of somebody else is no job at all, not even to admins."""
    yield Route("jobs/", READERS)
    one, done = "jobs/<uuid:job_id>/", (("job_id", "job of agent"),)
    yield Route(one, READERS, kind="of agent", things=done)
    yield Route(f"{one}file", READERS, kind="of agent", things=done)
    yield Route(f"{one}cancel", READERS, "POST", kind="of agent", things=done)
