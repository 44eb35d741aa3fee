"""Agents, skill groups, schedules and the queue. Whatever changes here is routed again at once."""

from routing.admin import agents, groups, strategies, work

__all__ = ["agents", "groups", "strategies", "work"]
