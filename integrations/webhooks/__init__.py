"""Webhooks out, as Standard Webhooks (https://www.standardwebhooks.com).

`fanout` turns events into delivery rows, `claims` hands due rows to senders, `sender` sends them,
`outcomes` decides what comes next, `actions` is what people do by hand.
"""
