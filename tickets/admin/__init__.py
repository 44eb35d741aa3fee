"""Tickets in the admin: types with their workflows, and the rows to be looked at."""

from tickets.admin import tickets, types

__all__ = ["tickets", "types"]
