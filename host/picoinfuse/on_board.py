"""What is on a board that stands at MicroPython's prompt: which board it is, and which files it has. Only reads."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InstallFailed, SilentPump, WrongDevice
from .manifest import CONFIGURATION, MANIFEST, PACKAGE, START_FILE
from .mpremote import Mpremote

PLATFORMS = ("rp2", "linux", "darwin")  # sys.platform of a Pico, and of MicroPython on a PC
# The Pico 2, .mpy 6.3 and the module vfs came with it; what the firmware uses of rp2 is there since 1.22.
LEAST_MICROPYTHON = (1, 24)
ASK_S = 15  # mpremote waits for ever where nothing answers at all

_WHO = """
import sys
i = sys.implementation
m = getattr(i, '_mpy', 0)
print('platform', sys.platform, '.'.join([str(n) for n in i[1][:3]]), m, getattr(i, '_machine', '-'))
"""
# A program of the person before us may have gone into another folder: a Pico's files are told from the root.
_FILES = """
import os, sys, json, hashlib
from binascii import hexlify
if sys.platform == 'rp2':
    os.chdir('/')
buffer = memoryview(bytearray(512))
def told(path):
    digest = hashlib.sha256()
    size = 0
    with open(path, 'rb') as f:
        while True:
            n = f.readinto(buffer)
            if not n:
                break
            size += n
            digest.update(buffer[:n])
    print('file', hexlify(digest.digest()).decode(), size, path)
def walk(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder + '/' + name
        if os.stat(path)[0] & 0x4000:
            print('folder', path)
            walk(path)
        else:
            told(path)
def there(path):
    try:
        return os.stat(path)
    except OSError:
        return None
if there({package!r}):
    print('folder', {package!r})
walk({package!r})
if there({start!r}):
    told({start!r})
    with open({start!r}) as f:
        print('start', 'ours' if {package!r} in f.read(2000) else 'other')
try:
    with open({manifest!r}) as f:
        print('version', json.load(f)['version'])
except Exception:
    pass
if there({configuration!r}):
    print('configuration')
s = os.statvfs(os.getcwd())
print('free', s[0] * s[3])
print('end')
"""


@dataclass(frozen=True)
class Who:
    """Which board it is. mpy: sys.implementation._mpy, 0 if it takes no compiled files."""

    platform: str
    micropython: str
    mpy: int
    machine: str


@dataclass(frozen=True)
class Found:
    """Which files it has. version: of the firmware, "" if none or only a part of one is there.

    hashes, sizes: of the package's files and of the start file, by path. other_start: the start file is not ours.
    """

    hashes: dict[str, str]
    sizes: dict[str, int]
    folders: tuple[str, ...]
    version: str
    other_start: bool
    configuration: bool
    free_bytes: int


def who(mpremote: Mpremote) -> Who:
    """Ask the board what it is. Raises WrongDevice for one that this firmware does not run on."""
    try:
        said = mpremote("exec", _WHO, timeout_s=ASK_S)
    except SilentPump as error:
        raise WrongDevice(
            f"{mpremote.port} does not answer as MicroPython does: nothing came within {ASK_S} s. Is it a Pico, is "
            "MicroPython on it (docs/hardware.md, Installing), and does no program on it ignore Ctrl-C?"
        ) from error
    except InstallFailed as error:
        raise WrongDevice(f"{mpremote.port} does not answer as MicroPython does ({error})") from error
    words = next((line.split(None, 4) for line in said.splitlines() if line.startswith("platform ")), [])
    if len(words) != 5 or not words[3].isdigit():
        raise WrongDevice(f"{mpremote.port} does not answer as MicroPython does: it said {said.strip()[:80]!r}")
    board = Who(words[1], words[2], int(words[3]), words[4])
    if board.platform not in PLATFORMS:
        raise WrongDevice(
            f"{mpremote.port} is MicroPython on {board.platform}; this firmware is for the Raspberry Pi Pico (rp2). "
            "Choose the Pico with --port"
        )
    if _numbers(board.micropython) < LEAST_MICROPYTHON:
        least = ".".join(str(number) for number in LEAST_MICROPYTHON)
        raise WrongDevice(
            f"{mpremote.port} runs MicroPython {board.micropython}; the firmware needs {least} or newer. Put a newer "
            "image onto the board (docs/hardware.md, Installing); its files stay"
        )
    return board


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def found(mpremote: Mpremote) -> Found:
    """Ask the board for its files, each with its SHA-256. Raises InstallFailed if it does not come to an end."""
    names = {"package": PACKAGE, "start": START_FILE, "manifest": MANIFEST, "configuration": CONFIGURATION}
    said = mpremote("exec", _FILES.format(**names)).splitlines()
    if "end" not in said:
        raise InstallFailed(f"{mpremote.port}: the board did not tell all of its files. Run it again")
    hashes, sizes, folders, rest = {}, {}, [], {}
    for line in said:
        kind, _, what = line.partition(" ")
        if kind == "file":
            digest, size, path = what.split(" ", 2)
            hashes[path], sizes[path] = digest, int(size)
        elif kind == "folder":
            folders.append(what)
        else:
            rest[kind] = what
    return Found(
        hashes,
        sizes,
        tuple(folders),
        rest.get("version", ""),
        rest.get("start") == "other",
        "configuration" in rest,
        int(rest.get("free", "0")),
    )
