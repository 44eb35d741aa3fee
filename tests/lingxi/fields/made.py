"""Definitions and people that the tests of fields share."""

from types import SimpleNamespace
from typing import Any

from lingxi.access.models import Role, RoleAssignment
from lingxi.fields.form import Form, compile_form


def definition(key: str = "note", type: str = "text", **more: Any) -> dict[str, Any]:
    """A definition without errors, where `more` has none."""
    usual: dict[str, Any] = {}
    if type in ("choice", "multi_choice"):
        usual["options"] = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]
    if type == "cascade":
        usual["levels"] = [
            {"value": "浙江", "children": [{"value": "杭州", "children": [{"value": "西湖区"}]}]},
            {"value": "北京", "children": [{"value": "海淀区"}]},
        ]
    return {"key": key, "type": type, "label": f"字段 {key}", **usual, **more}


def form(*definitions: dict[str, Any], earlier: Any = ()) -> Form:
    """The form of the definitions."""
    return compile_form(definitions, earlier=earlier)


def person(role: str = Role.AGENT) -> Any:
    """Somebody with a role, without a database."""
    assignment = RoleAssignment(role=role)
    return SimpleNamespace(
        is_authenticated=True, is_active=True, is_superuser=False, _role_assignment=assignment
    )
