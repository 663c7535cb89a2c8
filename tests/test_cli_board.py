"""The commands `install` and `doctor` at a terminal: what is printed where, and the bar."""

import io

from picoinfuse.cli import bar, main


def test_lines_are_written_and_no_bar_where_nobody_looks_at_a_terminal(capsys):
    with bar.Bar("copying", unit="kB", per_unit=1000) as progress:
        progress.say("a [line] with brackets")
        progress.at(0, 2000)
        progress.at(2000, 2000)
    assert capsys.readouterr().out == "a [line] with brackets\n"


def test_in_a_terminal_a_bar_is_drawn(monkeypatch):
    from rich.console import Console

    screen = io.StringIO()
    with bar.Bar("copying", unit="kB", per_unit=1000) as progress:
        progress._console = Console(file=screen, force_terminal=True, width=80)
        progress.at(0, 0)  # nothing to do: nothing is drawn
        assert screen.getvalue() == ""
        progress.at(1000, 2000)
        progress.at(2000, 2000)
    assert "2 of 2 kB" in screen.getvalue()


def test_install_says_what_is_wrong_on_one_line(capsys):
    assert main(["install", "--port", "sim://"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("picoinfuse: --port = 'sim://': this goes by MicroPython's prompt")
    assert said.count("\n") == 1


def test_an_unknown_check_of_the_doctor_is_bad_input(capsys):
    assert main(["doctor", "--port", "sim://", "--only", "lamps"]) == 2
    assert "there is no such check" in capsys.readouterr().err


def test_the_dialog_is_not_in_the_json(capsys):
    assert main(["doctor", "--port", "sim://", "--yes", "--json", "--only", "keys"]) == 0
    both = capsys.readouterr()
    assert both.out.startswith("{")
    assert "ok      key start" in both.err
