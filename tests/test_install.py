"""What `install` puts on a board, and what it says when it cannot. The real thing is in tests/micropython."""

import hashlib
import subprocess

import pytest

from picoinfuse import install as installing
from picoinfuse.errors import NoPump, PortBusy, SeveralPumps, SilentPump, WrongDevice


class FakeBoard:
    """Stands in for mpremote: answers the platform, keeps what is asked, and can spoil a check sum."""

    def __init__(self, monkeypatch, platform="rp2", old=(), spoiled=""):
        self.platform = platform
        self.old = old
        self.spoiled = spoiled
        self.calls = []
        self.digests = {}
        monkeypatch.setattr(installing.Mpremote, "__call__", self.answer)
        monkeypatch.setattr(installing, "SerialPort", lambda port: self)

    def close(self):
        pass

    def answer(self, *arguments):
        self.calls.append(arguments)
        if arguments[0] == "exec":
            if "platform" in arguments[1]:
                return f"platform {self.platform} 1.28.0\n"
            return "".join(f"file {path}\n" for path in self.old) if "listdir" in arguments[1] else ""
        if arguments[:2] == ("fs", "sha256sum"):
            files = installing_files()
            lines = []
            for path in arguments[2:]:
                lines += [f"sha256sum {path}", "0" * 64 if path == self.spoiled else files[path[1:]]]
            return "\n".join(lines) + "\n"
        return ""


def installing_files():
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return installing.stage(Path(folder))


def test_every_file_of_the_firmware_is_staged_and_nothing_else(tmp_path):
    files = installing.stage(tmp_path)
    source = installing.firmware_folder()
    wanted = {f"picoinfuse_firmware/{path.relative_to(source).as_posix()}" for path in source.rglob("*.py")}
    assert set(files) == wanted | {"main.py"}
    for path, digest in files.items():
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == digest


def test_the_start_file_is_one_line_and_says_that_nothing_will_move(tmp_path, capsys):
    installing.stage(tmp_path)
    text = (tmp_path / "main.py").read_text("utf-8")
    assert text.count("\n") == 1
    exec(text)
    assert "Nothing will move" in capsys.readouterr().out


def test_what_was_done_is_said_line_by_line(monkeypatch):
    board = FakeBoard(monkeypatch, old=("picoinfuse_firmware/dose.py", "picoinfuse_firmware/of_last_year.py"))
    said = []
    done = installing.install("/dev/ttyACM0", said.append)
    assert done.platform == "rp2"
    assert done.micropython == "1.28.0"
    assert done.removed == ("picoinfuse_firmware/of_last_year.py",)
    assert any("of_last_year.py" in call[1] for call in board.calls if call[0] == "exec")
    assert said[0] == "/dev/ttyACM0: MicroPython 1.28.0 on rp2"
    assert "verified" in said[-1]


def test_the_start_file_is_away_while_the_rest_is_copied(monkeypatch):
    board = FakeBoard(monkeypatch)
    installing.install("/dev/ttyACM0")
    places = [i for i, call in enumerate(board.calls) if "main.py" in " ".join(call) and "sha256sum" not in call]
    copied = next(i for i, call in enumerate(board.calls) if call[:3] == ("fs", "cp", "-r"))
    assert places[0] < copied < places[-1]


def test_a_file_that_differs_is_named(monkeypatch):
    FakeBoard(monkeypatch, spoiled=":picoinfuse_firmware/wire.py")
    with pytest.raises(installing.InstallFailed, match=r"picoinfuse_firmware/wire\.py"):
        installing.install("/dev/ttyACM0")


def test_another_kind_of_board_is_refused_before_anything_is_written(monkeypatch):
    board = FakeBoard(monkeypatch, platform="esp32")
    with pytest.raises(WrongDevice, match="esp32"):
        installing.install("/dev/ttyACM0")
    assert [call[0] for call in board.calls] == ["exec"]


def test_no_pico_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(installing, "picos", list)
    monkeypatch.setattr(installing, "present", list)
    with pytest.raises(NoPump, match=r"ports present: none.*docs/hardware\.md"):
        installing.install()


def test_several_picos_are_listed_and_the_person_chooses(monkeypatch):
    monkeypatch.setattr(installing, "picos", lambda: ["/dev/ttyACM0", "/dev/ttyACM1"])
    with pytest.raises(SeveralPumps, match=r"/dev/ttyACM0, /dev/ttyACM1.*--port"):
        installing.install()


def test_one_pico_is_taken(monkeypatch):
    monkeypatch.setattr(installing, "picos", lambda: ["COM5"])
    assert installing.find_port() == "COM5"


def test_a_simulated_pump_is_no_board_to_install_on():
    with pytest.raises(WrongDevice, match="sim://"):
        installing.install("sim://")


def mpremote_says(monkeypatch, stderr):
    def run(command, **_):
        return subprocess.CompletedProcess(command, 1, stdout="", stderr=stderr)

    monkeypatch.setattr(installing.subprocess, "run", run)
    return installing.Mpremote("/dev/ttyACM0")


@pytest.mark.parametrize(
    ("stderr", "error", "says"),
    [
        ("mpremote: failed to access /dev/ttyACM0 (it may be in use by another program)", PortBusy, "Thonny"),
        ("mpremote: no device found", NoPump, "cable"),
        ("mpremote: could not enter raw repl", WrongDevice, "Ctrl-C"),
        ("mpremote: cp: OSError: 28", installing.InstallFailed, "no room"),
        ("mpremote: something new", installing.InstallFailed, "something new"),
        ("", installing.InstallFailed, "nothing"),
    ],
)
def test_what_mpremote_says_becomes_something_to_act_on(monkeypatch, stderr, error, says):
    with pytest.raises(error, match=says):
        mpremote_says(monkeypatch, stderr)("exec", "1")


def test_a_board_that_never_answers_is_not_waited_for_for_ever(monkeypatch):
    def run(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(installing.subprocess, "run", run)
    with pytest.raises(SilentPump, match="120 s"):
        installing.Mpremote("/dev/ttyACM0")("exec", "1")
