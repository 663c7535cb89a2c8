"""The commands `access`: a file of people is made, changed and shown, and no code is ever seen."""

import pytest

import peoples
from picoinfuse import board_files
from picoinfuse.cli import access, main
from picoinfuse.people import PeopleFile
from picoinfuse_firmware import people as firmware

CODE = "right-1234"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of this machine with a technician; few rounds, so that a test is quick."""
    monkeypatch.setenv(access.NEW_VARIABLE, CODE)
    path = tmp_path / "people.txt"
    path.write_text(PeopleFile(rounds=firmware.MIN_ROUNDS).with_person("tom", "technician", CODE).text, "utf-8")
    return path


def listed(file):
    return PeopleFile.parse(file.read_bytes(), "x")


def test_people_are_set_listed_and_removed(file, capsys):
    assert main(["access", "set", "anna", "nurse", "--file", str(file)]) == 0
    assert main(["access", "list", "--file", str(file)]) == 0
    said = capsys.readouterr().out
    assert "anna  nurse" in said
    assert "tom   technician" in said
    assert CODE not in said
    assert listed(file).people[1].verifier not in said
    assert main(["access", "remove", "anna", "--file", str(file)]) == 0
    assert listed(file).names == ["tom"]


def test_the_first_person_makes_the_file_and_is_a_technician(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(access.NEW_VARIABLE, CODE)
    path = tmp_path / "new.txt"
    assert main(["access", "set", "anna", "nurse", "--file", str(path)]) == 2
    assert "technician: there must be one" in capsys.readouterr().err
    assert not path.exists()
    assert main(["access", "set", "tom", "technician", "--file", str(path)]) == 0
    assert listed(path).names == ["tom"]


def test_rules_are_changed(file, capsys):
    assert main(["access", "rules", "--level", "1", "--relock", "1 min", "--double-check", "--file", str(file)]) == 0
    its = listed(file)
    assert (its.level, its.relock_ms, its.double_check) == (1, 60_000, 1)
    assert main(["access", "rules", "--no-double-check", "--file", str(file)]) == 0
    assert listed(file).double_check == 0
    for words in (["--level", "4"], ["--relock", "1 s"], ["--relock", "soon"], []):
        assert main(["access", "rules", *words, "--file", str(file)]) == 2
    assert listed(file).level == 1
    assert "nothing to change" in capsys.readouterr().err


def test_a_code_is_typed_twice_and_never_shown(file, monkeypatch, capsys):
    monkeypatch.delenv(access.NEW_VARIABLE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = ["first-1234", "other-1234", "third-1234", "third-1234"]
    monkeypatch.setattr("getpass.getpass", lambda question: typed.pop(0))
    assert main(["access", "set", "anna", "nurse", "--file", str(file)]) == 2
    assert "the two are not the same" in capsys.readouterr().err
    assert main(["access", "set", "anna", "nurse", "--file", str(file)]) == 0
    said = capsys.readouterr()
    assert "third-1234" not in said.out + said.err
    assert listed(file).names == ["tom", "anna"]


def test_where_nobody_can_type_the_variable_is_named(file, monkeypatch, capsys):
    monkeypatch.delenv(access.NEW_VARIABLE)
    assert main(["access", "set", "anna", "nurse", "--file", str(file)]) == 2
    assert "set PICOINFUSE_NEW_CODE" in capsys.readouterr().err


def test_a_damaged_file_is_told_and_kept(file, capsys):
    file.write_text(peoples.file()[:-4], "utf-8")
    before = file.read_bytes()
    assert main(["access", "set", "anna", "nurse", "--file", str(file)]) == 2
    assert "cannot be read, or was changed" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    assert main(["access", "list", "--file", str(tmp_path / "none.txt")]) == 2
    assert "there is no such file; picoinfuse access set" in capsys.readouterr().err


def test_a_simulated_pump_keeps_nothing_and_says_how_it_gets_a_file(capsys):
    assert main(["access", "list", "--port", "sim://"]) == 2
    assert "sim://?access=FILE" in capsys.readouterr().err


class OnBoard:
    """Stands in for the flash of a board and for its pump."""

    def __init__(self, monkeypatch, data=None):
        self.data, self.log = data, []
        monkeypatch.setattr(board_files, "at_prompt", lambda port, *, wait: self.log.append("prompt") or True)
        monkeypatch.setattr(board_files, "read_file", lambda mpremote, path, most: self.data)
        monkeypatch.setattr(board_files, "replace_file", self.replace)
        monkeypatch.setattr(board_files, "restart", lambda mpremote: self.log.append("restart") or True)

    def replace(self, mpremote, path, data):
        self.log.append(f"write {path}")
        self.data = data


def test_a_file_on_a_pump_is_replaced_whole_and_the_pump_starts_anew(file, monkeypatch, capsys):
    board = OnBoard(monkeypatch, file.read_bytes())
    assert main(["access", "set", "anna", "nurse", "--port", "/dev/ttyACM0"]) == 0
    assert PeopleFile.parse(board.data, "x").names == ["tom", "anna"]
    assert board.log == ["prompt", "write access.txt", "restart"]
    assert "The pump starts anew" in capsys.readouterr().out


def test_what_is_refused_changes_nothing_on_a_pump_and_starts_it_again(file, monkeypatch, capsys):
    board = OnBoard(monkeypatch, file.read_bytes())
    assert main(["access", "remove", "tom", "--port", "/dev/ttyACM0"]) == 2
    assert board.log == ["prompt", "restart"]
    assert "technician: there must be one" in capsys.readouterr().err


def test_an_open_pump_says_that_it_is_open(monkeypatch, capsys):
    OnBoard(monkeypatch)
    assert main(["access", "list", "--port", "/dev/ttyACM0"]) == 0
    assert "everybody may do everything" in capsys.readouterr().out


def test_clearing_asks_and_opens_the_pump(file, capsys):
    assert main(["access", "clear", "--file", str(file)]) == 2
    assert "--yes: is missing" in capsys.readouterr().err
    assert file.exists()
    assert main(["access", "clear", "--yes", "--file", str(file)]) == 0
    assert not file.exists()


def test_rules_for_nobody_would_lock_everybody_out_and_are_refused(tmp_path, capsys):
    path = tmp_path / "new.txt"
    assert main(["access", "rules", "--level", "3", "--file", str(path)]) == 2
    assert "technician: there must be one" in capsys.readouterr().err
    assert not path.exists()


def test_what_was_not_cleared_is_not_told_as_done(file, capsys):
    assert main(["access", "clear", "--file", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "nothing was changed" in said.err
