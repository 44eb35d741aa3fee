"""自定义字段: forms of customers, conversations and tickets as data, in frozen versions.

definitions   a field as it was defined
types         what a value of each type is
checks        what is wrong with definitions
form          a version compiled: `clean`, `shown`, `visible`, `upgrade`, `controls`
live          `schema_of`, `current`, `form_of`
versions      drafts, publishing, going back
hooks         what other apps know: files, customers
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lingxi.fields.form import Form
    from lingxi.fields.hooks import Reference, register_customer_check, register_file_check
    from lingxi.fields.live import current, form_of, schema_of
    from lingxi.fields.upgrading import Upgrade

__all__ = [
    "Form",
    "Reference",
    "Upgrade",
    "current",
    "form_of",
    "register_customer_check",
    "register_file_check",
    "schema_of",
]

_LATER = {
    "Form": "form",
    "Upgrade": "upgrading",
    "Reference": "hooks",
    "register_customer_check": "hooks",
    "register_file_check": "hooks",
    "current": "live",
    "form_of": "live",
    "schema_of": "live",
}


def __getattr__(name: str) -> Any:
    """What needs models comes when it is asked for: this package is imported before they are."""
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"lingxi.fields.{_LATER[name]}"), name)
