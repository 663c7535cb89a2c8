"""Numbers on the command line: read exactly, or refused in one line with option, value and limits."""

import pytest

from picoinfuse.cli import main
from picoinfuse.cli.numbers import decimal, whole
from picoinfuse.errors import BadInput


def test_whole_numbers_within_their_limits_are_read():
    assert [whole(text, "--n", -5, 10) for text in ("-5", "0", "10", " 7 ")] == [-5, 0, 10, 7]


@pytest.mark.parametrize("text", ["", "x", "1.0", "11", "-6", "1e3", "٣", "--1", "9" * 40])
def test_anything_else_is_no_whole_number(text):
    with pytest.raises(BadInput, match=r"--n = .* is not a whole number from -5 to 10"):
        whole(text, "--n", -5, 10)


def test_decimals_within_their_limits_are_read():
    assert [decimal(text, "--h", 0.5, 48) for text in ("0.5", "48", "1e1")] == [0.5, 48, 10]


@pytest.mark.parametrize("text", ["", "x", "0.49", "48.1", "nan", "inf", "1,5"])
def test_anything_else_is_no_number(text):
    with pytest.raises(BadInput, match=r"--h = .* is not a number from 0\.5 to 48"):
        decimal(text, "--h", 0.5, 48)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["run", "hydration", "--seed", "x"], "--seed = 'x': is not a whole number from 0"),
        (["run", "hydration", "--seed", "-3"], "--seed = '-3': is not a whole number from 0"),
        (["benchmark", "--hours", "0"], "--hours = '0': is not a number from 0.1 to 240"),
        (["campaign", "--only", "1.5"], "--only = '1.5': is not a whole number from 0 to 100000"),
    ],
)
def test_every_command_says_option_value_and_limits_in_one_line(capsys, command, words):
    assert main(command) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line
