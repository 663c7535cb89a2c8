"""The catalogue of faults: how one is read from text, and how the command line lists them."""

import json

import pytest

from picoinfuse.cli import main
from picoinfuse.errors import BadInput
from picoinfuse_firmware.alarms import TABLE
from picoinfuse_sim.faults import CATALOGUE, GROUPS, parse

# --- how it is read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "at_ms", "value"),
    [
        ("clamp@10min", "clamp", 600_000, None),
        ("stall@on", "stall", -1, None),
        ("clamp@10 min:30 s", "clamp", 600_000, 30.0),
        ("slip@1h", "slip", 3_600_000, 0.2),
        ("slip@0s:0.5", "slip", 0, 0.5),
        ("slip@0s:50 %", "slip", 0, 0.5),
        ("power_cut@5min", "power_cut", 300_000, 3.0),
        ("hang@90s:2s", "hang", 90_000, 2.0),
        ("kink@10min:4 h", "kink", 600_000, "4 h"),
        ("kink@10min:80 mmHg h/mL", "kink", 600_000, 80.0),
        ("bubble@1min:50 uL", "bubble", 60_000, 0.05),
        ("height@1min:-0.3 m", "height", 60_000, -30.0),
        ("cold@1min:4°C", "cold", 60_000, 4.0),
        ("second_pump@1min:120 mL/h", "second_pump", 60_000, 120.0),
        ("wrong_syringe@1min:BD 20 mL", "wrong_syringe", 60_000, "BD 20 mL"),
        ("wrong_syringe@1min", "wrong_syringe", 60_000, None),
        ("infiltrate@1min:20 mmHg", "infiltrate", 60_000, 20.0),
        ("backlash@1min:0.3 mm", "backlash", 60_000, 300.0),
        ("force_offset@1min:-2 N", "force_offset", 60_000, -2000.0),
        ("force_drift@1min:500 mN/h", "force_drift", 60_000, 500.0),
        ("dry@1min:2.5", "dry", 60_000, 2.5),
        ("key_stuck@1min:mute", "key_stuck", 60_000, "mute"),
        ("hot@1min:-5 degC", "hot", 60_000, -5.0),
        ("disconnect@1min", "disconnect", 60_000, "patient"),
        ("leak@1min:10 mmHg h/mL", "leak", 60_000, 10.0),
        ("leak@1min:0.001 mmHg h/mL", "leak", 60_000, 0.001),  # the least; once it was outside
    ],
)
def test_a_fault_is_a_name_a_time_and_perhaps_more(text, name, at_ms, value):
    planned = parse(text)
    assert (planned.fault.name, planned.at_ms, planned.value) == (name, at_ms, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clmp@10min", "unknown fault 'clmp'; the known ones are: stall, slip"),
        ("clamp", "says no time; write e.g. clamp@10min"),
        ("clamp@", "fault 'clamp@': time = ''"),
        ("clamp@soon", "'soon'"),
        ("clamp@10", "has no unit"),
        ("clamp@-1min", "negative"),
        ("clamp@10mL", "'10mL'"),
        ("clamp@10min:", "duration = ''"),
        ("clamp@10min:0s", "lasts 0 s; write how long; e.g. clamp@10min:2 h"),
        ("release@10min:5s", "takes nothing after its time"),
        ("slip@10min:lots", "not a fraction"),
        ("slip@10min:1.5", "not a fraction above 0 and up to 1; e.g. slip@10min:0.2"),
        ("slip@10min:nan", "not a fraction"),
        ("height@10min:3 km", "height = '3 km': write a number and its unit (cm, mm, m); e.g. height@10min:50 cm"),
        ("height@10min:3 m", "height = '3 m': is outside -200 to 200 cm"),
        ("cold@10min:-4 degC", "temperature = '-4 degC': is outside 0 to 45 degC"),
        ("bubble@10min:0 mL", "volume = '0 mL': is outside 0 to 5 mL"),
        ("bubble@10min:5 mL/h", "not a volume"),
        ("second_pump@10min:5000 mL/h", "is outside 0 to 1000 mL/h"),
        ("kink@10min:hard", "'hard'"),
        ("kink@10min:-3 mmHg h/mL", "is outside 0.001 to 1e+06 mmHg h/mL"),
        ("wrong_syringe@10min:Acme 50", "unknown syringe"),
        ("key_stuck@10min:stop", "key = 'stop': is none of: start, bolus, mute"),
        ("disconnect@10min:here", "where = 'here': is none of: patient, syringe"),
        ("force_drift@10min:5 N", "force/time = '5 N': write a number and its unit (N/h, mN/h)"),
        ("dry@10min:100", "factor = '100': is outside 1 to 20"),
        ("backlash@10min:5 cm", "length = '5 cm'"),
    ],
)
def test_what_cannot_be_read_is_explained(text, message):
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert message in str(caught.value)


def test_every_row_says_what_it_does_and_which_alarm_sees_it_or_why_none_can():
    alarms = {row.name for row in TABLE}
    for name, fault in CATALOGUE.items():
        assert fault.name == name
        assert fault.group in GROUPS
        assert fault.text.endswith(".")
        assert set(fault.alarms) <= alarms
        assert bool(fault.alarms) != bool(fault.why)
        assert parse(fault.example()).fault is fault
        assert parse(f"{name}@1s").value == fault.default


def test_every_alarm_of_a_machine_that_fails_has_a_fault_that_raises_it():
    """What people do or a program orders raises the others; so do a patient's glucose and a host that is away."""
    people = {"near_end", "end", "call_back", "pause_too_long", "restarts", "self_test", "rate_unreachable"}
    people |= {"syringe_change", "wrong_code", "glucose_low", "glucose_lost", "supervision_lost"}
    raised = {name for fault in CATALOGUE.values() for name in fault.alarms}
    assert {row.name for row in TABLE} - raised == people


# --- on the command line -------------------------------------------------------------------------------------------


def test_the_catalogue_is_listed_in_its_groups(capsys):
    assert main(["faults"]) == 0
    said = capsys.readouterr().out
    assert [line.lower() for line in said.splitlines() if line.isupper()] == list(GROUPS)
    for name, fault in CATALOGUE.items():
        assert f"  {fault.usage()}\n" in said, name
    assert max(map(len, said.splitlines())) <= 100


def test_one_fault_is_shown(capsys):
    assert main(["faults", "infiltrate"]) == 0
    said = capsys.readouterr().out
    assert "infiltrate@TIME[:PRESSURE]" in said
    assert "Alarm: none: at 5 mL/h tissue adds 2.4 mmHg" in said
    assert "clamp" not in said


def test_the_catalogue_is_data_too(capsys):
    assert main(["faults", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["faults"]
    assert [row["name"] for row in rows] == list(CATALOGUE)
    assert rows[list(CATALOGUE).index("slip")] == {
        "name": "slip",
        "group": "drive",
        "text": CATALOGUE["slip"].text,
        "argument": "FRACTION",
        "default": "0.2",
        "example": "slip@10min:0.2",
        "alarms": ["under_delivery", "motor_stalled"],
        "why": None,
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["faults", "clmp"], "fault 'clmp': unknown; did you mean clamp"),
        (["faults", "gremlin"], "the known ones are: stall"),
        (["run", "hydration", "--fault", "bubble@1min:5 mL/h"], "not a volume"),
        (["run", "hydration", "--fault", "height@1min:3 km"], "height = '3 km'"),
        (["serve", "--fault", "clamp@"], "fault 'clamp@': time = ''"),
    ],
)
def test_bad_input_ends_with_a_word_and_status_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
