"""The exit statuses of all commands: one table, shown by --help; the same mistake has the same status everywhere."""

import pytest
import typer.main

from picoinfuse.cli import exits, main
from picoinfuse.cli.access import NEW_VARIABLE
from picoinfuse.cli.app import build

pytestmark = pytest.mark.usefixtures("own_folder", "new_code")
NEEDED = {  # beside --port, so that it comes to the port at all
    "run": ["hydration"],
    "config get": ["there.toml"],
    "config set": ["my.toml"],
    "calibrate steps": ["--yes"],
    "access set": ["anna", "technician"],
    "access remove": ["anna"],
    "access rules": ["--level", "1"],
    "access clear": ["--yes"],
    "library install": ["teaching"],
    "library remove": ["--yes"],
    "lock": ["1"],
    "rate": ["2.5 mL/h", "--yes"],
    "bolus": ["2 mL", "--rate", "100 mL/h", "--yes"],
    "refill": ["50 mL", "--yes"],
    "glucose": ["6.4 mmol/L"],
    "meal": ["insulin-loop", "45 g", "--ratio", "15 g/U", "--yes"],
    "tci": ["--target", "4 ug/mL"],
    "calibrate force": ["--mass", "1 kg"],
}


@pytest.fixture
def new_code(monkeypatch):
    monkeypatch.setenv(NEW_VARIABLE, "246810")


def with_port():
    """Yield the words of every command that has --port."""

    def walk(command, words):
        for name, one in getattr(command, "commands", {}).items():
            yield from walk(one, [*words, name])
        if any("--port" in option.opts for option in command.params):
            yield " ".join(words)

    return sorted(walk(typer.main.get_command(build()), []))


def status_of(command, port):
    if command == "config set":
        assert main(["config", "new", "my.toml"]) == 0
    return main([*command.split(), *NEEDED.get(command, []), "--port", port])


def test_help_shows_each_status_in_its_own_line(capsys):
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for status, meaning in exits.MEANINGS.items():
        assert f"    {status}  {meaning}" in lines


def test_every_outcome_and_error_has_a_status_with_a_meaning():
    known = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    assert known == set(exits.MEANINGS) == set(range(6))
    assert set(exits.OF_OUTCOME.values()) < known


def test_the_commands_with_a_port_are_those_that_are_tried_here():
    assert len(with_port()) >= 12
    assert set(NEEDED) < set(with_port())


@pytest.mark.parametrize("command", with_port())
def test_a_mistyped_address_is_bad_input_in_every_command(command, capsys):
    """`install --port sim://` once ended with 4, as if a pump were missing."""
    assert status_of(command, "pigeon://loft") == exits.REFUSED
    assert "--port = 'pigeon://loft'" in capsys.readouterr().err


@pytest.mark.parametrize("command", with_port())
def test_a_device_that_is_not_there_is_a_missing_pump_in_every_command(command, capsys):
    assert status_of(command, "/dev/nothing") == exits.NO_PUMP
    assert "/dev/nothing" in capsys.readouterr().err


@pytest.mark.parametrize("command", with_port())
def test_every_command_says_what_an_address_can_be_and_the_same(command, capsys):
    assert main([*command.split(), "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "auto (the Pico on USB), a device such as /dev/ttyACM0 or COM5, socket://HOST:PORT, or sim://." in said


@pytest.mark.parametrize("command", ["install", "config show", "config get", "config set"])
def test_what_needs_the_cable_refuses_a_socket(command, capsys):
    assert status_of(command, "socket://127.0.0.1:1") == exits.REFUSED
    assert "only a board on a cable" in capsys.readouterr().err
