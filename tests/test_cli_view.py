"""What a person sees of a run: each event in words, and a bar in a terminal only."""

import io
import re

import pytest

from picoinfuse.cli.view import DRAWN, LOOP, View, clock, event_words
from picoinfuse.stream import Event, Stream, Telemetry
from picoinfuse_firmware import closed_loop, relief


class PumpAtHome:
    """All that the view asks of a pump."""

    def __init__(self):
        self.stream = Stream()


def test_every_reason_of_a_closed_loop_has_words():
    loop = closed_loop
    reasons = (
        loop.IN_RANGE, loop.MORE, loop.LESS, loop.LOW, loop.FULL, loop.DOUBT, loop.WAITING, loop.LOST, loop.STUCK,
    )  # fmt: skip
    assert set(LOOP) == set(reasons)


def test_every_end_of_a_draw_back_has_words():
    ends = (relief.RELIEVED, relief.LOOSE, relief.BOUND, relief.LATE, relief.STALLED, relief.UNFELT, relief.ENDED)
    assert set(DRAWN) == set(ends)


@pytest.mark.parametrize(
    ("kind", "what", "value", "words"),
    [
        ("boot", "pump", 3, "the pump is on (start number 3)"),
        ("program", "0badcafe", 5_000_000, "program 0badcafe of 5 mL is started"),
        ("state", "infusing", 0, "now infusing"),
        ("phase", "rate", 0, "phase 1: rate"),
        ("rate", "0000abcd", 6_000_000, "rate changed to 6 mL/h"),
        ("bolus", "0000abcd", 250_000, "bolus of 0.25 mL begins"),
        ("bolus_end", "0000abcd", 0, "bolus given"),
        ("prime", "done", 50_000, "priming done: 0.05 mL"),
        ("refill", "syringe", 60_000_000, "syringe with 60 mL"),
        ("mute", "audio", 120_000, "sound paused for 120 s"),
        ("mute", "audio", 0, "sound on again"),
        ("alarm_end", "near_end", 0, "alarm over: near end"),
        ("drawback", "relieved", 1_031_600, "drawn back 1.0316 mL (the pressure is relieved)"),
        ("drawback", "bound", 0, "drawn back 0.0000 mL (as much as the line can have stored)"),
        ("key", "bolus", 0, "key pressed: bolus (given only where the program lets the patient ask for one)"),
        ("hold", "fallback", 2_000_000, "the computer is not heard: rate 2 mL/h, as ordered for that"),
        ("hold", "paused", 0, "the computer is not heard: paused, as ordered for that"),
        ("hold", "heard", 0, "the computer is heard again"),
        ("loop", "more", 120_000, "the loop sets 0.12 mL/h: more insulin is wanted"),
        ("loop", "low", 0, "the loop sets no basal insulin: glucose is low, or soon will be"),
        ("demand", "given", 1_000_000, "the patient asked for a bolus: 1 mL"),
        ("demand", "locked_out", 61_000, "the patient asked for a bolus: none (locked out, allowed in 0:01:01)"),
        ("demand", "limit_reached", -1, "the patient asked for a bolus: none (limit reached)"),
        ("demand", "not_now", 0, "the patient asked for a bolus: none (not now)"),
        ("note", "something", 7, "note something 7"),
        ("note", "uncertain_nl", 28345, "of what counts as given, up to 0.0283 mL may not have been: power was lost"),
        (
            "note",
            "hard_dose",
            999_000,
            (
                "0.9990 mL are given in all: the vein is kept open no longer, since more would pass the hard limit "
                "of the dose"
            ),
        ),
        (
            "note",
            "pressure_left",
            0,
            (
                "power was lost while the pressure of an occlusion was drawn back: some of it may be left. "
                "Disconnect the patient before the line is opened"
            ),
        ),
        ("alarm", "not_in_the_table", 7, "alarm not_in_the_table 7"),
    ],
)
def test_an_event_in_words(kind, what, value, words):
    assert event_words(Event(1, 0, kind, what, value))[0] == words


def test_an_alarm_says_its_priority_and_what_to_do():
    words, style = event_words(Event(1, 0, "alarm", "occlusion", 442))
    assert words.startswith("ALARM (high) Occlusion")
    assert "open it" in words
    assert style == "bold red"


def test_time_is_told_as_a_clock():
    assert [clock(0), clock(59.9), clock(3600 + 61)] == ["0:00:00", "0:00:59", "1:01:01"]


def row(delivered_nl):
    return Telemetry(1000, "infusing", 0, 40_000_000, delivered_nl, 1_000_000, 0, 0, 0, 0, 12, 300, 0)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def a_terminal(monkeypatch):
    """What is standard error from now on, and a terminal. Not a fixture: pytest puts its own there before each test."""
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr("sys.stderr", screen)
    return screen


def percents(terminal, rows, **view):
    """What the bar says at the end of some rows, each drawn by a view of its own that has seen those before."""
    said = []
    for number in range(1, len(rows) + 1):
        terminal.truncate(0)
        with View("a therapy", PumpAtHome(), **view) as its:
            for one in rows[:number]:
                its.telemetry(one)
        said.append(int(re.findall(r"(\d+) %", terminal.getvalue())[-1]))
    return said


def at(minutes, delivered_ml, ordered_ml, state="infusing"):
    return Telemetry(
        int(minutes * 60_000), state, 0, 0, int(delivered_ml * 1e6), int(ordered_ml * 1e6), 0, 0, 0, 0, 12, 300, 0
    )


def test_after_a_loading_dose_the_bar_is_not_at_its_end(monkeypatch):
    """Bug: a PCA stood at 100 % for eleven hours, since all that was ordered by then was given."""
    terminal = a_terminal(monkeypatch)
    pca = [at(0, 0, 7), at(7, 7, 7), at(360, 9, 9), at(720, 12, 12), at(720, 12, 12, "complete")]
    assert percents(terminal, pca, duration_ms=12 * 3_600_000) == [0, 1, 50, 100, 100]


def test_a_rate_that_was_lowered_or_a_pause_does_not_bring_the_bar_to_its_end(monkeypatch):
    terminal = a_terminal(monkeypatch)
    slow = [at(0, 0, 10), at(30, 5, 10), at(60, 7, 10), at(120, 10, 10)]
    assert percents(terminal, slow, duration_ms=3_600_000) == [0, 50, 70, 100]
    paused = [at(0, 0, 1), at(10, 1, 1, "paused"), at(40, 1, 2), at(50, 2, 2)]  # half an hour that does not count
    assert percents(terminal, paused, duration_ms=40 * 60_000) == [0, 25, 25, 50]


def test_without_an_end_the_bar_counts_volume_and_under_a_target_time(monkeypatch):
    terminal = a_terminal(monkeypatch)
    rows = [at(0, 0, 60), at(15, 6, 60)]
    assert percents(terminal, rows) == [0, 10]
    assert percents(terminal, rows, duration_ms=30 * 60_000, planned_nl=0) == [0, 50]


def test_in_a_log_there_are_events_and_no_bar(capsys):
    with View("a therapy", PumpAtHome()) as view:
        view.telemetry(row(500_000))
        view.event(Event(1, 0, "state", "infusing", 0))
    assert capsys.readouterr().err.split() == ["-", "now", "infusing"]


def test_in_a_terminal_the_bar_shows_volume_rate_pressure_and_state(monkeypatch):
    terminal = a_terminal(monkeypatch)
    with View("a therapy", PumpAtHome()) as view:
        view.telemetry(row(500_000))
        view.telemetry(row(600_000))  # too soon after the first to be drawn
        view.telemetry(row(1_000_000))  # too soon as well, but the last one
    shown = terminal.getvalue()
    for words in ("a therapy", "0.50 of 1.00 mL", "40.0 mL/h", "12 mmHg", "infusing", "1.00 of 1.00 mL", "100 %"):
        assert words in shown
    assert "0.60 of" not in shown


def test_what_was_before_the_start_has_a_minus():
    """Bug: a second before it was shown as -1:59:59."""
    assert [clock(s) for s in (-3661, -1, -0.4, 0, 59.9, 3661)] == [
        "-1:01:01",
        "-0:00:01",
        "0:00:00",
        "0:00:00",
        "0:00:59",
        "1:01:01",
    ]
