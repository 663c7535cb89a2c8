"""What of the table of messages the pump itself needs: the kinds of the fields, which are requests, the fingerprint.

The whole table (messages.py) has the names of the fields too, which fill 9 kB of a Pico's memory: there it is let go
once this file has been read.
"""

from . import messages

KINDS = {name: messages.TABLE[name][1] for name in messages.TABLE}
IS_REQUEST = tuple(messages.IS_REQUEST)
FINGERPRINT = messages.FINGERPRINT

del messages
