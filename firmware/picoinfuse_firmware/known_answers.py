"""Does the processor still reckon rightly? Known answers of the arithmetic that a dose depends on.

Asked at power-on (selftest.py) and then every now and then (watch/memory.py).
"""

from binascii import crc32

from .dose import StepVolume
from .stream import Stream
from .wire import decode, encode


def wrong_answer():
    """Return the number of the first known answer that comes out wrong, 0 if none does."""
    if crc32(b"123456789") & 0xFFFFFFFF != 0xCBF43926:  # the check value that CRC-32 is published with
        return 1
    step = StepVolume(20000, 2000, 3200)
    if step.steps_in(10000000) != 50929 or step.nl_of(50929) != 9999886:
        return 2
    stream = Stream()
    stream.begin(0, 5000000, 10800000, 1000000)  # 5/3 mL/h
    if stream.end_ms != 2160000 or stream.value(1) != (25, 54):
        return 3
    frame = encode(7, "outcome_is", ["0badcafe", "done", "bolus"])
    if decode(frame[:-1]) != (7, "outcome_is", ["0badcafe", "done", "bolus"]) or decode(frame[:-2] + b"x") is not None:
        return 4
    return 0
