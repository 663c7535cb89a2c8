"""Frames: bytes <-> messages, check value, resynchronisation. No I/O.

A frame is one line of printable ASCII:

    $SEQ NAME FIELD FIELD ...*CCCCCCCC\\n

CCCCCCCC is the CRC-32 (as in zlib) of what stands between `$` and `*`, in eight lower-case hex digits. There is exactly
one way to write a message: single spaces, no leading zeros, no plus sign. What is written otherwise is refused. Since
the check value covers the text and not the line end, a line may end with LF, CR or both.
"""

from binascii import crc32

from .messages import TABLE

MAX_LINE = 384  # bytes: the longest message with every number at 18 digits fits; a longer line is noise
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"


def encode(seq, name, values):
    """Return the frame of a message as bytes. values: in the order of the table; lists of numbers for kind `l`."""
    if "l" in TABLE[name][1]:
        values = [(",".join([str(v) for v in value]) or "-") if isinstance(value, list) else value for value in values]
    body = " ".join([str(seq), name] + [str(value) for value in values]).encode()
    return b"$%s*%08x\n" % (body, crc32(body) & 0xFFFFFFFF)


def _number(text):
    """Return the whole number that `text` spells. Raises ValueError if it is not spelled in the one canonical way."""
    value = int(text)
    if str(value) != text:
        raise ValueError
    return value


def _word_or_list(kind, text):
    """Return what a field of kind `w` or `l` spells. Raises ValueError."""
    if kind == "l":
        return [] if text == "-" else [_number(t) for t in text.split(",")]
    if not text or text.strip(_WORD):  # nothing is left of a word when the letters of words are taken off its ends
        raise ValueError
    return text


def decode(line):
    """Return (seq, name, values) for a line without its line end, or None if it is not exactly one good frame.

    Bytes before the last `$` are noise from before we listened and are skipped.
    """
    at = line.rfind(b"$")
    if at < 0 or len(line) - at < 13 or line[-9] != 42 or len(line) - at > MAX_LINE:
        return None
    body = line[at + 1 : -9]
    if b"%08x" % (crc32(body) & 0xFFFFFFFF) != line[-8:]:
        return None
    try:
        parts = body.decode().split(" ")
        name = parts[1]
        kinds = TABLE[name][1]
        if len(parts) - 2 != len(kinds):
            return None
        values = []
        i = 2
        for kind in kinds:
            text = parts[i]
            if kind == "i":
                value = int(text)  # _number(), written out: a telemetry frame has a dozen of them
                if str(value) != text:
                    return None
                values.append(value)
            else:
                values.append(_word_or_list(kind, text))
            i += 1
        return _number(parts[0]), name, values
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
        return [p for p in pieces if p and len(p) <= MAX_LINE]
