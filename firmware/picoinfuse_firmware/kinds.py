"""What of the table of messages the pump itself needs: the kinds of the fields, which are requests, the fingerprint.

The whole table (messages.py) has the names of the fields too, which fill 9 kB of a Pico's memory: there it is let go
once this file has been read.
"""

from . import messages

# "|name kinds|name kinds|": one text, since it takes a quarter of a dict's memory.
_KINDS = "|%s|" % "|".join([name + " " + messages.TABLE[name][1] for name in messages.TABLE])
IS_REQUEST = tuple(messages.IS_REQUEST)
FINGERPRINT = messages.FINGERPRINT

del messages


def kinds_of(name):
    """Return the kinds of the fields of a message, one letter each. Raises KeyError for a name that is none."""
    head = "|" + name + " "
    at = _KINDS.find(head)
    if at < 0:
        raise KeyError(name)
    at += len(head)
    return _KINDS[at : _KINDS.find("|", at)]
