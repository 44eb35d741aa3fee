"""Configuration that supervisors edit and publish: drafts, frozen versions, going back.

`models` has the row of a version, `problems` what is wrong with a draft, `life` how a draft
becomes a version. Who uses it: routing's strategies, the schemas of `lingxi.fields`, ticket types.
"""

from lingxi.versioned.life import MAX_NOTE, Versions
from lingxi.versioned.models import Version, VersionState, version_constraints
from lingxi.versioned.problems import Level, Problem, as_fields, errors_of

__all__ = [
    "MAX_NOTE",
    "Level",
    "Problem",
    "Version",
    "VersionState",
    "Versions",
    "as_fields",
    "errors_of",
    "version_constraints",
]
