"""The kinds of jobs of this app, found here by `lingxi.jobs`."""

from tickets.sla import recompute

__all__ = ["recompute"]
