"""升级: rules that do something about tickets which wait too long.

conditions  when a rule holds, as plain values
rules       the active rules, and what they look at
timers      rows that say when a rule is to be looked at for a ticket, kept up with every change
firing      the sweep: what is due is looked at with the ticket locked, and done once
acting      what a rule does
words       a rule as a sentence
rebuild     timers of all open tickets after a rule was edited, as a job
closing     resolved tickets that nobody reopened are closed
"""
