"""The workflow editor of a ticket type.

desk      what `lingxi.versioned.admin` needs to know of workflows
form      what the editor's script can offer
words     transitions and chains as sentences, and what differs between two workflows
diagram   the workflow drawn
moving    bringing open tickets to the version in force
"""
