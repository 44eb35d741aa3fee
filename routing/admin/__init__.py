"""Agents, skill groups, schedules and the queue. Whatever changes here is routed again at once."""

from routing.admin import agents, breaks, groups, roster, schedule, strategies, work

__all__ = ["agents", "breaks", "groups", "roster", "schedule", "strategies", "work"]
