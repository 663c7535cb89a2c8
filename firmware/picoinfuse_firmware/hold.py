"""A program that a host looks after: which waits and which rates can be ordered for when the host is not heard."""

from . import limits
from .program import BOLUS, RATE

MIN_FOR_MS = 5000  # some requests of a host that lives
MAX_FOR_MS = 86400000


def check(option, program, step, config):
    """Check an option `hold`."""
    if option.what != "-":
        return ("bad_option", 0, 0)
    if len(option.numbers) != 3:
        return ("bad_option", 0, len(option.numbers) + 1)
    for_ms, rate_nl, rate_ms = option.numbers
    if for_ms < MIN_FOR_MS:
        return ("hold_range", for_ms, MIN_FOR_MS)
    if for_ms > MAX_FOR_MS:
        return ("hold_range", for_ms, MAX_FOR_MS)
    for i in range(len(program.phases)):
        if program.phases[i].kind not in (RATE, BOLUS):
            return ("hold_phase", i, 0)  # only a phase of constant rate can be changed
    if rate_nl == 0 and rate_ms == 0:
        return None
    return limits.rate(rate_nl, rate_ms, limits.max_rate_nl_h(config, step))
