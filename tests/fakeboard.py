"""Stands in for mpremote: a folder is the board's file system, and what is executed there runs on this Python.

It can be cut off at any call: before it, half-way through it (half of the files, the last of them torn), or after it.
"""

import contextlib
import io
import os
import shutil
from pathlib import Path

from picoinfuse import install as installing
from picoinfuse import leaving

BEFORE, HALF, AFTER = "before", "half-way", "after"
MPY = 6 | 3 << 8 | 4 << 10  # .mpy 6.3, armv6m


class CutOff(BaseException):
    """The person pressed Ctrl-C, the cable came out, the power went."""


class FakeBoard:
    """A Pico at MicroPython's prompt. state: of the pump that runs there, "" for none."""

    def __init__(self, monkeypatch, folder, platform="rp2", version="1.28.0", mpy=0):
        self.folder = folder
        self.platform, self.version, self.mpy = platform, version, mpy
        self.calls = []  # of mpremote, as tuples
        self.changes = 0  # calls that may change something
        self.dies_at = None  # (number of the call, BEFORE, HALF or AFTER)
        self.spoils = ""  # a path whose copy comes out wrong
        self.journal = "journal made"
        self.port = "/dev/ttyACM0"
        monkeypatch.setattr(installing, "Mpremote", lambda port: self)
        monkeypatch.setattr(installing, "running", lambda port: None)
        monkeypatch.setattr(leaving, "SerialPort", lambda port: self)

    def close(self):
        pass

    def __call__(self, *arguments, resume=True, timeout_s=None):
        number = len(self.calls)
        self.calls.append(arguments)
        when = self.dies_at[1] if self.dies_at and self.dies_at[0] == number else None
        if when == BEFORE:
            raise CutOff
        said = self._copy(arguments[2:], when) if arguments[:2] == ("fs", "cp") else self._exec(arguments[1], when)
        if when is not None:
            raise CutOff
        return said

    def _copy(self, paths, when):
        *sources, target = paths
        target = self.folder / target[1:]
        if when == HALF:
            sources = sources[: len(sources) // 2 + 1]
        for source in map(Path, sources):
            to = target / source.name if target.is_dir() else target
            assert to.parent.is_dir(), f"{to.parent} is no folder of the board"
            shutil.copyfile(source, to)
            if to.relative_to(self.folder).as_posix() == self.spoils:
                to.write_bytes(b"spoiled")
        if when == HALF:
            to.write_bytes(to.read_bytes()[: to.stat().st_size // 2])
        return ""

    def _exec(self, script, when):
        if "print('platform'" in script:
            return f"platform {self.platform} {self.version} {self.mpy} Raspberry Pi Pico with RP2040\n"
        if "make_journal" in script:
            return self.journal + "\n"
        said = io.StringIO()
        steps = _Dies(os, 1) if when == HALF else None
        here = os.getcwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(said), steps or contextlib.nullcontext():
                exec(script, {"__name__": "__main__"})
        finally:
            os.chdir(here)
        return said.getvalue()

    def files(self):
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}


class _Dies:
    """Lets so many removals and renamings of `os` pass, and is cut off at the next."""

    NAMES = ("remove", "rename", "mkdir", "rmdir")

    def __init__(self, module, lets_pass):
        self._module, self._left = module, lets_pass
        self._real = {name: getattr(module, name) for name in self.NAMES}

    def __enter__(self):
        for name, real in self._real.items():
            setattr(self._module, name, self._counted(real))

    def __exit__(self, *_):
        for name, real in self._real.items():
            setattr(self._module, name, real)

    def _counted(self, real):
        def call(*arguments):
            if not self._left:
                raise CutOff
            self._left -= 1
            return real(*arguments)

        return call
