"""The ticket pages."""
