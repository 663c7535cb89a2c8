"""Which raw sectors of the flash belong to the files of /journal, and whether they still do: read, program, erase.

The files are ordinary ones of littlefs. A file of 4096 bytes is one block of it, and littlefs neither reads nor moves
that block as long as nobody writes or removes the file. So the block can be programmed and erased beside littlefs.
Where the files lie stands in `map` (journal_map.py), which make_journal.py writes once. At every start, before
anything is written, each file must be there, 4096 bytes long, and read through littlefs like its raw sector. A copy
that was put back would do so too, and lie elsewhere: so a sector is proven once more at its first use, by a bit that
is programmed raw and must show through littlefs.
"""

import os
from array import array
from binascii import crc32

from .layout import AREAS, HEADER, PAGE, SECTOR, sectors_of

ROOT = "/journal"
MOVED = "journal_moved"  # its files are not what and where the map says
ERASE = 6  # of ioctl
COUNT = 4
_BLANK = b"\xff" * PAGE
_HEAD = 40  # bytes of a header; what is left of its 64 bytes is for proving


def name_of(index):
    """Return the name of the file of a sector."""
    return "%02d" % index


def header(identity, letter, generation):
    """Return what a sector begins with. identity: of this journal. generation: counts its ring's sectors for good."""
    body = ("PicoInfuse %s %s %08d " % (identity, letter, generation)).encode()
    return b"%s%08x\n" % (body, crc32(body) & 0xFFFFFFFF)


class Files:
    """The folder of the journal in the mounted file system, as it is read. make_journal.py writes it."""

    def __init__(self, root=ROOT):
        self.root = root

    def size(self, name):
        """Return the bytes of a file, -1 if it is not there."""
        try:
            return os.stat(self.root + "/" + name)[6]
        except OSError:
            return -1

    def open(self, name):
        """Return the file, open for reading."""
        return open(self.root + "/" + name, "rb")


class Sectors:
    """The sectors of the journal by their index. device: the flash as a block device, with offsets inside a block.

    found: (identity, blocks) where there is no map yet. problem: a word that says why nothing can be kept; "" if all is
    well.
    """

    def __init__(self, device, files, areas=AREAS, found=None):
        self.problem = ""
        if found is None:
            from . import journal_map  # once, at power-on

            self.problem, found = journal_map.read(files, sectors_of(areas), device.ioctl(COUNT, 0))
        self.identity, blocks = found
        self._device = device
        self._files = files
        self._blocks = array("H", blocks)
        self._page = bytearray(PAGE)
        self._seen = bytearray(PAGE)
        self._proven = bytearray(sectors_of(areas))  # 1: in this session it was seen to be the file's
        self.problem = self.problem or self._compare()

    def blocks(self):
        """Return the block of each sector, in the order of their indices."""
        return self._blocks

    # ---- whose they are -----------------------------------------------------------------------------------------

    def _compare(self):
        """Compare each file with its raw sector. Returns what is wrong, or ""."""
        for index in range(len(self._blocks)):
            if self._files.size(name_of(index)) != SECTOR or not self._same(index, 0, SECTOR):
                return MOVED
        return ""

    def _same(self, index, start, end):
        """Return whether the bytes from start to end (whole pages) are the same, raw and through the file system."""
        page, seen = self._page, self._seen
        try:
            with self._files.open(name_of(index)) as file:
                file.seek(start)
                for offset in range(start, end, PAGE):
                    if file.readinto(page) != PAGE:
                        return False
                    self._device.readblocks(self._blocks[index], seen, offset)
                    if page != seen:
                        return False
        except OSError:
            return False
        return True

    def _shows(self, index, start, end):
        """Return whether what was just programmed shows through the file system too; if not, there is a problem."""
        start -= start % PAGE
        end += -end % PAGE
        if not self._same(index, start, end):
            self.problem = MOVED
            return False
        self._proven[index] = 1
        return True

    def prove(self, index, last_chance=False):
        """Program one more bit of a sector, and look for it in its file. Returns whether the sector is proven.

        Before an erase (last_chance) any bit will do; otherwise only those after the header, until there are none left.
        """
        if self.problem:
            return False
        if self._proven[index]:
            return True
        seen = self._seen
        for start in range(0, SECTOR if last_chance else PAGE, PAGE):
            self._device.readblocks(self._blocks[index], seen, start)
            for i in range(_HEAD if start == 0 else 0, PAGE if last_chance else HEADER):
                bits = seen[i]
                if bits:
                    self.program(index, start + i, bytes((bits & (bits - 1),)))
                    return self._shows(index, start, start + PAGE)
        return False

    # ---- reading and writing ------------------------------------------------------------------------------------

    def read(self, index, offset, buffer):
        """Fill the buffer with raw bytes of a sector."""
        self._device.readblocks(self._blocks[index], buffer, offset)

    def program(self, index, offset, data):
        """Program bytes into a sector, page by page; nothing else in these pages changes."""
        page = self._page
        view = memoryview(data)  # pieces of it are no copies
        done = 0
        while done < len(data):
            inside = (offset + done) % PAGE
            count = min(PAGE - inside, len(data) - done)
            page[:] = _BLANK
            page[inside : inside + count] = view[done : done + count]
            self._device.writeblocks(self._blocks[index], page, offset + done - inside)
            done += count

    def holds(self, index, offset, data):
        """Return whether a sector holds these bytes there; through the file system if that was not yet shown."""
        seen = self._seen
        view = memoryview(data)
        for done in range(0, len(data), PAGE):
            piece = view[done : done + PAGE]
            here = seen if len(piece) == PAGE else memoryview(seen)[: len(piece)]
            self.read(index, offset + done, here)
            if here != piece:
                return False
        return bool(self._proven[index]) or self._shows(index, offset, offset + len(data))

    def blank(self, index, offset, size):
        """Return whether no bit is programmed there."""
        seen = self._seen
        for done in range(0, size, PAGE):
            count = min(PAGE, size - done)
            here = seen if count == PAGE else memoryview(seen)[:count]
            self.read(index, offset + done, here)
            if here != (_BLANK if count == PAGE else _BLANK[:count]):
                return False
        return True

    def generation(self, index, letter):
        """Return the generation that the header of a sector says, -1 if it has none: its erase was cut off."""
        head = bytearray(_HEAD)
        self.read(index, 0, head)
        try:
            number = int(bytes(head[22:30]).decode())
        except ValueError:
            return -1
        return number if header(self.identity, letter, number) == head else -1

    def renew(self, index, letter, generation):
        """Erase a sector and give it its new header. Returns False if the flash does not obey, or it is not ours.

        The header comes last: who finds it knows that the erase was not cut off.
        """
        if not self.prove(index, True):
            return False
        self._device.ioctl(ERASE, self._blocks[index])
        if not self.blank(index, 0, SECTOR):
            return False
        head = header(self.identity, letter, generation)
        self.program(index, 0, head)
        return self.holds(index, 0, head)
