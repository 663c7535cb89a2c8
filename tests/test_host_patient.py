"""A run with a simulated patient: the signs in the record, in its words and in its picture."""

import json
import struct

import pytest

from picoinfuse import Program, Record, signs
from picoinfuse.cli import main
from picoinfuse.cli.address import address
from picoinfuse.errors import BadInput
from picoinfuse.nurse import nurse
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse

PROGRAM = Program.continuous("100 mL/h", "2 mL")


def record_of(patient="morphine-loetsch", **options):
    bench = Bench(seed=1, patient=parse(patient) if patient else None, **options)
    return bench.pump.run(PROGRAM)


@pytest.fixture(scope="module")
def record():
    return record_of()


def test_the_record_has_the_signs_at_every_telemetry(record):
    times, told = [row[0] for row in record.seen], [row[0] for row in record.rows]
    assert times == told[: len(times)]
    assert len(told) - len(times) <= 1, "all but perhaps one that comes with the last word of the pump"
    plasma = [row[1] for row in record.seen]
    assert plasma[0] == 0
    assert max(plasma) > 50
    assert record.meta["patient"]["for"] == "teaching model"
    assert [sign["name"] for sign in record.meta["patient"]["signs"]] == ["plasma_ng_ml", "effect_ng_ml"]


def test_a_record_is_written_and_read_again(record, tmp_path):
    record.save(tmp_path)
    lines = (tmp_path / "patient.csv").read_text("utf-8").splitlines()
    assert lines[0] == "at_ms,plasma_ng_ml,effect_ng_ml"
    again = Record.read(tmp_path)
    assert again.meta["patient"] == record.meta["patient"]
    assert again.seen == [tuple(pytest.approx(value, rel=1e-8) for value in row) for row in record.seen]
    assert again.summary().replace(str(tmp_path), "") == record.summary().replace(str(tmp_path), "")


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        record_of("pca", faults=["clamp@20s:10 s"]).save(tmp_path / name)
    assert (tmp_path / "a" / "patient.csv").read_bytes() == (tmp_path / "b" / "patient.csv").read_bytes()


def test_without_a_patient_there_is_no_trace_of_one(tmp_path):
    record = record_of(None)
    record.save(tmp_path)
    assert record.seen == []
    assert "patient" not in record.meta
    assert not (tmp_path / "patient.csv").exists()
    assert "model" not in record.summary()
    assert Record.read(tmp_path).seen == []


def test_the_words_say_teaching_model(record):
    words = record.summary()
    assert "model       morphine-loetsch: 70 kg, peak 93.8 min, concentration 1 mg/mL (teaching model)" in words
    assert "morphine in the plasma: 0 to " in words


def test_what_has_faded_away_is_told_as_nothing():
    its = {"signs": [{"name": "symptoms", "label": "symptoms", "unit": "0 to 10"}]}
    assert signs.summary(its, [(0, 0.0), (1000, 5.62), (2000, 1.12e-20)])[0].endswith("at the end 0")
    assert signs.summary(its, [(0, 0.0), (1000, 5.62), (2000, 0.002)])[0].endswith("at the end 0.002")


def test_what_is_no_reading_is_neither_told_nor_drawn(monkeypatch, tmp_path):
    """Before its first reading a glucose sensor was told, and drawn, as 0 mg/dL."""
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    bench = Bench(seed=1, patient=parse("hovorka,concentration=10 U/mL"))
    program = Program.continuous("0.6 mL/h", duration="12 min", syringe="BD 5 mL")
    bench.change_syringe("BD 5 mL")
    record = bench.pump.run(program, out=tmp_path / "r")
    again = Record.read(tmp_path / "r")
    for its in (record, again):
        (line,) = [line for line in its.summary().splitlines() if "glucose sensor: " in line]
        assert float(line.split(": ")[1].split(" ")[0]) > 40
    again.plot(tmp_path / "x.png")
    (drawn,) = [line for axis in figures[0].axes for line in axis.lines if line.get_label() == "glucose sensor"]
    values = [float(value) for value in drawn.get_ydata()]
    assert values[0] != values[0], "nothing was read yet"
    assert min(value for value in values if value == value) > 40
    short = [row for row in record.seen if row[2] != row[2]]
    assert "              glucose sensor: nothing yet" in signs.summary(record.meta["patient"], short)


def test_the_time_goes_on_over_a_power_cut():
    bench = Bench(seed=1, patient=parse("morphine-loetsch"), faults=["power_cut@30s:3 s"])
    record = bench.pump.run(PROGRAM, nurse=nurse("resume:10 s"))
    assert record.meta["result"]["outcome"] == "complete"
    times = [row[0] for row in record.seen]
    assert times == sorted(times) == [row[0] for row in record.rows][: len(times)]
    assert times[-1] > 80_000


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace("plasma", "blood"), "patient.csv line 1 is not the header at_ms,plasma_ng_ml"),
        (lambda text: text.replace("\n1000,0,0", "\n1000,0"), "patient.csv line 2 is damaged (2 fields, not 3)"),
        (lambda text: text.replace("\n1000,0,0", "\n1000,0,none"), "patient.csv line 2 is damaged"),
        (lambda text: text[:-3], "(it does not end)"),
        (lambda text: text[: text.rindex("\n", 0, -1) + 1], "patient.csv is damaged: it has "),
        (lambda text: "", "patient.csv line 1 is not the header"),
    ],
)
def test_a_damaged_table_is_told(record, tmp_path, spoil, message):
    record.save(tmp_path)
    path = tmp_path / "patient.csv"
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    with pytest.raises(BadInput) as caught:
        Record.read(tmp_path)
    assert message in str(caught.value)


def test_a_missing_table_and_damaged_signs_are_told(record, tmp_path):
    record.save(tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text("utf-8"))
    (tmp_path / "meta.json").write_text(json.dumps({**meta, "patient": {"title": "?"}}), "utf-8")
    with pytest.raises(BadInput, match=r"meta.json does not say which signs there are"):
        Record.read(tmp_path)
    record.save(tmp_path)
    (tmp_path / "patient.csv").unlink()
    with pytest.raises(BadInput, match=r"patient.csv is missing"):
        Record.read(tmp_path)


@pytest.mark.parametrize(("patient", "panels"), [("oxytocin", 1), ("pca", 3), ("reaction,at=20 s", 4)])
def test_each_unit_has_a_panel_in_the_picture(patient, panels, tmp_path):
    record_of(patient).plot(tmp_path / "x.png")
    width, height = struct.unpack(">II", (tmp_path / "x.png").read_bytes()[16:24])
    assert width == 1100
    assert height == pytest.approx(836 + panels * 253, abs=2)


def test_the_panels_show_the_signs_and_say_what_they_are(monkeypatch, tmp_path):
    figures = []
    monkeypatch.setattr("picoinfuse.plot._save", lambda figure, path: figures.append(figure))
    record = record_of("pca")
    record.plot(tmp_path / "x.png")
    panels = figures[0].axes[1:-2]
    assert [axis.get_ylabel() for axis in panels] == ["ng/mL", "0 to 10", "breaths/min"]
    assert panels[0].get_title(loc="left").startswith("teaching model: pca: 70 kg")
    labels = [[line.get_label() for line in axis.lines if not line.get_label().startswith("_")] for axis in panels]
    assert labels == [["morphine in the plasma", "at the effect site"], ["pain", "sedation"], ["breathing"]]
    plasma = next(line for line in panels[0].lines if line.get_label() == "morphine in the plasma")
    assert list(plasma.get_ydata()) == [row[1] for row in record.seen]
    assert list(plasma.get_xdata()) == pytest.approx([(row[0] - record.started_ms) / 1000 for row in record.seen])


def test_a_long_title_of_a_patient_stays_in_the_picture(monkeypatch, tmp_path):
    figures = []
    monkeypatch.setattr("picoinfuse.plot._save", lambda figure, path: figures.append(figure))
    record_of("hovorka,sensitivity=0.5,meals=45g@7h/70g@12h/80g@19h,exercise=0.5@16h:1h").plot(tmp_path / "x.png")
    panel = figures[0].axes[1]
    figures[0].canvas.draw()
    title = panel._left_title.get_window_extent()
    assert "80g@19h" in panel.get_title("left")
    assert title.x1 <= figures[0].bbox.x1
    assert not title.overlaps(panel.get_legend().get_window_extent())


def test_the_command_line_takes_a_patient(tmp_path, small, capsys):
    assert main(["run", small, "--patient", "propofol-marsh,weight=80", "--out", str(tmp_path / "run")]) == 0
    words = capsys.readouterr().out
    assert "propofol-marsh: 80 kg, ke0 0.26 /min, concentration 10 mg/mL (teaching model)" in words
    assert (tmp_path / "run" / "patient.csv").exists()
    meta = json.loads((tmp_path / "run" / "meta.json").read_text("utf-8"))
    assert "patient=propofol-marsh%2Cweight%3D80" in meta["url"]


def test_the_command_line_explains_a_wrong_patient(tmp_path, small, capsys):
    assert main(["run", small, "--patient", "propofol-marsh,weight=8", "--out", str(tmp_path / "run")]) == 2
    assert "the model propofol-marsh holds for 30 to 150 kg" in capsys.readouterr().err


def test_only_a_simulated_pump_has_a_patient():
    with pytest.raises(BadInput, match="--patient: only a simulated pump has that; /dev/ttyACM0 is not one"):
        address("/dev/ttyACM0", patient="pca")
    assert address("sim://", patient="pca,pain=8") == "sim://?patient=pca%2Cpain%3D8"
    with pytest.raises(BadInput, match="says patient as well; say it once"):
        address("sim://?patient=pca", patient="pca")


def test_a_scale_behind_numbers_does_not_read_as_one_more_number():
    said = record_of("pca").summary()
    assert "(scale 0 to 10), at the end" in said
    assert " 0 to 10," not in said
    assert "breaths/min, at the end" in said
