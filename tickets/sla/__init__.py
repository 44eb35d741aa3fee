"""时效 (SLA) of tickets.

clock      what one clock shows: values in, values out
policies   which policy fits a ticket, and what it asks
rows       clocks as rows
apply      what a change of a ticket does to its clocks, in its transaction
sweep      warnings and breaches at their minute, by what is due
recompute  all open tickets after a policy or calendar was edited, as a job
reckoning  a batch of them
shown      clocks as people and the API see them
metrics    how many were kept
"""
