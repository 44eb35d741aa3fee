"""One ticket on a page."""
