"""Strategies: rules that supervisors edit decide who gets what, in which order.

    facts + rules  --decide-->  Decision (group, priority, preferred agent, texts, explanation)

`facts`, `operators` and `actions` are declared once each; everything else (form, validation, API,
sentences, documentation) follows from the declarations.
"""

from routing.strategy.deciding import decide
from routing.strategy.decision import Decision, Notify, Preferred

__all__ = ["Decision", "Notify", "Preferred", "decide"]
