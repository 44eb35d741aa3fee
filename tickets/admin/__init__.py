"""Tickets in the admin: types with their workflows, and the rows to be looked at."""

from tickets.admin import automation, escalation, issue_types, sla, tickets, types

__all__ = ["automation", "escalation", "issue_types", "sla", "tickets", "types"]
