"""Strategies: rules that supervisors edit decide who gets what, in which order.

    facts + rules  --decide-->  Decision (group, priority, preferred agent, texts, explanation)

`facts`, `operators` and `actions` are declared once each; everything else (form, validation, API,
sentences, documentation) follows from the declarations.
"""

from routing.strategy import live_facts, time_facts  # noqa: F401
from routing.strategy.compiling import Compiled, compile_rules
from routing.strategy.deciding import decide
from routing.strategy.decision import Decision, Notify, Preferred
from routing.strategy.engine import decide_with
from routing.strategy.live import Live
from routing.strategy.names import Names
from routing.strategy.rules import parse
from routing.strategy.sentences import sentence

__all__ = [
    "Compiled",
    "Decision",
    "Live",
    "Names",
    "Notify",
    "Preferred",
    "compile_rules",
    "decide",
    "decide_with",
    "parse",
    "sentence",
]
