"""The agent's page: list, chat and customer on one screen."""
