"""The pages that show many tickets: list, board, calendar."""
