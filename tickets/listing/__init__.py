"""Which tickets in which order with which columns: the list, its saved views, board, calendar."""
