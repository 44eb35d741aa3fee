"""What the pages of versions need to know of workflows."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from lingxi.versioned.admin import Desk, Difference
from tickets.admin.workflow import words
from tickets.admin.workflow.diagram import drawing
from tickets.admin.workflow.form import form
from tickets.models import TicketType
from tickets.versions import WORKFLOWS
from tickets.workflow_shape import normal, shape_problems

Shown = dict[str, Any]
ROUTE = "tickets_tickettype"


class WorkflowDesk(Desk):
    """The workflow of a ticket type."""

    versions = WORKFLOWS
    route = ROUTE
    prefix = "workflow/"
    noun = "流程"
    scope: ClassVar[str] = "新建的工单按新版本处理；已有的工单仍按原版本，可在“迁移工单”中迁移。"
    editor_template = "tickets/admin/workflow.html"
    version_template = "tickets/admin/version.html"

    def empty(self) -> Any:
        """No status, no transition."""
        return normal({})

    def size(self, content: Any) -> str:
        """How many statuses and transitions."""
        statuses, transitions = content.get("statuses", []), content.get("transitions", [])
        return f"{len(statuses)} 个状态，{len(transitions)} 个流转"

    def form(self, owner: TicketType) -> Shown:
        """What can be picked."""
        return {"offer": form(owner)}

    def content(self, version: Any) -> Any:
        """Nothing left out, also of versions made by hand."""
        return normal(super().content(version))

    def said(self, owner: TicketType, content: Any) -> Shown:
        """A sentence for each transition and chain, and the drawing."""
        if shape_problems(content):
            return {"sentences": {}, "drawing": ""}
        return self._said(owner, normal(content))

    def _said(self, owner: TicketType, whole: Mapping[str, Any]) -> Shown:
        names = words.names_of(owner, whole)
        return {
            "sentences": {
                "transitions": [words.transition(one, names) for one in whole["transitions"]],
                "approvals": [words.chain(one, names) for one in whole["approvals"]],
            },
            "drawing": render_to_string("tickets/admin/_diagram.html", {"drawing": drawing(whole)}),
        }

    def read(self, owner: TicketType, content: Any) -> Shown:
        """The drawing, and everything in sentences."""
        names = words.names_of(owner, content)
        statuses = [{**one, "sentence": words.status(one, content)} for one in content["statuses"]]
        transitions = [
            {"name": one["name"], "sentence": words.transition(one, names)}
            for one in content["transitions"]
        ]
        chains = [
            {"name": one["name"], "sentence": words.chain(one, names)}
            for one in content["approvals"]
        ]
        return {
            "drawing": drawing(content),
            "statuses": statuses,
            "transitions": transitions,
            "chains": chains,
        }

    def differences(self, owner: TicketType, before: Any, after: Any) -> list[Difference]:
        """Statuses, transitions and chains that are others."""
        if shape_problems(before) or shape_problems(after):
            return []
        return words.differences(owner, normal(before), normal(after))

    def tabs(self, owner: TicketType) -> list[tuple[str, str, str, str]]:
        """The type's settings, its form and its workflow."""
        settings = reverse("admin:tickets_tickettype_change", args=[owner.pk])
        found = [("settings", "设置", "Settings", settings)]
        found += [("editor", "流程", "Workflow", self.url("editor", owner))]
        try:
            fields = reverse("admin:fields_schema_editor", args=[owner.schema_id])
            found.append(("form", "表单", "Form", fields))
        except NoReverseMatch:  # without the pages of forms
            pass
        found.append(("versions", "流程版本", "Versions", self.url("versions", owner)))
        found.append(("migrate", "迁移工单", "Move tickets", self.url("migrate", owner)))
        return found


DESK = WorkflowDesk()
