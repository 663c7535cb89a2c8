"""The map of the journal: one line of text that says in which blocks of the flash its files lie. Read at power-on."""

from binascii import crc32

from .layout import SECTOR
from .sectors import MOVED

MAP = "map"
MISSING = "journal_missing"  # there is no journal, or its map is not whole
NOTHING = ("", ())


def map_line(identity, blocks):
    """Return the text of the map."""
    body = ("PicoInfuse map 1 %s %s " % (identity, " ".join([str(block) for block in blocks]))).encode()
    return b"%s%08x\n" % (body, crc32(body) & 0xFFFFFFFF)


def read(files, sectors, there):
    """Return (problem, (identity, blocks)) of a journal of so many sectors, on a flash with so many blocks there.

    problem: a word, or "" if all is well.
    """
    try:
        with files.open(MAP) as file:
            text = file.read()
    except OSError:
        return MISSING, NOTHING
    try:
        words = text.decode().split() if len(text) < SECTOR else []
        blocks = [int(word) for word in words[4:-1]]
    except ValueError:  # so is UnicodeError
        return MISSING, NOTHING
    if len(words) < 6:
        return MISSING, NOTHING
    if map_line(words[3], blocks) != text:
        return MISSING, NOTHING
    if len(blocks) != sectors or len(set(blocks)) != len(blocks) or not 0 <= max(blocks) < there:
        return MOVED, NOTHING
    return "", (words[3], blocks)
