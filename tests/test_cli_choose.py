"""Several pumps: they are listed, and whoever sits at the terminal is asked."""

import io
import sys

import pytest

from picoinfuse.cli.choose import chosen
from picoinfuse.errors import SeveralPumps

PORTS = ["/dev/ttyACM0", "/dev/ttyACM1"]


def find(port):
    if port == "auto":
        raise SeveralPumps("2 pumps are plugged in", PORTS)
    return port


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_person_is_shown_them_and_asked_until_the_number_is_one_of_them(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", Terminal("7\n2\n"))
    assert chosen(find, "auto") == "/dev/ttyACM1"
    said = capsys.readouterr().err
    assert "1  /dev/ttyACM0" in said
    assert said.count("Which one (1 to 2)") == 2


def test_a_script_is_not_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    with pytest.raises(SeveralPumps, match="2 pumps are plugged in"):
        chosen(find, "auto")


def test_a_named_port_is_taken_as_it_is():
    assert chosen(find, "COM5") == "COM5"
