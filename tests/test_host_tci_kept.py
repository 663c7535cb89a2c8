"""A host of a target dies and is started again: it goes on with the model that was kept, or says why it does not."""

import json

import pytest

import peoples
import picoinfuse as pi
from killed_tci import SCHNIDER, killed_at
from picoinfuse import tci_kept
from picoinfuse.errors import BadInput
from picoinfuse.pump import Pump
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse
from wires import HostKilled


def wait(pump, tci):
    return pump.wait(on_telemetry=tci.telemetry, on_event=tci.event)


def test_a_host_that_is_started_again_at_once_goes_on_as_if_nothing_had_been(tmp_path):
    """Bug: it had no way to go on at all, and the pump fell back and paused."""
    dead, bench = killed_at(200, tmp_path)
    bench.advance("15 s")
    again = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, again)
    assert tci.body.effect == pytest.approx(bench.truth()["effect_ug_ml"], rel=0.02)
    assert tci.body.model.infused == pytest.approx(again.status().delivered_nl / 1e5, abs=0.1)
    assert tci.body.now_ms == pytest.approx(dead.body.now_ms + 15_000, abs=1500)
    wait(again, tci)
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)
    assert "supervision_lost" not in {event.what for event in again.stream.events}


def test_targets_of_later_come_when_they_were_ordered_for(tmp_path):
    _, bench = killed_at(200, tmp_path, target="4 ug/mL@0min,2 ug/mL@6min")
    bench.advance("20 s")
    again = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, again)
    assert tci.target == 4
    wait(again, tci)
    assert tci.target == 2
    assert bench.truth()["effect_ug_ml"] == pytest.approx(2, rel=0.03)


def test_after_the_pump_has_fallen_back_a_person_resumes_and_what_is_missing_is_made_good(tmp_path):
    _, bench = killed_at(200, tmp_path)
    bench.advance("3 min")
    again = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, again)
    assert again.status().state == "paused", "a pause is a person's word"
    assert tci.body.effect == pytest.approx(bench.truth()["effect_ug_ml"], rel=0.1)
    highest = []
    again.resume()
    again.wait(
        on_telemetry=lambda row: (tci.telemetry(row), highest.append(bench.truth()["effect_ug_ml"])), on_event=tci.event
    )
    assert max(highest) < 4 * 1.05
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("seconds", [1, 5, 12, 30])
def test_also_in_the_middle_of_the_first_dose_the_target_is_not_overshot(tmp_path, seconds):
    _, bench = killed_at(seconds, tmp_path)
    bench.advance("5 s")
    again = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, again)
    highest = []
    again.wait(
        on_telemetry=lambda row: (tci.telemetry(row), highest.append(bench.truth()["effect_ug_ml"])), on_event=tci.event
    )
    assert max(highest) < 4 * 1.1
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


def test_it_can_die_twice(tmp_path):
    _, bench = killed_at(100, tmp_path)
    again = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, again)

    def die(row):
        tci.telemetry(row)
        if tci.body.now_ms > 200_000:
            raise HostKilled

    with pytest.raises(HostKilled):
        again.wait(on_telemetry=die, on_event=tci.event)
    bench.advance("10 s")
    third = Pump(bench.port())
    tci = tci_kept.go_on(tmp_path, third)
    wait(third, tci)
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


def test_on_a_pump_that_knows_people_a_nurse_logs_in_again(tmp_path):
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True, texts={"access": peoples.file(relock_ms=60_000)})
    bench.pump.login("anna", peoples.STAFF["anna"][1])

    def die(row):
        if bench.pump.stream.started_ms is not None and bench.pump.stream.seconds(row.at_ms) >= 200:
            raise HostKilled

    with pytest.raises(HostKilled):
        bench.pump.run(pi.Tci(SCHNIDER, target="4 ug/mL", duration="15 min"), out=tmp_path, on_telemetry=die)
    again = Pump(bench.port())
    asked = []
    again.asks = lambda pump, why: asked.append(why) or pump.login("anna", peoples.STAFF["anna"][1]) or True
    tci = tci_kept.go_on(tmp_path, again)
    wait(again, tci)
    assert asked == ["log_in"], "once, and not again when the login is over"
    assert tci.refused == []
    assert bench.truth()["effect_ug_ml"] == pytest.approx(4, rel=0.02)


# ---- what is refused: a model of another body would give too much ----------------------------------------------


def test_another_start_of_the_same_program_is_refused(tmp_path):
    """Its check value is the same; what is in the body is not."""
    dead, bench = killed_at(60, tmp_path)
    pump = Pump(bench.port())
    pump.stop()
    pump.start(dead.program)
    bench.advance("5 s")
    with pytest.raises(BadInput, match=r"is not what this pump is under way with .* a person goes on by hand"):
        tci_kept.go_on(tmp_path, Pump(bench.port()))


def test_after_a_power_cut_nobody_goes_on_by_a_model(tmp_path):
    _, bench = killed_at(60, tmp_path)
    bench.power_cut(60)
    bench.advance("70 s")
    with pytest.raises(BadInput, match="cut short: the power failed"):
        tci_kept.go_on(tmp_path, Pump(bench.port()))


def test_another_pump_is_refused(tmp_path):
    killed_at(60, tmp_path)
    with pytest.raises(BadInput, match="is not what this pump is under way with"):
        tci_kept.go_on(tmp_path, Bench(seed=9).pump)


def test_a_state_that_was_altered_cut_short_or_is_not_there_is_refused(tmp_path):
    _, bench = killed_at(60, tmp_path)
    path = tmp_path / tci_kept.FILE
    text = path.read_text(encoding="utf-8")
    whole = json.loads(text)
    assert "teaching" in whole["for"].lower()
    whole["kept"]["body"]["state"][0] /= 2
    for damaged in (json.dumps(whole), text[:-40], "[]", "{}", text.replace("schnider", "minto")):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(BadInput, match=r"tci-state.json cannot be used .* a person goes on by hand"):
            tci_kept.go_on(tmp_path, bench.pump)
    path.unlink()
    with pytest.raises(BadInput, match=r"there is no tci-state.json in it"):
        tci_kept.go_on(tmp_path, bench.pump)


def test_a_full_disk_stops_no_infusion(tmp_path):
    (tmp_path / (tci_kept.FILE + ".new")).mkdir()
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True)
    record = bench.pump.run(pi.Tci(SCHNIDER, target="2 ug/mL", duration="2 min"), out=tmp_path)
    assert record.result()["outcome"] == "complete"
