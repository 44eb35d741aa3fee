"""The only writer of messages.

validate   what a client sent, before anything is locked
batch      one transaction for many commands: lock, look for duplicates, number, write
log        the rows themselves; also used by `conversations.actions` for states and ratings
writer     the thread that commits group after group, and acks after the commit
"""

from conversations.ingest.commands import Ack, Command
from conversations.ingest.writer import send, submit

__all__ = ["Ack", "Command", "send", "submit"]
