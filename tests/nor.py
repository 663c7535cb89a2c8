"""A NOR flash that enforces its rules, and a small file system on it: for the tests of the journal.

Bits go only from 1 to 0 but by an erase. Power can be cut inside any program or erase: what it leaves is drawn from a
seed, some bytes done, some not, and one half done.
"""

import random

SECTOR, PAGE = 4096, 256


class PowerFailed(BaseException):
    """Power fails at this very instruction; no `except Exception` may see it."""


class Nor:
    """A block device of so many sectors. cut_at: power fails in that operation (counted from 1, see `operations`)."""

    def __init__(self, sectors, seed=0):
        self.data = bytearray(b"\xff" * (sectors * SECTOR))
        self.erased = [0] * sectors  # so often
        self.programs = 0
        self.erases = 0
        self.reads = 0
        self.bytes_read = 0
        self.cut_at = 0
        self.worn = set()  # sectors that do not obey any more
        self._random = random.Random(seed)

    @property
    def operations(self):
        return self.programs + self.erases

    def on_again(self):
        """Power is back, and stays."""
        self.cut_at = 0

    def readblocks(self, block, buffer, offset=0):
        start = block * SECTOR + offset
        assert offset + len(buffer) <= SECTOR
        self.reads += 1
        self.bytes_read += len(buffer)
        buffer[:] = self.data[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        assert offset is not None, "without an offset MicroPython erases the block first"
        assert (offset % PAGE, len(buffer)) == (0, PAGE), "the chip programs whole pages"
        self.programs += 1
        start = block * SECTOR + offset
        wanted = [(i, byte) for i, byte in enumerate(buffer, start) if byte != 0xFF]
        for i, byte in wanted:
            assert self.data[i] & byte == byte, f"byte {i}: {byte:#x} over {self.data[i]:#x} asks for a 1 over a 0"
        if self.operations == self.cut_at:
            self._random.shuffle(wanted)
            done = self._random.randrange(len(wanted) + 1)
            for i, byte in wanted[:done]:
                self.data[i] &= byte
            for i, byte in wanted[done : done + 1]:
                self.data[i] &= byte | self._random.randrange(256)  # only some of its bits
            raise PowerFailed
        if block not in self.worn:
            for i, byte in wanted:
                self.data[i] &= byte

    def ioctl(self, what, block):
        if what == 4:
            return len(self.erased)
        assert what == 6
        self.erases += 1
        start, whole = block * SECTOR, range(block * SECTOR, (block + 1) * SECTOR)
        if self.operations == self.cut_at:
            for i in self._random.sample(whole, self._random.randrange(SECTOR + 1)):
                self.data[i] |= self._random.choice((0xFF, 0xFF, self._random.randrange(256)))
            raise PowerFailed
        self.erased[block] += 1
        if block not in self.worn:
            self.data[start : start + SECTOR] = b"\xff" * SECTOR
        return 0


class _Reader:
    """An open file."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self):
        return bytes(self._data)

    def seek(self, at):
        self._at = at

    def readinto(self, buffer):
        piece = self._data[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class NorFiles:
    """The Files of a folder on a Nor: a file is one block, small ones stand in the directory, never torn."""

    def __init__(self, nor):
        self._nor = nor
        self.blocks = {}  # name -> (block, size), or the bytes of a small file
        self.opened = 0

    def names(self):
        return list(self.blocks)

    def size(self, name):
        its = self.blocks.get(name)
        return -1 if its is None else len(its) if isinstance(its, bytes) else its[1]

    def open(self, name):
        self.opened += 1
        its = self.blocks.get(name)
        if its is None:
            raise OSError(2)
        if isinstance(its, bytes):
            return _Reader(its)
        start = its[0] * SECTOR
        return _Reader(memoryview(self._nor.data)[start : start + its[1]])

    def write(self, name, begin, size):
        if size < 512:
            self._nor.programs += 1  # of the directory
            if self._nor.operations == self._nor.cut_at:
                raise PowerFailed
            self.blocks[name] = bytes(begin)
            return
        used = {its[0] for its in self.blocks.values() if not isinstance(its, bytes)}
        free = [block for block in range(len(self._nor.erased)) if block not in used]
        if not free:
            raise OSError(28)
        block = free[(len(used) * 7) % len(free)]  # here and there, as a file system does
        self._nor.ioctl(6, block)
        content = begin + b"\xff" * (size - len(begin))
        for offset in range(0, size, PAGE):
            self._nor.writeblocks(block, content[offset : offset + PAGE], offset)
        self.blocks[name] = (block, size)

    def remove(self, name):
        del self.blocks[name]

    def move(self, name):
        """The file is written again with the same bytes, as a copy that is put back; it comes to lie elsewhere."""
        block, size = self.blocks[name]
        content = bytes(self._nor.data[block * SECTOR : block * SECTOR + size])
        used = {its[0] for its in self.blocks.values() if not isinstance(its, bytes)}
        new = next(other for other in range(len(self._nor.erased)) if other not in used)
        self._nor.data[new * SECTOR : new * SECTOR + size] = content
        self.blocks[name] = (new, size)
