"""The commands about therapies: check, schema, therapies, show, and run at a time of day."""

import json

import pytest

from cli_work import SMALL, result_of
from picoinfuse.cli import main
from picoinfuse.nurse import AutoNurse
from picoinfuse.therapy import shipped
from therapy_text import therapy_text

pytestmark = pytest.mark.usefixtures("own_folder")


def written(tmp_path, text, name="mine.toml"):
    (tmp_path / name).write_text(text, "utf-8")
    return name


def test_ctrl_c_ends_the_table_of_all_and_not_only_the_therapy_that_runs(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.therapy.shipped", lambda: ["port-flush", "port-lock"])
    monkeypatch.setattr(AutoNurse, "attend", interrupted)
    assert main(["therapies", "--all"]) == 5
    said = capsys.readouterr()
    assert said.out == ""
    assert "port-flush ..." in said.err
    assert "port-lock" not in said.err


def interrupted(self, pump):
    raise KeyboardInterrupt


# check


def test_every_shipped_therapy_is_good(capsys):
    assert main(["check", *shipped()]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert len(captured.out.splitlines()) == len(shipped())
    assert "hydration: good: maintenance fluid, 40 mL, 1 h" in captured.out


def test_of_several_files_each_is_told_and_one_bad_one_is_enough(capsys, tmp_path):
    good = written(tmp_path, therapy_text(), "good.toml")
    bad = written(tmp_path, therapy_text(drug='[drug]\nname = "d"\nroute = "intramuscular"\n'), "bad.toml")
    worse = written(tmp_path, therapy_text(patient='[patient]\nwight = "10 kg"\n'), "worse.toml")
    assert main(["check", bad, good, worse, "nothing"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "good.toml: good: morphine, 10 mL, 1 h\n"
    lines = captured.err.splitlines()
    assert lines[0].startswith(
        "bad.toml: drug route = 'intramuscular': is not a pump route: a muscle is given one small"
    )
    assert lines[1] == "worse.toml: patient wight = '10 kg': there is no such field; is it spelled right?"
    assert lines[2].startswith("therapy = 'nothing': there is neither a shipped therapy nor a file of that name")


@pytest.mark.parametrize(
    ("phases", "says"),
    [
        (
            'kind = "rate"\nrate = "2000 mL/h"\nvolume = "10 mL"',
            "mine.toml: phase 1 rate = '2000 mL/h': the rate 2000 mL/h is",
        ),
        ('kind = "rate"\nrate = "1 nL/h"\nvolume = "10 mL"', "is below 0.01 mL/h, the least the pump can give evenly"),
        ('kind = "pause"\nduration = "1 h"', "mine.toml: phases: the program orders no volume"),
        (
            'kind = "rate"\nrate = "0.05 mL/h"\nduration = "40 days"',
            "phase 1 duration = '40 days': a duration of 960 h",
        ),
        (
            'kind = "kvo"\nrate = "1 mL/h"\n[[phases]]\nkind = "pause"\nduration = "1 h"',
            "phase 1: phase 1 keeps the vein",
        ),
    ],
)
def test_what_the_pump_would_refuse_is_refused_with_its_place(capsys, tmp_path, phases, says):
    name = written(tmp_path, therapy_text(phases=f"[[phases]]\n{phases}\n"))
    assert main(["check", name]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


# schema


def test_the_schema_is_printed(capsys):
    assert main(["schema"]) == 0
    its = json.loads(capsys.readouterr().out)
    assert its["properties"]["drug"]
    assert its["additionalProperties"] is False


# therapies


def test_the_table_of_therapies_has_a_row_for_each(capsys):
    assert main(["therapies"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["therapy", "route", "volume", "mL", "dose", "duration", "changes", "place"]
    assert [row.split()[0] for row in rows] == shipped()


def test_all_of_them_are_run_and_told(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.therapy.shipped", lambda: ["port-lock"])
    assert main(["therapies", "--all", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["therapy"] == "port-lock"
    assert row["outcome"] == "complete"
    assert 0 <= row["programmed_ml"] - row["delivered_ml"] < 0.001
    assert row["alarms"] == {"end": 1}


def test_one_that_does_not_end_well_is_an_exit_status(capsys, monkeypatch):
    monkeypatch.setattr("picoinfuse.therapy.shipped", lambda: ["hydration"])
    monkeypatch.setattr("picoinfuse.rehearsal.world_of", lambda therapy: {"fault": "clamp@1min"})
    assert main(["therapies", "--all"]) == 3
    assert "occlusion" in capsys.readouterr().out


# show and run


def test_show_draws_where_it_is_told(capsys, tmp_path):
    assert main(["show", "ceftriaxone", "--plot", "here.png"]) == 0
    assert (tmp_path / "here.png").read_bytes().startswith(b"\x89PNG")
    said = " ".join(capsys.readouterr().out.split())
    for words in ("100 mL/h", "50 mL (1 g), 40 min", "in hospital"):
        assert words in said


def test_a_schedule_that_begins_later_waits_for_its_time(capsys, tmp_path):
    name = written(tmp_path, SMALL + '[schedule]\nat = "08:00"\n')
    assert main(["run", name, "--now", "07:50", "--json"]) == 0
    captured = capsys.readouterr()
    assert "It is 07:50: the pump waits 10 min for the first dose at 08:00" in captured.err
    assert json.loads(captured.out.splitlines()[-1])["duration_s"] == pytest.approx(690, abs=2)
    assert main(["run", name, "--json"]) == 0  # in virtual time it is whatever time one likes
    assert result_of(capsys)["duration_s"] == pytest.approx(90, abs=2)


def test_a_time_of_day_that_is_none_is_refused(capsys, tmp_path):
    name = written(tmp_path, SMALL + '[schedule]\nat = "08:00"\n')
    assert main(["run", name, "--now", "8 o'clock"]) == 2
    assert 'now = "8 o\'clock": is no time of day; write 00:00 to 23:59' in capsys.readouterr().err


def test_the_simulated_world_has_the_route_of_the_therapy(capsys, tmp_path):
    name = written(tmp_path, SMALL.replace('"intravenous"', '"subcutaneous"'))
    assert main(["run", name, "--json", "--out", "r"]) == 0
    meta = json.loads((tmp_path / "r" / "meta.json").read_text("utf-8"))
    assert "route=subcutaneous" in meta["url"]
