"""Pages on which supervisors edit, publish, compare and take back what lives in versions.

desk      what such pages are about, to be said by a subclass; and their URLs
pages     editor, list of versions, one version, two side by side
api       what the editor's script calls
show      drafts and versions in words
marking   what differs between two texts
"""

from lingxi.versioned.admin.desk import Desk, VersionedAdmin
from lingxi.versioned.admin.marking import Difference

__all__ = ["Desk", "Difference", "VersionedAdmin"]
