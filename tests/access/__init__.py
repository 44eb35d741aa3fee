"""Who may see and do what: every URL and socket action, every kind of person, one oracle."""
