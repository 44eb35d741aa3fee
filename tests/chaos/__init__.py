"""Fault runs: the whole product is killed piece by piece while people chat, and nothing is lost.

    world      the processes: private servers, two webs, relay, sender, worker; seed fills them
    client     the protocol's client rules; visitors and agents are built on it
    faults     who is killed when
    receiver   a partner's server that takes the webhooks
    evidence   what is in the database afterwards
    checker    compares what people tried, were promised, and saw with the evidence
    report     the table and the JSON line

``python -m tests.chaos`` (``make chaos``) runs it all; see docs/chaos.md.
"""
