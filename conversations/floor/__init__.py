"""The floor: what supervisors watch and step into, live.

warnings   what counts as a warning, and from when on
queries    the aggregates it is built from, a fixed number of them
snapshot   all of it at one moment: groups, agents, conversations
scope      the part of it a person may see
diffs      what is different between two such parts
sharing    one snapshot for all processes, through Redis
feed       one per event loop: who watches, and what each has been sent
socket     `/ws/floor`
views      the page; posts: what is done from it
"""
