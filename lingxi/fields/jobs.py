"""The background job of fields, where `lingxi.jobs` looks for it."""

from lingxi.fields.migrating import run

__all__ = ["run"]
