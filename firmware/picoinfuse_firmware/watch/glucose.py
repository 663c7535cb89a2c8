"""Glucose: GLUCOSE_LOW while it is so low that a closed loop gives nothing, GLUCOSE_LOST while it has no readings."""

from ..alarms import GLUCOSE_LOST, GLUCOSE_LOW
from ..closed_loop import DOUBT, LOST, LOW, STUCK


def look(why, mg_dl, suspend_mg_dl):
    """Return the code, or 0. why: of the loop; mg_dl: its lowest_mg_dl; suspend_mg_dl: its limit.

    That glucose falls so fast that it will be low is no alarm yet: the loop has stopped, and it may well turn. A
    reading that is not believed raises one if it is low, since somebody should measure, and ends none.
    """
    if why == LOST or why == STUCK:
        return GLUCOSE_LOST
    return GLUCOSE_LOW if why in (LOW, DOUBT) and mg_dl < suspend_mg_dl else 0
