"""Tickets of the demo business.

business   types, forms, workflows, issue types, SLA, rules: what supervisors would have set up
stories    what happens to a ticket, in words
history    tickets of past conversations and those that are open now
"""
