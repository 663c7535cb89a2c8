"""Puts the firmware onto a board that runs MicroPython, with mpremote, and verifies every file by its SHA-256."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import NoPump, PicoInfuseError, PortBusy, PortError, SeveralPumps, SilentPump, WrongDevice
from .port import SerialPort, picos, present

PACKAGE = "picoinfuse_firmware"
START_FILE = "main.py"  # MicroPython runs it at power-on
# The pins, the PIO program and the sensors of a Pico are not written yet. Until they are, a Pico says so at power-on
# and stays at its prompt; it does not act as if it were a pump.
START_LINE = (
    "print('PicoInfuse: the firmware is installed, but it has no driver for the pins of this board yet. "
    "Nothing will move.')\n"
)
PLATFORMS = ("rp2", "linux", "darwin")  # sys.platform of a Pico, and of MicroPython on a PC
TIMEOUT_S = 120  # for one call of mpremote; copying the whole firmware takes a Pico some seconds

_ASK_PLATFORM = "import sys; print('platform', sys.platform, '.'.join([str(n) for n in sys.implementation[1][:3]]))"
# Lists the files that an older version may have left behind, so that none is mixed with the new ones.
_ASK_FILES = """
import os
def walk(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder + '/' + name
        if os.stat(path)[0] & 0x4000:
            walk(path)
        else:
            print('file', path)
walk('picoinfuse_firmware')
"""


class InstallFailed(PicoInfuseError):  # noqa: N818  (named after what happened, as in errors.py)
    """The files are not on the board as they should be."""


@dataclass(frozen=True)
class Installed:
    """What was done: on which port, the board's platform and MicroPython version, and each file with its SHA-256."""

    port: str
    platform: str
    micropython: str
    files: dict[str, str]
    removed: tuple[str, ...]


class Mpremote:
    """Calls mpremote for one port, as a program of its own, and turns its failures into our errors."""

    def __init__(self, port: str, timeout_s: float = TIMEOUT_S) -> None:
        self.port = port
        self.timeout_s = timeout_s

    def __call__(self, *arguments: str) -> str:
        """Return what mpremote printed. `resume`: join the interpreter as it is, without a reset."""
        command = [sys.executable, "-m", "mpremote", "connect", self.port, "resume", *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self.timeout_s, check=False)
        except subprocess.TimeoutExpired:
            raise SilentPump(
                f"{self.port} gave no answer within {self.timeout_s:g} s. Unplug the board, plug it in again and retry"
            ) from None
        if done.returncode == 0:
            return done.stdout
        raise self._why(done.stderr.strip() or done.stdout.strip(), arguments)

    def _why(self, said: str, arguments: Sequence[str]) -> PicoInfuseError:
        last = said.splitlines()[-1] if said else "nothing"
        if "may be in use" in said or "failed to access" in said:
            return PortBusy(f"{self.port} is in use by another program; close it there (a serial terminal? Thonny?)")
        if "no device found" in said:
            return NoPump(f"There is no board at {self.port}. Is the cable in?")
        if "raw repl" in said:
            return WrongDevice(
                f"{self.port} does not answer as MicroPython does. Is it a Pico with MicroPython on it (see "
                "docs/hardware.md), and is no program running on it that ignores Ctrl-C?"
            )
        if "OSError: 28" in said or "ENOSPC" in said:
            return InstallFailed(f"The board at {self.port} has no room left; remove files from it and retry")
        return InstallFailed(f"mpremote {' '.join(arguments[:2])} failed on {self.port}: {last}")


def firmware_folder() -> Path:
    """Return the folder of the firmware package as it is installed on this machine. It is found, not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise InstallFailed(f"The package {PACKAGE} is not installed here; run pip install again")
    return Path(spec.origin).parent


def stage(folder: Path) -> dict[str, str]:
    """Copy what belongs on the board into `folder`; return each file's path there and its SHA-256."""
    source = firmware_folder()
    for path in sorted(source.rglob("*.py")):
        target = folder / PACKAGE / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (folder / START_FILE).write_bytes(START_LINE.encode())
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def find_port(port: str = "auto") -> str:
    """Return the port to install on. Raises NoPump or SeveralPumps if `auto` does not find exactly one Pico."""
    if port != "auto":
        if "://" in port:
            raise WrongDevice(
                f"{port}: the firmware is installed through a serial port such as /dev/ttyACM0 or COM5, not through "
                "this address"
            )
        return port
    found = picos()
    if len(found) == 1:
        return found[0]
    if found:
        raise SeveralPumps(f"Several boards are plugged in: {', '.join(found)}. Say which one with --port", found)
    raise NoPump(
        f"No Raspberry Pi Pico found on USB (ports present: {', '.join(present()) or 'none'}). Plug it in, or name its "
        "port with --port. A new Pico needs MicroPython first: see docs/hardware.md"
    )


def install(port: str = "auto", say: Callable[[str], None] = lambda text: None) -> Installed:
    """Install the firmware on the board at `port`, and verify it.

    port: a device name, or "auto" for the one Pico on USB. say: gets one line for each thing done.
    The start file goes first and comes back last, so that a board never starts half of a firmware.
    Raises NoPump, SeveralPumps, PortBusy, NoPermission, SilentPump, WrongDevice, InstallFailed.
    """
    port = find_port(port)
    SerialPort(port).close()  # says in human words what is wrong with the port, if anything is
    mpremote = Mpremote(port)
    platform, version = _board(mpremote)
    say(f"{port}: MicroPython {version} on {platform}")
    with tempfile.TemporaryDirectory(prefix="picoinfuse-") as name:
        folder = Path(name)
        files = stage(folder)
        _forget(mpremote, [START_FILE])
        old = [line[5:] for line in mpremote("exec", _ASK_FILES).splitlines() if line.startswith("file ")]
        removed = tuple(path for path in old if path not in files)
        _forget(mpremote, removed)
        # `:.` is the folder the board is in: the root of a Pico, and the working folder of MicroPython on a PC.
        mpremote("fs", "cp", "-r", str(folder / PACKAGE), ":.")
        say(f"copied {len(files) - 1} files of {PACKAGE}")
        verify(mpremote, {path: digest for path, digest in files.items() if path != START_FILE})
        mpremote("fs", "cp", str(folder / START_FILE), f":{START_FILE}")
        verify(mpremote, {START_FILE: files[START_FILE]})
        say(f"wrote {START_FILE}; verified {len(files)} files by SHA-256")
    return Installed(port, platform, version, files, removed)


def _board(mpremote: Mpremote) -> tuple[str, str]:
    try:
        said = mpremote("exec", _ASK_PLATFORM)
    except InstallFailed as error:
        raise WrongDevice(f"{mpremote.port} does not answer as MicroPython does ({error})") from error
    words = next((line.split() for line in said.splitlines() if line.startswith("platform ")), [])
    if len(words) != 3:
        raise WrongDevice(f"{mpremote.port} does not answer as MicroPython does: it said {said.strip()[:80]!r}")
    if words[1] not in PLATFORMS:
        raise WrongDevice(
            f"{mpremote.port} is MicroPython on {words[1]}; this firmware is for the Raspberry Pi Pico (rp2). "
            "Choose the Pico with --port"
        )
    return words[1], words[2]


def _forget(mpremote: Mpremote, paths: Sequence[str]) -> None:
    for path in paths:
        remove = f"import os\ntry:\n    os.remove({path!r})\nexcept OSError:\n    pass"
        mpremote("exec", remove)


def verify(mpremote: Mpremote, files: dict[str, str]) -> None:
    """Ask the board for the SHA-256 of each file and compare. Raises InstallFailed naming the files that differ."""
    try:
        said = mpremote("fs", "sha256sum", *(f":{path}" for path in files))
    except PortError:
        raise
    except InstallFailed as error:
        raise InstallFailed(f"A file is missing on the board after copying ({error}). Run install again") from error
    digests = [line.strip() for line in said.splitlines() if len(line.strip()) == 64]
    if len(digests) != len(files):
        raise InstallFailed(f"The board named {len(digests)} check sums for {len(files)} files. Run install again")
    wrong = [path for (path, digest), got in zip(files.items(), digests, strict=True) if digest != got]
    if wrong:
        raise InstallFailed(f"Not on the board as they should be: {', '.join(wrong)}. Run install again")
