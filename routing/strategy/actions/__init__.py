"""What rules do. `base` has the base class and the registry, `params` the parameters."""

from routing.strategy.actions import modifying, placing  # noqa: F401
from routing.strategy.actions.base import (
    Action,
    Effects,
    all_actions,
    get,
    register,
    unregister,
)

__all__ = ["Action", "Effects", "all_actions", "get", "register", "unregister"]
