"""Records: what happened, written to a folder, read again, the same for the same seed."""

import json

import pytest

from picoinfuse import Program, Record
from picoinfuse.errors import BadInput, ContactLost, Refused
from picoinfuse.record import new_folder
from picoinfuse.stream import Telemetry
from picoinfuse_firmware.config import Config
from picoinfuse_sim import Bench

ORDER = Program.continuous("120 mL/h", "2 mL")


@pytest.fixture
def folder(tmp_path):
    """The record of a short run."""
    Bench(seed=5).pump.run(ORDER, out=tmp_path / "run", seed=5)
    return tmp_path / "run"


def test_a_run_leaves_three_files_and_its_notebook(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "events.jsonl",
        "meta.json",
        "requests.jsonl",
        "telemetry.csv",
    ]
    lines = (folder / "telemetry.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(Telemetry._fields)
    assert len(lines) == pytest.approx(60, abs=2)


def test_a_fault_whose_time_did_not_come_is_told_in_the_record_and_in_its_words(tmp_path):
    """`--fault clamp@3h` in a therapy of an hour silently never happened."""
    bench = Bench(seed=5, faults=["bubble@10s", "clamp@3h", "clamp@20 min"])
    bench.pump.run(ORDER, out=tmp_path / "run", seed=5)
    record = Record.read(tmp_path / "run")
    assert record.meta["faults_to_come"] == ["clamp@3 h", "clamp@20 min"]
    assert "fault       clamp@3 h did not happen: its time had not come when the run ended" in record.summary()
    assert "bubble" not in record.summary()


def test_where_all_faults_came_nothing_is_told(folder):
    record = Record.read(folder)
    assert "faults_to_come" not in record.meta
    assert "did not happen" not in record.summary()


def test_the_result_has_what_the_command_line_prints(folder):
    result = Record.read(folder).result()
    assert list(result) == [
        "therapy",
        "outcome",
        "programmed_ml",
        "ordered_ml",
        "delivered_ml",
        "drawn_ml",
        "patient_ml",
        "duration_s",
        "alarms",
        "record",
    ]
    assert result["outcome"] == "complete"
    assert result["programmed_ml"] == 2.0
    assert result["delivered_ml"] == pytest.approx(2.0, abs=0.0004)
    assert result["patient_ml"] == pytest.approx(2.0, abs=0.2)  # the rest is in syringe and line, under pressure
    assert result["duration_s"] == pytest.approx(60, abs=0.5)
    assert result["record"] == str(folder)
    assert result["alarms"][-1] == {
        "code": "end",
        "priority": "medium",
        "at_s": result["duration_s"],
        "text": "Infusion complete: everything ordered was pumped",
    }
    json.dumps(result)


def test_the_same_seed_writes_the_same_bytes_and_another_one_others(tmp_path, folder):
    for seed, name in ((5, "again"), (6, "other")):
        Bench(seed=seed).pump.run(ORDER, out=tmp_path / name, seed=seed)
    for name in ("telemetry.csv", "events.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert (folder / "telemetry.csv").read_bytes() != (tmp_path / "other" / "telemetry.csv").read_bytes()


def test_the_same_seed_writes_the_same_events_also_of_what_people_ask_for_meanwhile(tmp_path):
    for name in ("first", "again"):
        bench = Bench(seed=5)

        def ask(row, pump=bench.pump, waiting=["bolus"]):  # noqa: B006  (one list for each run)
            if row.delivered_nl > 500_000 and waiting:
                waiting.pop()
                pump.bolus("0.5 mL", "100 mL/h")

        bench.pump.run(ORDER, out=tmp_path / name, on_telemetry=ask)
    events = (tmp_path / "first" / "events.jsonl").read_bytes()
    assert b'"bolus"' in events
    assert events == (tmp_path / "again" / "events.jsonl").read_bytes()


def test_a_record_read_again_is_the_same(folder, tmp_path):
    record = Record.read(folder)
    record.save(tmp_path / "copy")
    for name in ("telemetry.csv", "events.jsonl", "meta.json"):
        assert (folder / name).read_bytes() == (tmp_path / "copy" / name).read_bytes()


def test_the_summary_is_for_teaching_only_and_tells_the_three_volumes(folder):
    text = Record.read(folder).summary()
    assert "for teaching only" in text
    for word in ("programmed", "delivered", "patient", "complete", str(folder)):
        assert word in text


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("meta.json", lambda text: text[:50], "meta.json is damaged"),
        ("meta.json", lambda text: "[]", "meta.json is damaged"),
        ("meta.json", lambda text: text.replace('"format": 1', '"format": 9'), "has format 9"),
        ("telemetry.csv", lambda text: text.replace("at_ms", "time", 1), "line 1 is not the header"),
        ("telemetry.csv", lambda text: text[: len(text) // 2 - 7], "is damaged"),
        ("telemetry.csv", lambda text: text[:-1], "is damaged (it does not end)"),  # still thirteen numbers
        ("telemetry.csv", lambda text: text[: text.rindex("\n", 0, -1) + 1], "is damaged: it has"),
        ("events.jsonl", lambda text: text[: text.rindex("\n", 0, -1) + 1], "is damaged: it has"),
        ("telemetry.csv", lambda text: text + "1,2,3\n", "3 fields, not 13"),
        ("events.jsonl", lambda text: text[:-9], "is damaged"),
        ("events.jsonl", lambda text: "{}\n", "line 1 is damaged"),
    ],
)
def test_a_damaged_folder_is_told_by_file_and_line(folder, name, damage, says):
    path = folder / name
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        Record.read(folder)
    assert says in str(caught.value)


def test_what_is_no_record_is_told(tmp_path):
    with pytest.raises(BadInput, match="is no folder"):
        Record.read(tmp_path / "missing")
    with pytest.raises(BadInput, match=r"meta\.json is missing"):
        Record.read(tmp_path)


def test_new_folders_count_up(tmp_path):
    assert [new_folder("x", tmp_path / "runs").name for _ in range(3)] == ["x-1", "x-2", "x-3"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="--out"):
        new_folder("x", tmp_path / "file")


def test_a_refused_order_keeps_a_record_that_says_so():
    with pytest.raises(Refused) as caught:
        Bench(seed=0).pump.run(Program.continuous("2000 mL/h", "2 mL"))
    assert caught.value.record.result()["outcome"] == "refused"


def test_a_contact_that_is_lost_keeps_what_was_seen(tmp_path):
    bench = Bench(seed=0)
    bench.at("30 s", bench.host_unplugged)
    with pytest.raises(ContactLost) as caught:
        bench.pump.run(ORDER, out=tmp_path / "lost")
    record = Record.read(tmp_path / "lost")
    assert record.result()["outcome"] == "uncertain"
    assert 0.8 < record.result()["delivered_ml"] < 1.1
    assert caught.value.record.result()["outcome"] == "uncertain"


def test_ctrl_c_stops_the_pump_and_waits_for_its_word():
    bench = Bench(seed=0)

    def press(row):
        if row.delivered_nl > 500_000:
            raise KeyboardInterrupt

    record = bench.pump.run(ORDER, on_telemetry=press)
    assert record.result()["outcome"] == "stopped"
    assert bench.controller.state == "idle"
    assert 0.5 <= record.result()["delivered_ml"] < 0.7


def test_an_alarm_is_an_outcome():
    record = Bench(seed=0, faults=["clamp@10s"]).pump.run(ORDER)
    result = record.result()
    assert result["outcome"] == "alarm"
    assert result["alarms"][-1]["code"] == "occlusion"
    assert result["alarms"][-1]["priority"] == "high"
    assert result["duration_s"] == pytest.approx(result["alarms"][-1]["at_s"], abs=0.2)


def test_what_was_drawn_back_after_an_occlusion_is_waited_for_and_told():
    bench = Bench(seed=0, faults=["clamp@10s"])
    heard = []
    record = bench.pump.run(ORDER, on_event=heard.append)
    assert heard[-1].kind == "drawback"
    assert record.drawn_ml == bench.pump.status().drawn_nl / 1e6 > 0.1
    assert record.result()["drawn_ml"] == record.drawn_ml
    assert f"drawn back  {record.drawn_ml:.4f} mL after an occlusion" in record.summary()
    assert bench.truth()["pressure_mmhg"] < 150  # of the 300 at which it stopped


def test_a_pump_that_does_not_draw_back_is_not_waited_for_long():
    bench = Bench(seed=0, faults=["clamp@10s"], config=Config(draw_back=False))
    record = bench.pump.run(ORDER)
    assert record.drawn_ml == 0
    assert "drawn back" not in record.summary()
    assert bench.now_ms / 1000 < record.alarms()[-1]["at_s"] + 30
