"""Back to the chat: what the customer sees of a ticket in their own chat window.

cards      a ticket as it goes into the log, and the lines that say what happened to it
places     the conversation of the customer in which it is said
posting    the subscriber that writes it there, once per event
merges     tickets of a customer who became another
news       what a visitor who comes back is told at once
"""
