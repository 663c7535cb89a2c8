"""Frames: bytes <-> messages, check value, resynchronisation. No I/O.

A frame is one line of printable ASCII:

    $SEQ NAME FIELD FIELD ...*CCCCCCCC\\n

CCCCCCCC is the CRC-32 (as in zlib) of what stands between `$` and `*`, in eight lower-case hex digits. There is exactly
one way to write a message: single spaces, no leading zeros, no plus sign. What is written otherwise is refused. Since
the check value covers the text and not the line end, a line may end with LF, CR or both.
"""

from binascii import crc32

from .kinds import kinds_of

MAX_LINE = 384  # bytes: the longest message with every number at 18 digits fits; a longer line is noise
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"


# What is sent and asked again and again keeps its layout; all others are laid out each time. Each takes 300 bytes of a
# Pico's memory.
OFTEN = ("telemetry", "event", "status", "is", "ok")
_LAYOUT = {}


def _layout(name):
    """Return (kinds, the places of the numbers, the places of all else, what `%` makes the fields with)."""
    kinds = kinds_of(name)
    numbers = tuple([i for i in range(len(kinds)) if kinds[i] == "i"])
    others = tuple([i for i in range(len(kinds)) if kinds[i] != "i"])
    layout = kinds, numbers, others, "%s %s" + " %s" * len(kinds)
    if name in OFTEN:
        _LAYOUT[name] = layout
    return layout


def encode(seq, name, values):
    """Return the frame of a message as bytes. values: in the order of the table; lists of numbers for kind `l`."""
    kinds, _, _, form = _LAYOUT.get(name) or _layout(name)
    if "l" in kinds:
        values = [(",".join([str(v) for v in value]) or "-") if isinstance(value, list) else value for value in values]
    body = (form % ((seq, name) + tuple(values))).encode()
    return b"$%s*%08x\n" % (body, crc32(body) & 0xFFFFFFFF)


def _numbers(text):
    """Return what a field of kind `l` spells. Raises ValueError."""
    numbers = [] if text == "-" else [int(t) for t in text.split(",")]
    if (",".join([str(n) for n in numbers]) or "-") != text:
        raise ValueError
    return numbers


def decode(line):
    """Return (seq, name, values) for a line without its line end, or None if it is not exactly one good frame.

    Bytes before the last `$` are noise from before we listened and are skipped.
    """
    at = line.rfind(b"$")
    if at < 0 or not 13 <= len(line) - at <= MAX_LINE or line[-9] != 42:
        return None
    body = line[at + 1 : -9]
    if b"%08x" % (crc32(body) & 0xFFFFFFFF) != line[-8:]:
        return None
    try:
        text = body.decode()
        values = text.split(" ")
        seq = int(values.pop(0))
        name = values.pop(0)
        kinds, numbers, others, form = _LAYOUT.get(name) or _layout(name)
        for i in numbers:
            values[i] = int(values[i])
        # There is one way to write it: what does not come out as it went in was written in another.
        if len(values) != len(kinds) or form % ((seq, name) + tuple(values)) != text:
            return None
        for i in others:
            if kinds[i] == "l":
                values[i] = _numbers(values[i])
            elif not values[i] or values[i].strip(_WORD):  # nothing is left of a word without the letters of words
                return None
        return seq, name, values
    except (ValueError, IndexError, KeyError):  # UnicodeError is a ValueError
        return None


class Lines:
    """Cuts a stream of bytes into lines; forgets a line that grows past MAX_LINE."""

    def __init__(self):
        self._rest = b""
        self._skipping = False

    def feed(self, data):
        """Return the lines that `data` completes, without their line ends; empty lines are left out."""
        pieces = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = pieces.pop()
        if self._skipping and pieces:
            pieces.pop(0)
            self._skipping = False
        if len(self._rest) > MAX_LINE:
            self._skipping = True
            self._rest = b""
        lines = []
        for piece in pieces:
            if piece and len(piece) <= MAX_LINE:
                lines.append(piece)
        return lines
