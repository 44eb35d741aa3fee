"""The parameters of actions: what they take, how they are checked and shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lingxi.ids import parse_id
from routing.models import Agent, SkillGroup
from routing.strategy.names import Names
from routing.strategy.refusal import Refused, text_of, whole_of


@dataclass(frozen=True)
class Param:
    """One parameter. `default` stands in for an empty value that is not required."""

    type: ClassVar[str]
    name: str
    label: str
    help: str = ""
    required: bool = True
    default: Any = None

    def read(self, value: Any) -> Any:
        """The value to keep, None for none. Raises `Refused` with the parameter's label."""
        if value is None or value == "":
            if self.required and self.default is None:
                raise Refused(f"请填写“{self.label}”")
            return self.default
        try:
            return self.clean(value)
        except Refused as exc:
            raise Refused(f"“{self.label}”{exc}") from exc

    def clean(self, value: Any) -> Any:
        """The value as it is kept. Raises `Refused`."""
        raise NotImplementedError

    def show(self, value: Any, names: Names) -> str:
        """The value in words."""
        return str(value)

    def options(self) -> list[tuple[str, str]]:
        """What may be picked: (value, label). Empty: anything may be typed."""
        return []

    def limits(self) -> dict[str, Any]:
        """What a form must know of the bounds."""
        return {}


@dataclass(frozen=True)
class WholeParam(Param):
    """A whole number within limits."""

    type = "integer"
    least: int = 0
    most: int = 100
    unit: str = ""

    def clean(self, value: Any) -> int:
        """Within the limits."""
        return whole_of(value, self.least, self.most)

    def limits(self) -> dict[str, Any]:
        """Both ends and the unit."""
        return {"minimum": self.least, "maximum": self.most, "unit": self.unit}


@dataclass(frozen=True)
class TextParam(Param):
    """A text."""

    type = "text"
    most: int = 500

    def clean(self, value: Any) -> str:
        """Not too long."""
        return text_of(value, self.most)

    def limits(self) -> dict[str, Any]:
        """The longest."""
        return {"max_length": self.most}


@dataclass(frozen=True)
class ChoiceParam(Param):
    """One of a fixed list of (value, label)."""

    type = "choice"
    choices: Sequence[tuple[str, str]] = ()

    def clean(self, value: Any) -> str:
        """On the list."""
        if not isinstance(value, str) or value not in dict(self.choices):
            raise Refused("没有这个选项")
        return value

    def show(self, value: Any, names: Names) -> str:
        """The label."""
        return dict(self.choices).get(value, str(value))

    def options(self) -> list[tuple[str, str]]:
        """The list."""
        return list(self.choices)


class _IdParam(Param):
    def clean(self, value: Any) -> str:
        """An id as text; whether it exists is checked against the database."""
        found = parse_id(value) if isinstance(value, str) and len(value) <= 45 else None
        if found is None:
            raise Refused("不是有效的编号")
        return str(found)


@dataclass(frozen=True)
class GroupParam(_IdParam):
    """A skill group."""

    type = "group"

    def show(self, value: Any, names: Names) -> str:
        """Its name."""
        return names.group(value)

    def options(self) -> list[tuple[str, str]]:
        """All groups."""
        return [(str(pk), name) for pk, name in SkillGroup.objects.values_list("id", "name")]


@dataclass(frozen=True)
class AgentParam(_IdParam):
    """An agent."""

    type = "agent"

    def show(self, value: Any, names: Names) -> str:
        """Their name."""
        return names.agent(value)

    def options(self) -> list[tuple[str, str]]:
        """All agents whose user is active."""
        active = Agent.objects.filter(user__is_active=True)
        return [(str(pk), name) for pk, name in active.values_list("id", "name")]
