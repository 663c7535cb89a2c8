"""Bad input on the command line: one clear message with field, value and limit, exit status 2, never a traceback."""

import pytest

from cli_work import result_of
from picoinfuse.cli import main

pytestmark = pytest.mark.usefixtures("own_folder")


def refused(capsys, arguments, *words):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    for word in words:
        assert word in lines[0]


def with_line(small, old, new):
    from pathlib import Path

    path = Path(small)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_missing_file_is_named_with_what_is_shipped(capsys):
    refused(capsys, ["run", "nothing.toml"], "nothing.toml", "hydration")


def test_a_configuration_that_is_run_by_mistake_is_recognised(capsys):
    assert main(["config", "new", "my.toml"]) == 0
    refused(capsys, ["run", "my.toml"], "[drive]", "picoinfuse config check")


def test_toml_that_does_not_parse_is_located(capsys, small):
    with_line(small, 'kind = "rate"', "kind = = 3")
    refused(capsys, ["run", small], "line")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('rate = "40 mL/h"\n', "", ["rate", "missing"]),
        ('volume = "1 mL"', 'volume = "1 mL"\nvolumn = "1 mL"', ["volumn"]),
        ('rate = "40 mL/h"', 'rate = "40 furlong/h"', ["rate", "furlong"]),
        ('rate = "40 mL/h"', 'rate = "-40 mL/h"', ["rate", "-40 mL/h"]),
        ('rate = "40 mL/h"', 'rate = "40 mL"', ["rate", "40 mL"]),
        ('volume = "1 mL"', 'volume = "0.0000001 mL"', ["volume", "0.0000001 mL"]),
        ('volume = "1 mL"', 'volume = "70 mL"', ["70", "50"]),
        ('rate = "40 mL/h"', 'rate = "4000 mL/h"', ["phase 1 rate", "4000 mL/h", "1200 mL/h"]),
        ('name = "BD 60 mL"', 'name = "BD 61 mL"', ["BD 61 mL", "BD 60 mL"]),
    ],
)
def test_a_wrong_field_is_named_with_value_and_limit(capsys, small, old, new, words):
    with_line(small, old, new)
    refused(capsys, ["run", small], *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--syringe", "Acme 60"], ["Acme 60", "BD 60 mL"]),
        (["--fault", "earthquake@1min"], ["earthquake", "clamp"]),
        (["--fault", "clamp"], ["clamp", "@"]),
        (["--fault", "clamp@soon"], ["soon"]),
        (["--fault", "clamp@-1min"], ["-1"]),
        (["--speed", "fast"], ["--speed", "fast", "max"]),
        (["--nurse", "florence"], ["florence", "auto"]),
        (["--port", "/dev/ttyACM9", "--speed", "2"], ["--speed", "simulated"]),
        (["--detach"], ["--detach", "serve"]),
    ],
)
def test_a_wrong_option_is_explained(capsys, options, words):
    refused(capsys, ["run", "hydration", *options], *words)


def test_bad_input_is_told_in_json_as_well(capsys):
    assert main(["run", "nothing.toml", "--json"]) == 2
    result = result_of(capsys)
    assert result["outcome"] == "refused"
    assert result["delivered_ml"] == 0
    assert "nothing.toml" in result["error"]


def test_a_damaged_record_is_explained(capsys, tmp_path):
    (tmp_path / "r").mkdir()
    refused(capsys, ["plot", "r"], "meta.json")
