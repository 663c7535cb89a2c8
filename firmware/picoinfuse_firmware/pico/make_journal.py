"""How the folder /journal comes to be, at installation: its files, where they lie, and the proof of it.

A power cut at any point leaves either a whole journal or files without a map; then it is made anew. Files that hold
records are never removed unless the person who installs says so.
"""

import os
from binascii import hexlify

from .journal_map import MAP, MISSING, map_line
from .layout import AREAS, HEADER, PAGE, SECTOR, sectors_of
from .sectors import COUNT, MOVED, Files, Sectors, header, name_of

KEPT = "kept"
MADE = "made"
HOLDS_RECORDS = "journal_damaged"  # there is no good map, and the files hold records


class NewFiles(Files):
    """The folder of the journal, as it is made."""

    def names(self):
        """Return the names of all files in it."""
        try:
            return os.listdir(self.root)
        except OSError:
            return []

    def write(self, name, begin, size):
        """Write a file that begins like this and is blank from there to its size."""
        try:
            os.mkdir(self.root)
        except OSError:
            pass  # it is there
        with open(self.root + "/" + name, "wb") as file:
            file.write(begin)
            left = size - len(begin)
            while left > 0:
                left -= file.write(b"\xff" * min(left, PAGE))

    def remove(self, name):
        """Remove a file."""
        os.remove(self.root + "/" + name)


def make(device, files=None, areas=AREAS, anew=False):
    """Make the journal unless there is a sound one. Returns KEPT or MADE.

    anew: what an unsound one holds may be lost. Raises RuntimeError with the word of the problem, OSError if the file
    system is full.
    """
    files = files or NewFiles()
    problem = Sectors(device, files, areas).problem
    if not problem and not anew:
        return KEPT
    if problem == MOVED and not anew and not Sectors(device, files, areas[:-1]).problem:
        _extend(device, files, areas)
        return KEPT
    if not anew and (problem != MISSING or _holds_records(files)):
        raise RuntimeError(HOLDS_RECORDS if problem == MISSING else problem)
    _remove(files)
    identity = hexlify(os.urandom(4)).decode()
    try:
        for area in areas:
            for i in range(area.sectors):
                files.write(name_of(area.first + i), header(identity, area.letter, i), SECTOR)
        blocks = _found(device, identity, areas)
        made = Sectors(device, files, areas, (identity, blocks))
        for index in range(len(blocks)):
            if not made.prove(index):
                raise RuntimeError(MOVED)
        files.write(MAP, map_line(identity, blocks), 0)
    except (OSError, RuntimeError):
        _remove(files)
        raise
    return MADE


def _extend(device, files, areas):
    """A sound journal of an older firmware lacks the last area: add its files; the map comes last, as ever."""
    before = Sectors(device, files, areas[:-1])
    area = areas[-1]
    turn = 0
    # Blocks of an attempt that was cut off may hold the same headers: a later turn of the ring tells them apart.
    while max(_blocks_of(device, before.identity, (area,), turn)) >= 0:
        turn += 1
    for i in range(area.sectors):
        files.write(name_of(area.first + i), header(before.identity, area.letter, i + turn * area.sectors), SECTOR)
    blocks = list(before.blocks()) + _found(device, before.identity, (area,), turn)[area.first :]
    made = Sectors(device, files, areas, (before.identity, blocks))
    for index in range(area.first, len(blocks)):
        if made.problem or not made.prove(index):
            raise RuntimeError(MOVED)
    files.write(MAP, map_line(before.identity, blocks), 0)


def _ours(files):
    """Return the names of the files that were made here; what a student put beside them is left alone."""
    return [name for name in files.names() if len(name) == 2 and name.isdigit()]


def _remove(files):
    """Remove what is there, the map first: files without it are of nobody."""
    if MAP in files.names():
        files.remove(MAP)
    for name in _ours(files):
        files.remove(name)


def _holds_records(files):
    """Return whether something follows a header in its page: in the leftovers of an interrupted making nothing does."""
    page = bytearray(PAGE)
    for name in _ours(files):
        with files.open(name) as file:
            if file.readinto(page) == PAGE and page[HEADER:] != b"\xff" * (PAGE - HEADER):
                return True
    return False


def _blocks_of(device, identity, areas, turn=0):
    """Return the raw block of each file, found by its header; -1 where there is none."""
    blocks = [-1] * sectors_of(areas)
    begin = bytearray(len(header(identity, "S", 0)))
    wanted = {}
    for area in areas:
        for i in range(area.sectors):
            wanted[header(identity, area.letter, i + turn * area.sectors)] = area.first + i
    for block in range(device.ioctl(COUNT, 0)):
        device.readblocks(block, begin, 0)
        index = wanted.get(bytes(begin))
        if index is not None:
            if blocks[index] >= 0:
                raise RuntimeError(MOVED)  # twice: nobody knows which is the file's
            blocks[index] = block
    return blocks


def _found(device, identity, areas, turn=0):
    """Return the raw block of each file; each must be there."""
    blocks = _blocks_of(device, identity, areas, turn)
    if min(blocks[areas[0].first :]) < 0:
        raise RuntimeError(MOVED)
    return blocks
