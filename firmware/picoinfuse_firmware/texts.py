"""Small text files that a person keeps on the pump: is one whole? Lines of words, and a check value as the last line.

    picoinfuse KIND FORMAT ...      the head
    ...                             words with single spaces between them
    check XXXXXXXX                  CRC-32 of all lines before it, their line ends included

A file is read a line at a time, so that it costs no memory for as long as it lies in the flash.
"""

from binascii import crc32

MAX_LINE = 400  # letters; a longer line is damage
DAMAGED = "damaged"
FORMAT = "format"  # another version of the firmware, or of the host, wrote it


def read(lines, head, take):
    """Hand the words of every line to take(number, words), the head being number 0; return (check, problem).

    lines: an iterable of str with their line ends. head: how the first line begins, as words. take: returns False for a
    line that is none. check: a whole number. problem: "" if the file is whole, DAMAGED or FORMAT. Never raises.
    """
    try:
        return _read(lines, head, take)
    except Exception:  # bytes that are no text, a flash that cannot be read, no memory for a line
        return 0, DAMAGED


def _read(lines, head, take):
    check = number = 0
    ended = False
    for line in lines:
        text = line.rstrip("\n")
        if ended or len(text) > MAX_LINE or text + "\n" != line:
            return 0, DAMAGED
        words = text.split(" ")
        if not number and words[: len(head)] != head:
            return 0, FORMAT if words[:2] == head[:2] else DAMAGED
        if words[0] == "check":
            if text != "check %08x" % check:
                return 0, DAMAGED
            ended = True
        else:
            if not take(number, words):
                return 0, DAMAGED
            check = crc32(line.encode(), check) & 0xFFFFFFFF
            number += 1
    return (check, "") if ended else (0, DAMAGED)


def number_of(word, least, most):
    """Return the whole number that a word is, written in the one way there is. Raises ValueError."""
    number = int(word)
    if str(number) != word or not least <= number <= most:
        raise ValueError
    return number
