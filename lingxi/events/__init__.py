"""Domain events: a transactional outbox, a relay, and subscribers.

`emit` writes a row in the caller's transaction, so an event exists exactly when its cause does.
The relay hands rows to subscribers at least once; a subscriber that writes to our own database
does so in the relay's transaction, which makes its effect happen exactly once.
"""
