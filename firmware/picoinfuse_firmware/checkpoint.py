"""What the reserve record holds: where a program stands, as at most 112 bytes of text with a check value.

Whole numbers one after the other, five bits to a character, the lowest bits first; the last character of a number is of
another alphabet, so that nothing stands between them. The check value (CRC-32 in hex) covers the check value of the
program too: the record of another program is none.
"""

from binascii import crc32

# Of one lane (the dose, or keep-vein-open) and at the horizon, up to which steps are laid.
FIELDS = (
    "run",  # which start of a program; so many were there
    "phase",
    "entered",  # 1: the phase runs; 0: it has not begun; 2: nor has it, and the lane is that of keep-vein-open
    "passes",  # of the loop that runs, begun
    "given",  # steps counted at the motor when this was written ...
    "laid",  # ... laid, beyond given ...
    "reserved",  # ... and that may be laid before the next record, beyond laid
    "other",  # steps of the other lane
    "other_owed_nl",  # ... and what of theirs was due, less the volume of these
    "owed_nl",  # what is due, less the volume of what is laid
    "used_nl",  # of the phase, rounded up
    "used_ms",
    "rate_nl",  # the rate a person has changed the phase to, or 0 and 0
    "rate_ms",
    "bolus_nl",  # what the boluses that run and wait have left, rounded up
    "added_nl",  # what people's changes and boluses added to the order
    "uncertain",  # so many steps of the dose may not have been given: from power cuts before
    "drawn",  # steps drawn back after occlusions
    "left_nl",  # in the syringe when this was written
    "angle",  # of the screw then, in encoder counts; -1: not known
    "planned",  # syringes that the program plans to follow this one
)
SIGNED = ("other_owed_nl", "owed_nl", "added_nl", "left_nl", "angle")  # these may be below 0
_DIGITS = b"0123456789abcdefghijklmnopqrstuv"
_LAST = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+-:;=_"
_CRC = 8  # characters
_FORMAT = b"2"  # goes into the check value: what another version of the firmware wrote is none


class Checkpoint:
    """Has an attribute for each of FIELDS; given, laid and reserved count from 0 here."""

    def __init__(self):
        for name in FIELDS:
            setattr(self, name, 0)


def write(place, check):
    """Return a Checkpoint as bytes. check: of its program."""
    data = bytearray()
    for name in FIELDS:
        number = getattr(place, name)
        if name == "laid":
            number -= place.given
        elif name == "reserved":
            number -= place.laid
        if name in SIGNED:
            number = 2 * number if number >= 0 else -2 * number - 1
        elif number < 0:
            number = 0  # of what cannot be below; a record that is not written would be worse
        while number > 31:
            data.append(_DIGITS[number & 31])
            number >>= 5
        data.append(_LAST[number])
    return bytes(data) + _crc(data, check)


def read(data, check):
    """Return the Checkpoint of these bytes, or None if they are damaged, of another program, or None."""
    if data is None or len(data) <= _CRC or _crc(data[:-_CRC], check) != bytes(data[-_CRC:]):
        return None
    numbers = []
    number = shift = 0
    for i in range(len(data) - _CRC):
        character = data[i : i + 1]
        digit = _DIGITS.find(character)
        if digit < 0:
            numbers.append(number + (_LAST.find(character) << shift))
            number = shift = 0
        else:
            number += digit << shift
            shift += 5
    if len(numbers) != len(FIELDS):
        return None
    place = Checkpoint()
    for i in range(len(FIELDS)):
        name = FIELDS[i]
        number = numbers[i]
        if name in SIGNED:
            number = -(number + 1) // 2 if number & 1 else number // 2
        setattr(place, name, number)
    place.laid += place.given
    place.reserved += place.laid
    return place


def _crc(data, check):
    return b"%08x" % (crc32(bytes(data) + _FORMAT + check.encode()) & 0xFFFFFFFF)
