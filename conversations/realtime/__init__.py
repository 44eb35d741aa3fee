"""Real time: sockets, and the hints that make them look at the log.

    hints       what is said after a commit, once per batch, to every process
    hub         one per process: who watches which conversation
    connection  one socket: its places in the logs it watches, and its outgoing frames
    sockets     the ASGI applications for visitors and agents (protocol.md)

PostgreSQL is the log; a hint only says "look now", and carries the rows to save the read. When a
hint is lost, the look that is due every few seconds finds what it would have said.
"""
