"""On MicroPython: replace the configuration on littlefs and lose the power at every write and erase of its flash."""

import gc
import os
import sys

sys.path.insert(0, sys.argv[1])
with open(sys.argv[2], "rb") as file:
    PROGRAM = file.read().decode()
with open(sys.argv[3], "rb") as file:
    OLD = file.read()
with open(sys.argv[4], "rb") as file:
    NEW = file.read()

from picoinfuse_firmware.pico import configuration

BLOCK = 512
BLOCKS = 32


class Flash:
    """Blocks in memory; at its n-th write or erase only half of it is done, and nothing more."""

    def __init__(self, data):
        self.data = data
        self.left = 1 << 30
        self.gone = False  # a file that was open when the power went is closed by the collector, much later

    def readblocks(self, n, buf, off=0):
        if self.gone:
            return -5
        at = n * BLOCK + off
        buf[:] = self.data[at : at + len(buf)]
        return 0

    def writeblocks(self, n, buf, off=None):
        if self.gone:
            return -5
        whole = self.tick(len(buf))
        at = n * BLOCK + (off or 0)
        if off is None:
            self.erase(n, BLOCK)
        self.data[at : at + whole] = buf[:whole]
        return 0

    def tick(self, size):
        if self.left <= 0:
            raise OSError(5)
        self.left -= 1
        return size if self.left else size // 2

    def erase(self, n, size):
        self.data[n * BLOCK : n * BLOCK + size] = b"\xff" * size

    def ioctl(self, op, arg):
        if self.gone:
            return -5
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK
        if op == 6:
            self.erase(arg, self.tick(BLOCK))
        return 0


import vfs


def attempt(image, cut_at):
    """Run the program with the power cut at cut_at; return the file afterwards, and whether the program ended."""
    flash = Flash(WORK)
    WORK[:] = image
    vfs.mount(vfs.VfsLfs2(flash), "/f")
    os.chdir("/f")
    flash.left = cut_at
    try:
        exec(PROGRAM, {"print": lambda *words: None})
        ended = flash.left > 0
    except OSError:
        ended = False
    os.chdir("/")
    flash.gone = True
    vfs.umount("/f")
    again = Flash(WORK)
    vfs.mount(vfs.VfsLfs2(again), "/f")  # as after the power came back
    config, problem = configuration.read("/f/picoinfuse.json")
    with open("/f/picoinfuse.json", "rb") as file:
        found = file.read()
    try:
        with open("/f/picoinfuse.json.old", "rb") as file:
            kept = file.read()
    except OSError:
        kept = None
    vfs.umount("/f")
    again.gone = True
    gc.collect()
    return found, problem, kept, ended, config.pitch_um


WORK = bytearray(b"\xff" * (BLOCK * BLOCKS))
flash = Flash(WORK)
vfs.VfsLfs2.mkfs(flash)
vfs.mount(vfs.VfsLfs2(flash), "/f")
with open("/f/picoinfuse.json", "wb") as file:
    file.write(OLD)
vfs.umount("/f")
flash.gone = True
image = bytes(WORK)
cut_at, olds, news = 1, 0, 0
while True:
    found, problem, kept, ended, pitch_um = attempt(image, cut_at)
    assert problem == "", problem
    assert (found == OLD and pitch_um == 2000) or (found == NEW and pitch_um == 8000)
    assert kept in (None, OLD)
    if ended:
        assert found == NEW
        assert kept == OLD
        break
    olds += found == OLD
    news += found == NEW
    cut_at += 1
print("cuts", cut_at - 1, "old", olds, "new", news)
