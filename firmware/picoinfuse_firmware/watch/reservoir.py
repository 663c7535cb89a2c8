"""Near end: little time is left. End: all is given. Empty: nothing is left, by the account or the end switch."""

from ..alarms import EMPTY, END, NEAR_END


def near_end(near_end_ms, remaining_ms):
    """Return NEAR_END when no more than near_end_ms is left of a dose, also if that is all of it, else 0."""
    if 0 < remaining_ms <= near_end_ms:
        return NEAR_END
    return 0


def end(nothing_follows, in_last_kvo):
    """Return END when the last step is done, or all that follows is to keep the vein open without end; else 0."""
    return END if nothing_follows or in_last_kvo else 0


def empty(left, at_end):
    """Return EMPTY when nothing (nL or steps) is left by the account or the end switch says so, else 0."""
    return EMPTY if at_end or left <= 0 else 0
