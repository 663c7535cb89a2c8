"""What `run` and `show` say of the battery before anything starts; nothing is refused for it."""

import pytest

from cabled import PORT, Cabled
from picoinfuse.cli import main

pytestmark = pytest.mark.usefixtures("own_folder")


def told(capsys):
    """The lines about the battery on standard error."""
    lines = capsys.readouterr().err.splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("battery")), None)
    return [] if at is None else [line for line in lines[at : at + 2] if not line.startswith((" 0:", "-0:"))]


def test_a_full_battery_is_enough_for_a_minute_and_a_half(small, capsys):
    assert main(["run", small]) == 0
    (line,) = told(capsys)
    assert line.startswith(
        "battery   8.40 V, about 100 % full, the mains is there; without it the battery lasts about 12 h"
    )
    assert line.endswith("with this therapy; it takes 1 min 30 s: enough")


def test_one_that_is_not_enough_is_told_with_what_to_do_and_the_therapy_starts(tmp_path, capsys):
    (tmp_path / "long.toml").write_text(
        'name = "long"\ntitle = "x"\nsource = "x"\n[drug]\nname = "x"\nroute = "intravenous"\n'
        '[syringe]\nname = "BD 60 mL"\n[[phases]]\nkind = "rate"\nrate = "6 mL/h"\nvolume = "54 mL"\n'
    )
    faults = ["--fault", "battery_low@on", "--fault", "power_cut@1min:1s"]
    assert main(["run", str(tmp_path / "long.toml"), *faults]) == 3
    first, second = told(capsys)
    assert "7.1" in first
    assert "about 20 % full lasts about 2 h" in first
    assert second.strip().startswith(
        "not enough, the therapy takes 9 h: plug the mains in, or have a full battery ready"
    )


def test_a_pump_without_a_battery_is_not_spoken_of(small, capsys):
    assert main(["run", small, "--world", "absent=battery"]) == 0
    assert told(capsys) == []


def test_a_program_that_is_refused_is_not_spoken_of(small, capsys, tmp_path):
    from pathlib import Path

    text = Path(small).read_text().replace('rate = "40 mL/h"', 'rate = "4000 mL/h"')
    Path(small).write_text(text)
    assert main(["run", small]) == 2
    assert told(capsys) == []


def test_show_tells_it_of_a_full_battery(capsys):
    assert main(["show", "hydration", "--no-picture"]) == 0
    assert (
        "battery   a full one lasts about 12 h 10 min with this therapy; it takes 1 h: enough"
        in capsys.readouterr().out
    )
    assert main(["show", "fluorouracil", "--no-picture"]) == 0
    assert "not enough, the therapy takes 46 h" in capsys.readouterr().out


def test_what_earlier_contacts_have_shown_of_an_old_battery_is_used(tmp_path, monkeypatch, small, capsys):
    monkeypatch.setenv("PICOINFUSE_ARCHIVE", str(tmp_path / "pumps"))
    cabled = Cabled(monkeypatch, seed=1)
    cabled.bench.advance("5 s")
    cabled.bench.senses.battery.fit(0.95, 0.5)
    cabled.bench.mains(False)
    cabled.bench.advance("1 min")
    assert main(["run", small, "--detach", *PORT]) == 0
    assert "old" not in told(capsys)[0]
    for _ in range(3):
        cabled.bench.advance("40 min")
        assert main(["status", *PORT]) == 0
    capsys.readouterr()
    assert main(["run", small, "--detach", *PORT]) == 0
    line = told(capsys)[0]
    assert "old (holds about 5" in line or "old (holds about 4" in line
    assert ", until " in line
