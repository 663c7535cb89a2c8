"""Is the firmware on this board whole: every file that `install` wrote, unchanged, and none besides?

`install` writes the manifest when all files are there, so half of an installation has none. What is not whole must not
infuse; it can still say what is wrong.
"""

import os
from binascii import hexlify
from hashlib import sha256

PACKAGE = "picoinfuse_firmware"
PATH = PACKAGE + "/manifest.json"
DAMAGED = "files_damaged"
PIECE = 512  # bytes that are hashed at once
FOLDER = 0x4000  # the bit of a folder in what the file system tells of a name


def problem():
    """Return DAMAGED, or "" if the firmware is whole. Never raises."""
    try:
        import json

        with open(PATH) as file:
            files = json.load(file)["files"]
        piece = memoryview(bytearray(PIECE))
        for path in files:
            if _hash(path, piece) != files[path]:
                return DAMAGED
        # MicroPython prefers x.py to x.mpy: a file left behind would run in place of the one that was checked.
        return "" if files and _none_besides(PACKAGE, files) else DAMAGED
    except Exception:  # missing, no JSON, no dict, no memory: none of it is whole
        return DAMAGED


def _hash(path, piece):
    its = sha256()
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                return hexlify(its.digest()).decode()
            its.update(piece if count == PIECE else piece[:count])


def _none_besides(folder, files):
    """Whether no module lies in `folder` or below that is not among `files`."""
    for name in os.listdir(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & FOLDER:
            if not _none_besides(path, files):
                return False
        elif (name[-3:] == ".py" or name[-4:] == ".mpy") and path not in files:
            return False
    return True
