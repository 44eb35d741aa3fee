"""Files in conversations.

checks     what a file is, by its content, and whether it is taken
store      keep a checked upload, bind it to a conversation, remove what was never sent
links      short signed URLs
views      download and thumbnail, the only way to the bytes
"""

from conversations.attachments.links import links, signed_url
from conversations.attachments.store import bind, describe, keep, receive, remove_unused

__all__ = ["bind", "describe", "keep", "links", "receive", "remove_unused", "signed_url"]
