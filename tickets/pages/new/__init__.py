"""A new ticket, from a conversation or from scratch."""
