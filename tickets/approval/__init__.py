"""审批: transitions that wait for somebody's yes.

chain      what a chain of steps says, as plain values: which steps apply, what answers amount to
people     who is asked in a step, and whether they may still answer
asking     a request begins, and its steps one after the other
deciding   answers, delegation, withdrawal; the transition is pulled after the last yes
timing     what happens to steps that nobody answers in time
watching   what other changes of the ticket mean to a pending request
shown      requests as people see them

All of it happens with the ticket locked, so that two answers at once are one after the other.
"""

from tickets.approval.asking import begin
from tickets.approval.deciding import decide, delegate, withdraw

__all__ = ["begin", "decide", "delegate", "withdraw"]
