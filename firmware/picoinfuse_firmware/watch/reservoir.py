"""Near end: little time is left. Empty: the plunger is at the end of its barrel, or nothing is left by the account."""

from ..alarms import EMPTY, NEAR_END


def near_end(near_end_ms, remaining_ms, dose_ms):
    """Return NEAR_END when less than near_end_ms is left of a dose that takes longer than that, else 0."""
    if 0 < remaining_ms <= near_end_ms < dose_ms:
        return NEAR_END
    return 0


def empty(left, at_end):
    """Return EMPTY when nothing (nL or steps) is left by the account or the end switch says so, else 0."""
    return EMPTY if at_end or left <= 0 else 0
