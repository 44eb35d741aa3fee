"""The kinds of jobs of this app, found here by `lingxi.jobs`."""

from tickets import migrating
from tickets.classification import rebuild
from tickets.escalation import rebuild as escalation
from tickets.listing import bulk_job
from tickets.sla import recompute
from tickets.transfer import exporting, importing

__all__ = ["bulk_job", "escalation", "exporting", "importing", "migrating", "rebuild", "recompute"]
