"""The journal in files of a real littlefs on a flash in RAM, with power cut at every program and erase.

Run as `micropython -X heapsize=2m littlefs_story.py FIRMWARE_FOLDER STORY [SEED]`; it prints what was shown.
"""

import gc
import os
import random
import sys
import time
import vfs

sys.path.insert(0, sys.argv[1])

from picoinfuse_firmware.pico.layout import AREAS, LOG, PROGRAM, RESERVE, STATE, Area, placed
from picoinfuse_firmware.pico.make_journal import KEPT, MADE, NewFiles, make
from picoinfuse_firmware.pico.sectors import Sectors
from picoinfuse_firmware.pico.store import Store

BLOCK = 4096
ROOT = "/flash"
SMALL = placed(
    (
        Area(STATE, "S", 576, 512, 4, 2),
        Area(PROGRAM, "P", 4032, 4000, 2, 1),
        Area(RESERVE, "R", 128, 112, 4, 2),
        Area(LOG, "L", 64, 52, 4, 2),
    )
)
MINE = b"the student's own: " + b"do not touch. " * 700  # three blocks


class PowerFailed(BaseException):
    """Power fails at this very instruction."""


class Flash:
    """NOR flash: bits go from 1 to 0 but by an erase; the power can fail within any program or erase."""

    def __init__(self, blocks, data=None):
        self.data = data if data else bytearray(b"\xff" * (blocks * BLOCK))
        self.left = -1  # operations until power fails
        self.operations = 0
        self.dead = False  # power has failed: whoever still holds this flash, as an open file does, gets no further

    def _cut(self):
        if self.dead:
            raise PowerFailed
        self.operations += 1
        self.left -= 1
        self.dead = self.left == 0
        return self.dead

    def readblocks(self, block, buffer, offset=0):
        if self.dead:
            raise PowerFailed
        start = block * BLOCK + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        assert offset % 256 == 0
        assert len(buffer) % 256 == 0
        start = block * BLOCK + offset
        count = len(buffer)
        cut = self._cut()
        if cut:
            count = random.getrandbits(20) % (count + 1)
        data = self.data
        if not cut and data[start : start + count] == b"\xff" * count:
            data[start : start + count] = buffer
        else:
            for i in range(count):
                data[start + i] &= buffer[i]
        if cut:
            if count < len(buffer):
                data[start + count] &= buffer[count] | random.getrandbits(8)
            raise PowerFailed

    def ioctl(self, what, block):
        if what == 4:
            return len(self.data) // BLOCK
        if what == 5:
            return BLOCK
        if what == 6:
            start = block * BLOCK
            if self._cut():
                for i in range(start, start + BLOCK, 1 + random.getrandbits(5)):
                    self.data[i] |= random.getrandbits(8)
                raise PowerFailed
            self.data[start : start + BLOCK] = b"\xff" * BLOCK
            return 0
        return 0


class Pico:
    """A flash with a file system on it, mounted; `restart` mounts it again as after a power cut."""

    def __init__(self, blocks=0, data=None):
        self.flash = Flash(blocks, data and bytearray(data))
        if data is None:
            vfs.VfsLfs2.mkfs(self.flash, progsize=256)
        self.mounted = False
        self.restart()

    def restart(self):
        if self.mounted:
            vfs.umount(ROOT)
        self.flash = Flash(0, self.flash.data)
        vfs.mount(vfs.VfsLfs2(self.flash, progsize=256), ROOT)
        self.mounted = True

    def close(self):
        vfs.umount(ROOT)

    def write_mine(self):
        with open(ROOT + "/mine.txt", "wb") as file:
            file.write(MINE)

    def mine_is_whole(self):
        with open(ROOT + "/mine.txt", "rb") as file:
            return file.read() == MINE

    def make(self, areas=SMALL):
        return make(self.flash, NewFiles(ROOT + "/journal"), areas)

    def sectors(self, areas=SMALL):
        return Sectors(self.flash, NewFiles(ROOT + "/journal"), areas)

    def store(self, areas=SMALL):
        return Store(self.sectors(areas), areas)


def every(step):
    """Yield each cut: 1, 1 + step, ..., until the story ends without one (the caller breaks)."""
    cut = 1
    while True:
        yield cut
        cut += step


def preparing():
    """Power fails in the making of the journal, wherever: it is made again, and nothing else suffers."""
    pico = Pico(40)
    pico.write_mine()
    start = bytes(pico.flash.data)
    pico.close()
    cuts = 0
    for cut in every(1):
        pico = Pico(data=start)
        pico.flash.left = cut
        try:
            pico.make()
            pico.close()
            break
        except PowerFailed:
            cuts += 1
        pico.restart()
        assert pico.mine_is_whole(), cut
        problem = pico.sectors().problem
        assert problem in ("", "journal_missing"), (cut, problem)
        assert pico.make() == (MADE if problem else KEPT), cut
        assert pico.store().problem == "", cut
        assert pico.mine_is_whole(), cut
        pico.close()
    print("preparing: cut", cuts, "times")


def using():
    """Power fails in use, wherever: the new record or the one before, what was reserved is never less."""
    pico = Pico(40)
    pico.write_mine()
    pico.make()
    store = pico.store()
    for i in range(70):
        store.save(RESERVE, b"%d" % i)
        store.log(b"early %d" % i)
    for i in range(15):
        store.save(STATE, b"early %d" % i)
    store.save(PROGRAM, b"early")
    start = bytes(pico.flash.data)
    pico.close()
    cuts = 0
    for cut in every(1):
        pico = Pico(data=start)
        store = pico.store()
        kept = {STATE: b"early 14", PROGRAM: b"early", RESERVE: b"69"}
        new = dict(kept)
        laid = 69  # steps: only after its reserve was kept
        logged = store.log_range()[1]
        trying = 0
        pico.flash.left = cut
        try:
            for i in range(70, 110):
                new[RESERVE] = b"%d" % i
                store.save(RESERVE, new[RESERVE])
                kept[RESERVE] = new[RESERVE]
                laid = i
                trying = logged + 1
                logged = store.log(b"entry %d" % (logged + 1))
                if i % 10 == 0:
                    new[PROGRAM] = b"program %d " % i * 300
                    store.save(PROGRAM, new[PROGRAM])
                    kept[PROGRAM] = new[PROGRAM]
                if i % 3 == 0:
                    new[STATE] = b"state %d " % i * 40
                    store.save(STATE, new[STATE])
                    kept[STATE] = new[STATE]
                if i % 25 == 0:
                    store.prepare()
            pico.close()
            break
        except PowerFailed:
            cuts += 1
        pico.restart()
        store = pico.store()
        assert store.problem == "", (cut, store.problem)
        for what in (STATE, PROGRAM, RESERVE):
            assert store.load(what) in (kept[what], new[what]), (cut, what)
        assert int(store.load(RESERVE)) >= laid, cut
        first, last = store.log_range()
        assert last in (logged, trying), cut
        for n in range(first, last + 1):
            entry = store.logged(n)
            assert entry in (None, b"early %d" % (n - 1), b"entry %d" % n), (cut, n, entry)
        assert store.log(b"after") > last
        store.save(STATE, b"after")
        assert store.load(STATE) == b"after"
        if cut % 10 == 0:
            assert pico.mine_is_whole(), cut
        pico.close()
    print("using: cut", cuts, "times")


def meddling():
    """Somebody changes the files while the pump is off: it says so, and writes nothing."""
    pico = Pico(40)
    pico.make()
    store = pico.store()
    for i in range(20):
        store.log(b"entry %d" % i)
        store.save(STATE, b"state %d" % i)
    files = NewFiles(ROOT + "/journal")
    start = bytes(pico.flash.data)
    with open(ROOT + "/journal/10", "rb") as file:
        copy = file.read()
    pico.close()

    def after(what, act, wanted):
        pico = Pico(data=start)
        act()
        pico.restart()
        before = bytes(pico.flash.data)
        sectors = pico.sectors()
        written = bytes(pico.flash.data) != before
        problem = sectors.problem or pico.store().problem
        assert (problem, written) == (wanted, False), what
        print("meddling:", what, problem)
        pico.close()

    def remove_all():
        files.remove("map")
        remove_but_the_map()

    def remove_but_the_map():
        for name in files.names():
            if name != "map":
                files.remove(name)
        with open(ROOT + "/big.txt", "wb") as file:
            for _ in range(20):
                file.write(MINE[:BLOCK])

    def put_back():
        with open(ROOT + "/journal/10", "wb") as file:
            file.write(copy)

    def append():
        with open(ROOT + "/journal/03", "ab") as file:
            file.write(b"x")

    def rename():
        os.rename(ROOT + "/journal/03", ROOT + "/journal/other")

    def beside():
        for _ in range(3):  # a student's file that is written, removed and written again
            for k in range(4):
                with open(ROOT + "/f%d" % k, "wb") as file:
                    file.write(MINE)
            for k in range(4):
                os.remove(ROOT + "/f%d" % k)

    after("removed", remove_all, "journal_missing")
    after("all but the map removed", remove_but_the_map, "journal_moved")
    after("one removed", lambda: files.remove("03"), "journal_moved")
    after("appended to", append, "journal_moved")
    after("renamed", rename, "journal_moved")
    after("put back from a copy", put_back, "journal_moved")
    after("written beside it", beside, "")


def measuring():
    """How long the verbs take with the real layout on a file system as large as a Pico's."""
    pico = Pico(352)
    pico.write_mine()
    began = time.ticks_us()
    pico.make(AREAS)
    print("time: make", time.ticks_diff(time.ticks_us(), began), "us, operations", pico.flash.operations)
    store = pico.store(AREAS)
    for i in range(3400):
        store.log(b"%d 123456 A occlusion 412" % i)
    for _ in range(200):
        store.save(RESERVE, b"r" * 60)
    store = None
    gc.collect()
    free = gc.mem_free()
    began = time.ticks_us()
    sectors = pico.sectors(AREAS)
    compared = time.ticks_us()
    store = Store(sectors, AREAS)
    ended = time.ticks_us()
    gc.collect()
    print("memory:", free - gc.mem_free(), "bytes")
    print("time: compare", time.ticks_diff(compared, began), "us, find", time.ticks_diff(ended, compared), "us")
    for verb, act in (
        ("log", lambda: store.log(b"9 123456 A occlusion 412")),
        ("reserve", lambda: store.save(RESERVE, b"r" * 60)),
        ("state", lambda: store.save(STATE, b"s" * 400)),
        ("logged", lambda: store.logged(3000)),
    ):
        act()
        began = time.ticks_us()
        for _ in range(30):
            act()
        print("time:", verb, time.ticks_diff(time.ticks_us(), began) // 30, "us")
    assert store.log_range()[1] == 3431
    assert pico.mine_is_whole()
    pico.close()


random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
{"preparing": preparing, "using": using, "meddling": meddling, "measuring": measuring}[sys.argv[2]]()
print("end")
