"""The command `syringes`: the table, and calibration from the command line."""

import pytest

from picoinfuse.cli import main


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Your file, still to be written."""
    path = tmp_path / "mine.toml"
    monkeypatch.setenv("PICOINFUSE_SYRINGES", str(path))
    return path


def test_the_table_tells_what_is_known_of_each_syringe(capsys):
    assert main(["syringes"]) == 0
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith("BD 60 mL"))
    assert row.split() == ["BD", "60", "mL", "26.700", "60", "5", "2.2", "1", "1200", "low", "medium", "high"]
    small = next(line for line in said.splitlines() if line.startswith("BD 5 mL"))
    assert "0.05" in small
    assert "514" in small  # 2000 steps a second of 71.4 nL
    assert len([line for line in said.splitlines() if line.endswith("high")]) == 21


def test_a_dry_syringe_does_not_get_the_low_level(capsys, path):
    path.write_text('[[syringe]]\nname = "BD 60 mL"\nfriction_n = 20\n', "utf-8")
    assert main(["syringes"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("BD 60 mL"))
    assert row.endswith("high  [yours]")
    assert "medium" not in row


def test_calibrating_writes_your_file_and_the_table_shows_it(capsys, path):
    assert main(["syringes", "calibrate", "BD 60 mL", "--ordered", "10 mL", "--weighed", "9.87 g"]) == 0
    said = capsys.readouterr().out
    assert "26.700 mm becomes 26.550 mm" in said
    assert "factor 0.98878" in said
    assert str(path) in said
    assert main(["syringes"]) == 0
    assert "[yours, calibrated 20" in capsys.readouterr().out


def test_another_file_can_be_named(capsys, tmp_path, path):
    other = tmp_path / "other.toml"
    arguments = ["--ordered", "10 mL", "--weighed", "9.87 g", "--out", str(other)]
    assert main(["syringes", "calibrate", "BD 60 mL", *arguments]) == 0
    assert "26.55" in other.read_text("utf-8")
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["BD 61 mL", "--ordered", "10 mL", "--weighed", "9.87 g"], ["BD 61 mL", "BD 60 mL"]),
        (["BD 60 mL", "--ordered", "10 mL", "--weighed", "8 g"], ["--weighed", "8 g", "10%"]),
        (["BD 60 mL", "--ordered", "ten", "--weighed", "9.87 g"], ["--ordered", "ten"]),
        (["BD 60 mL", "--ordered", "10 mL", "--weighed", "9.87 g", "--out", "/dev/null/x"], ["/dev/null/x"]),
    ],
)
def test_bad_input_is_one_line_that_names_it(capsys, path, arguments, words):
    assert main(["syringes", "calibrate", *arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]
    assert not path.exists()


@pytest.mark.parametrize("arguments", [["calibrate"], ["calibrate", "BD 60 mL", "--ordered", "10 mL"], ["dance"]])
def test_a_mistyped_command_is_bad_input(capsys, arguments, path):
    path.write_text("", "utf-8")
    assert main(["syringes", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_damaged_file_ends_every_command_that_needs_it_with_its_name(capsys, path):
    path.write_text('[[syringe]]\nname = "BD 60 mL"\nfriction_n = 200\n', "utf-8")
    for command in (["syringes"], ["show", "hydration", "--no-picture"], ["run", "hydration"], ["list"]):
        assert main(command) == 2
        said = capsys.readouterr().err.strip()
        assert "mine.toml: syringe 1 'BD 60 mL' friction_n = 200: is outside 0.001 to 30" in said
