"""How arguments read in --help, of every command."""

import re

import pytest
from typer.main import get_command

from picoinfuse.cli import main
from picoinfuse.cli.app import build


def commands(command, *names):
    """Every command below this one, as a person types it."""
    below = getattr(command, "commands", {})
    for name, its in below.items():
        yield from commands(its, *names, name)
    if not below:
        yield names


EVERY = sorted(commands(get_command(build())))


@pytest.mark.parametrize("names", EVERY, ids=" ".join)
def test_no_braces_and_no_types_of_python(names, capsys):
    """Bug: `Usage: picoinfuse check [OPTIONS] {FILE...}...`, `FILE... <list[str]>`, `[[PUMP|RECORD]]`."""
    assert main([*names, "--help"]) == 0
    said = capsys.readouterr().out
    usage = said[: said.index("\n\n")]
    assert usage.startswith(f"Usage: picoinfuse {' '.join(names)} [OPTIONS]")
    assert not re.search(r"[{}<>]|\[\[|\.\.\.[\]}]?\.", usage)
    assert not re.search(r"<(str|int|path|list)", said)


@pytest.mark.parametrize(
    ("names", "usage"),
    [
        (["run"], "run [OPTIONS] THERAPY"),
        (["check"], "check [OPTIONS] FILE..."),
        (["meal"], "meal [OPTIONS] THERAPY FOOD"),
        (["diary"], "diary [OPTIONS] [PUMP|RECORD]"),
        (["archive", "show"], "archive show [OPTIONS] [PUMP]"),
        (["faults"], "faults [OPTIONS] [NAME]"),
    ],
)
def test_what_is_needed_has_no_brackets(names, usage, capsys):
    assert main([*names, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Usage: picoinfuse {usage}\n")
    name = usage.split()[-1].strip("[]")
    assert re.search(rf"\nArguments:\n(  .*\n)*  {re.escape(name)}  ", said)


def test_what_is_missing_is_named_as_in_the_help(capsys):
    assert main(["run"]) == 2
    assert "Missing argument 'THERAPY'" in capsys.readouterr().err
