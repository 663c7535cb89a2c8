"""Air: the bubble detector sees it, or saw a bubble pass since the last look.

It counts while a program is under way, also while the motor stands, but not before the start: priming drives it out.
How large a bubble has to be is the detector's: one that is told of here is never too small, and none is let pass
because it was quick.
"""

from ..alarms import AIR
from ..board import AIR_SEEN


def seen(bits):
    """Return AIR if the bits of `Board.switches` say so, else 0."""
    return AIR if bits & AIR_SEEN else 0
