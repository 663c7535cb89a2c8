"""What mpremote says becomes something to act on, and it is never waited for for ever."""

import subprocess

import pytest

from picoinfuse import mpremote
from picoinfuse.errors import InstallFailed, NoPermission, NoPump, PortBusy, SilentPump, WrongDevice


def says(monkeypatch, stderr, code=1, stdout=""):
    commands = []

    def run(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, code, stdout=stdout, stderr=stderr)

    monkeypatch.setattr(mpremote.subprocess, "run", run)
    return mpremote.Mpremote("/dev/ttyACM0"), commands


@pytest.mark.parametrize(
    ("stderr", "error", "words"),
    [
        ("mpremote: failed to access /dev/ttyACM0 (it may be in use by another program)", PortBusy, "Thonny"),
        ("mpremote: no device found", NoPump, "cable"),
        ("mpremote: could not enter raw repl", WrongDevice, "Ctrl-C"),
        ("[Errno 13] Permission denied: '/dev/ttyACM0'", NoPermission, "Installing"),
        ("mpremote: cp: OSError: 28", InstallFailed, "no room"),
        ("OSError: [Errno 28] ENOSPC", InstallFailed, "no room"),
        ("MemoryError: memory allocation failed", InstallFailed, "out of memory"),
        ("mpremote: something new", InstallFailed, "something new"),
        ("", InstallFailed, "nothing"),
    ],
)
def test_what_it_says_becomes_something_to_act_on(monkeypatch, stderr, error, words):
    call, _ = says(monkeypatch, stderr)
    with pytest.raises(error, match=words):
        call("exec", "1")


def test_a_board_that_never_answers_is_not_waited_for_for_ever(monkeypatch):
    def run(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(mpremote.subprocess, "run", run)
    with pytest.raises(SilentPump, match="120 s"):
        mpremote.Mpremote("/dev/ttyACM0")("exec", "1")


def test_the_interpreter_is_joined_as_it_is_unless_a_reset_is_wanted(monkeypatch):
    call, commands = says(monkeypatch, "", code=0, stdout="hello\n")
    assert call("exec", "1") == "hello\n"
    call("exec", "1", resume=False)
    assert commands[0][3:] == ["connect", "/dev/ttyACM0", "resume", "exec", "1"]
    assert commands[1][3:] == ["connect", "/dev/ttyACM0", "exec", "1"]
