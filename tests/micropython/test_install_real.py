"""`install` by mpremote on the real MicroPython, behind a pseudo-terminal."""

import hashlib

import pytest
import serial

from picoinfuse import install as installing
from picoinfuse.cli import main

pytestmark = pytest.mark.micropython


def test_the_firmware_is_really_there_and_can_be_imported(vm):
    said = []
    done = installing.install(vm.port, said.append)
    assert done.platform in ("linux", "darwin")
    for path, digest in done.files.items():
        assert hashlib.sha256((vm.folder / path).read_bytes()).hexdigest() == digest
    assert vm.mpremote("exec", "from picoinfuse_firmware import wire; print(wire.MAX_LINE)").strip() == "384"
    assert vm.mpremote("exec", "import main").strip().endswith("Nothing will move.")


def test_installing_again_removes_what_an_older_version_left(vm):
    installing.install(vm.port)
    stale = vm.folder / "picoinfuse_firmware" / "of_last_year.py"
    stale.write_text("x = 1\n", "utf-8")
    done = installing.install(vm.port)
    assert done.removed == ("picoinfuse_firmware/of_last_year.py",)
    assert not stale.exists()


def test_a_file_spoiled_on_the_board_is_found(vm):
    done = installing.install(vm.port)
    (vm.folder / "picoinfuse_firmware" / "dose.py").write_text("# half a fi", "utf-8")
    with pytest.raises(installing.InstallFailed, match=r"dose\.py"):
        installing.verify(installing.Mpremote(vm.port), done.files)


def test_an_installed_board_does_not_act_as_a_pump(vm, capsys):
    installing.install(vm.port)
    assert main(["status", "--port", vm.port]) == 4
    assert "a MicroPython board without a running pump" in capsys.readouterr().err


def test_the_command_says_what_it_did(vm, capsys):
    assert main(["install", "--port", vm.port]) == 0
    said = capsys.readouterr().out
    assert "verified" in said
    assert "Nothing will move" in said


def test_a_port_in_use_is_said(vm, capsys):
    with serial.Serial(vm.port, exclusive=True):
        assert main(["install", "--port", vm.port]) == 4
    assert "in use by another program" in capsys.readouterr().err
