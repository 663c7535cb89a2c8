"""The commands `config` without a board: files, simulated pumps, and bad input. With one: tests/micropython."""

import pytest

from picoinfuse import configuration
from picoinfuse.cli import main

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def file(tmp_path):
    """A new configuration."""
    assert main(["config", "new", "my.toml"]) == 0
    return tmp_path / "my.toml"


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


def test_a_new_file_is_good_and_not_replaced_by_accident(file, capsys):
    assert main(["config", "check", "my.toml"]) == 0
    assert "Everything has its default" in capsys.readouterr().out
    edit(file, "pitch_um = 2000", "pitch_um = 8000")
    for command in (["new", "my.toml"], ["get", "my.toml", "--port", "sim://"]):
        assert main(["config", *command]) == 2
        assert "my.toml: is there already" in capsys.readouterr().err
    assert configuration.read(file)["pitch_um"] == 8000
    assert main(["config", "new", "my.toml", "--overwrite"]) == 0
    assert configuration.read(file) == configuration.defaults()


def test_what_differs_from_the_defaults_is_told(file, capsys):
    edit(file, "has_encoder = false", "has_encoder = true")
    edit(file, "volume_calibrated = 0", "volume_calibrated = 2026-01-31")
    assert main(["config", "check", "my.toml"]) == 0
    said = capsys.readouterr().out
    assert "has_encoder: false becomes true" in said
    assert "volume_calibrated: 0 becomes 2026-01-31" in said


@pytest.mark.parametrize("command", [["check"], ["set", "--port", "sim://"], ["set", "--port", "COM99"]])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("pitch_um = 2000", "pitch_um = 1", ["line 8", "pitch_um = 1", "200 to 20000"]),
        ("pitch_um = 2000", "pitch_mm = 2", ["pitch_mm = 2", "no such field"]),
        ("has_force = false", "has_force = true", ["force_calibrated", "has_force", "calibrate force"]),
        ("[drive]", "[drive", ["no valid TOML", "line 6"]),
    ],
)
def test_bad_input_is_one_line_and_status_2(file, capsys, command, old, new, words):
    edit(file, old, new)
    capsys.readouterr()
    assert main(["config", command[0], "my.toml", *command[1:]]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert all(word in lines[0] for word in ["my.toml", *words])


@pytest.mark.parametrize(
    "arguments",
    [["check", "none.toml"], ["set", "none.toml"], ["new", "no/folder/x.toml"], ["dance"], ["set"], ["get"]],
)
def test_what_is_not_there_is_bad_input(capsys, arguments):
    assert main(["config", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_no_board_is_status_4_and_loses_nothing(file, capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.install.picos", list)
    monkeypatch.setattr("picoinfuse.install.present", list)
    assert main(["config", "set", "my.toml"]) == 4
    assert "No Raspberry Pi Pico" in capsys.readouterr().err
    assert main(["config", "get", "there.toml", "--port", "/dev/nothing"]) == 4
    assert main(["config", "show", "--port", "socket://localhost:1"]) == 2
    assert configuration.read(file) == configuration.defaults()


def test_a_simulated_pump_has_the_configuration_of_its_file(file, capsys):
    edit(file, "pitch_um = 2000", "pitch_um = 4000")
    edit(file, "has_encoder = false", "has_encoder = true")
    assert main(["config", "show", "--port", "sim://?config=my.toml"]) == 0
    assert "4000 um   (default 2000)" in capsys.readouterr().out
    assert main(["config", "get", "copy.toml", "--port", "sim://?config=my.toml"]) == 0
    assert configuration.read(file.with_name("copy.toml")) == configuration.read(file)
    capsys.readouterr()
    assert main(["config", "set", "my.toml", "--port", "sim://"]) == 0
    said = capsys.readouterr().out
    assert '"pitch_um": 4000' in said
    assert "sim://?config=my.toml" in said
    assert main(["status", "--port", "sim://?config=my.toml"]) == 0
    assert "absent     force, end switch" in capsys.readouterr().out
    assert main(["status", "--port", "sim://?config=none.toml"]) == 2
    assert "none.toml: cannot be read" in capsys.readouterr().err


def test_what_a_simulated_pump_shows_is_not_taken_for_what_it_has(file, capsys):
    assert main(["config", "show", "--port", "sim://"]) == 0
    assert "has every sensor all the same" in capsys.readouterr().out
    assert main(["config", "show", "--port", "sim://?config=my.toml"]) == 0
    assert "every sensor" not in capsys.readouterr().out
