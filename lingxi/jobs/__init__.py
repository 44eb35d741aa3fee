"""Background work that people start, watch and cancel.

registry   kinds of jobs: `register`
service    `start` and cancel a job
work       what a running job holds: parameters, checkpoint, steps, files
runner     does a job, and takes up what a killed worker left
files      what jobs read and leave behind, and its end
pages      the list, the progress, the file

    @register("tickets.export", title="导出工单", permission="tickets.export")
    def export(work: Work) -> dict[str, Any]: ...

    start("tickets.export", owner=user, params={...})
"""

from typing import TYPE_CHECKING, Any

from lingxi.jobs.registry import register

if TYPE_CHECKING:
    from lingxi.jobs.service import start
    from lingxi.jobs.work import Cancelled, Work

__all__ = ["Cancelled", "Work", "register", "start"]

_LATER = {"start": "service", "Cancelled": "work", "Work": "work"}


def __getattr__(name: str) -> Any:
    """What needs models comes when it is asked for: this package is imported before they are."""
    if name not in _LATER:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"lingxi.jobs.{_LATER[name]}"), name)
