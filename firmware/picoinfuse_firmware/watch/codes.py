"""Wrong codes: the third wrong code of a person in a row, and how long that person waits after each of them.

The wait doubles with each wrong code. Where it ends is a teaching value: of a million codes of six digits, a tenth is
tried in ten months. The count outlives power cuts, and after one the wait begins anew: time off is no time.
"""

from ..alarms import WRONG_CODE

TELL_AT = 3  # as often as a bank card lets one try; engineer's judgement
FIRST_WAIT_MS = 2000
MAX_WAIT_MS = 256000
MOST = 99  # more are not counted


def wrong(count):
    """Return WRONG_CODE if so many wrong codes in a row are told, else 0."""
    return WRONG_CODE if count >= TELL_AT else 0


def wait_ms(count):
    """Return how long nobody may log in as a person after so many wrong codes in a row."""
    return 0 if count <= 0 else min(FIRST_WAIT_MS << min(count - 1, 20), MAX_WAIT_MS)
