"""How an event becomes an entry of the log, and an entry an event again: one short line of text.

    BOOT AT_MS KIND WHAT VALUE

The events of the wire are numbered anew at each start of the pump and forgotten; the entries of the log go on for ever.
So an entry carries the number of the start and the time since then. KIND is a letter where there is one for it.
"""

MOST_BYTES = 52  # of an entry; with its check it fills a slot of 64
# A phase is logged if the last one that was, or the start of the program, is so long ago: a short repeat would push all
# else out of the log, and a dose after a longer gap is one of those that people ask for.
PHASE_EVERY_MS = 1800000
_LETTER = {
    "boot": "B",
    "state": "S",
    "alarm": "A",
    "alarm_end": "E",
    "rate": "R",
    "bolus": "D",
    "bolus_end": "C",
    "prime": "P",
    "refill": "F",
    "mute": "M",
    "drawback": "W",
    "note": "N",
}
_KIND = {}
for _word in _LETTER:
    _KIND[_LETTER[_word]] = _word


def encode(boot, at_ms, kind, what, value):
    """Return the entry of an event; `what` is cut short if it is too long, the numbers never."""
    begin = "%d %d %s " % (boot, at_ms, _LETTER.get(kind, kind))
    end = " %d" % value
    return (begin + what[: max(1, MOST_BYTES - len(begin) - len(end))] + end).encode()


def decode(entry):
    """Return (boot, at_ms, kind, what, value) of an entry, or None if it is not one."""
    try:
        boot, at_ms, kind, what, value = bytes(entry).decode().split(" ")
        return int(boot), int(at_ms), _KIND.get(kind, kind), what, int(value)
    except (TypeError, ValueError):  # UnicodeError is a ValueError
        return None
