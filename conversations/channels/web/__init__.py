"""Websites, H5 pages and apps.

    socket   `/ws/visitor`, the chat protocol
    widget   `/widget.js`, the one script tag, and the demo shop

Where WebSocket is blocked the same protocol runs over HTTP: `conversations.api.visitor_chat`.
"""
