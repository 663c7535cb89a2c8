"""A patient at the bench: what is in the body is what left the cannula, not what the pump was told to give."""

import pytest

from picoinfuse import Program
from picoinfuse.errors import BadInput, PumpAlarm
from picoinfuse.models.compartments import Kinetics
from picoinfuse.models.drugs import GENERIC
from picoinfuse_sim import Bench
from picoinfuse_sim.patient import Patient
from picoinfuse_sim.patient.catalogue import parse
from picoinfuse_sim.patient.drug_patient import DrugPatient
from picoinfuse_sim.tubing import COMMON_NL, Tubing

PER_ML = 10.0


def somebody():
    return DrugPatient(GENERIC, Kinetics(10.0, 0.05, ke0_per_min=0.2), PER_ML, "a body of 10 L")


def infusing(rate="40 mL/h", volume="10 mL", **options):
    bench = Bench(seed=5, patient=somebody(), **options)
    bench.pump.start(Program.continuous(rate, volume))
    return bench


def infused_ml(bench):
    """What the patient was told of, in mL of the syringe's fluid."""
    return bench.bedside.patient.body.infused / PER_ML


def test_the_body_has_all_the_drug_that_left_the_cannula():
    bench = infusing()
    bench.pump.wait()
    bench.advance("1 min")
    body = bench.bedside.patient.body
    assert infused_ml(bench) == pytest.approx(bench.truth()["drug_ml"], rel=1e-9)
    assert 9.9 < infused_ml(bench) < 10
    assert body.in_body + body.eliminated == pytest.approx(body.infused, rel=1e-12)


def test_a_slow_infusion_reaches_the_patient_late():
    """Start-up: the pump counts its dose from the first step, while the plunger still sticks."""
    bench = infusing("1 mL/h", "2 mL")
    bench.advance("10 min")
    assert bench.pump.status().delivered_nl == pytest.approx(1e6 / 6, rel=0.02)
    assert 0 < infused_ml(bench) < 0.4 / 6
    bench.advance("49 min")
    assert 0.8 < infused_ml(bench) < bench.pump.status().delivered_nl / 1e6 - 0.05


def test_behind_a_clamp_the_concentration_falls_while_the_pump_still_counts():
    bench = infusing(faults=["clamp@5min"])
    bench.advance(301)
    before, counted_nl = bench.truth(), bench.pump.status().delivered_nl
    given_ml = infused_ml(bench)
    bench.advance("40 s")
    assert bench.pump.status().delivered_nl > counted_nl + 300_000
    assert infused_ml(bench) == pytest.approx(given_ml, abs=0.012)
    assert bench.truth()["plasma_ug_ml"] < before["plasma_ug_ml"] * 0.98


def test_the_bolus_after_a_release_is_in_the_body():
    bench = infusing(faults=["clamp@5min:40 s"])
    bench.advance(340)
    held_ml, counted_nl = infused_ml(bench), bench.pump.status().delivered_nl
    bench.advance("5 s")
    ordered_ml = (bench.pump.status().delivered_nl - counted_nl) / 1e6
    assert infused_ml(bench) - held_ml > ordered_ml + 0.3


def test_after_an_occlusion_alarm_the_body_only_eliminates():
    bench = infusing(faults=["clamp@5min"])
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    bench.advance("1 min")
    body = bench.bedside.patient.body
    held, gone = body.infused, body.eliminated
    bench.advance("20 min")
    assert body.infused == held
    assert body.eliminated > gone + 0.3 * (held - gone)


def test_a_line_full_of_saline_brings_the_drug_after_its_volume():
    bench = infusing("60 mL/h", "10 mL", line_filled="saline", ideal=True)
    dead_ml = (Tubing().dead_nl + COMMON_NL) / 1e6
    bench.advance(60 * dead_ml - 3)
    assert infused_ml(bench) == 0
    assert bench.truth()["patient_ml"] == pytest.approx(dead_ml, abs=0.1)
    bench.advance(60)
    assert infused_ml(bench) == pytest.approx(1, abs=0.1)


def test_a_line_that_runs_on_the_floor_gives_nothing():
    bench = infusing(faults=["disconnect@1min"])
    bench.advance(61)
    had_ml = infused_ml(bench)
    bench.advance("5 min")
    assert infused_ml(bench) == had_ml


def test_a_power_cut_gives_nothing_and_the_body_goes_on():
    bench = infusing()
    bench.advance("5 min")
    bench.power_cut(600)
    body = bench.bedside.patient.body
    held, gone = body.infused, body.eliminated
    bench.advance("10 min")
    assert body.infused == pytest.approx(held, abs=0.3)  # 0.03 mL that the line stored
    assert body.eliminated > gone + 0.2 * (held - gone)
    assert bench.truth()["now_s"] > 900


def test_looking_changes_nothing():
    """However often somebody asks, and in whatever pieces time goes on, the signs are the same to the bit."""
    quiet, watched = infusing(), infusing()
    quiet.advance("3 min")
    for _ in range(360):
        watched.advance(0.5)
        watched.truth()
    assert watched.truth() == quiet.truth()


def test_the_pump_does_not_notice_the_patient():
    with_one, without = infusing("40 mL/h", "3 mL"), Bench(seed=5)
    without.pump.start(Program.continuous("40 mL/h", "3 mL"))
    for bench in (with_one, without):
        bench.pump.wait()
    assert without.bedside is None
    assert with_one.pump.stream.rows == without.pump.stream.rows
    truth = with_one.truth()
    assert {key: truth[key] for key in without.truth()} == without.truth()


def test_without_a_patient_nothing_is_planned():
    assert Bench(seed=5)._actions == []
    assert len(Bench(seed=5, patient=somebody())._actions) == 1


class Rare(Patient):
    """Is told every so often, and remembers when."""

    def __init__(self, every_ms):
        self.every_ms = every_ms
        self.told = []

    def advance(self, to_ms, drug_nl):
        self.told.append((to_ms, drug_nl))

    def values(self):
        return ()


@pytest.mark.parametrize("every_ms", [100, 250, 60_000])
def test_a_patient_is_told_as_often_as_it_wants(every_ms):
    patient = Rare(every_ms)
    bench = Bench(seed=5, patient=patient)
    bench.pump.start(Program.continuous("40 mL/h", "10 mL"))
    bench.advance("5 min")
    times = [to_ms for to_ms, _ in patient.told]
    assert times == list(range(every_ms, times[-1] + 1, every_ms))
    assert min(nl for _, nl in patient.told) >= 0
    assert sum(nl for _, nl in patient.told) == pytest.approx(bench.truth()["drug_ml"] * 1e6, rel=0.25)


@pytest.mark.parametrize("every_ms", [0, 99, 60_001])
def test_no_patient_is_told_all_the_time_or_hardly_ever(every_ms):
    with pytest.raises(BadInput, match=f"every_ms = {every_ms}: a patient is told .* every 100 to 60000 ms"):
        Bench(patient=Rare(every_ms))


def test_a_second_syringe_and_a_second_run_go_into_the_same_body():
    bench = infusing("300 mL/h", "2 mL")
    bench.pump.wait()
    first = infused_ml(bench)
    bench.pump.acknowledge()
    bench.change_syringe()
    bench.pump.start(Program.continuous("300 mL/h", "2 mL"))
    bench.pump.wait()
    bench.advance("1 min")
    assert infused_ml(bench) > first + 1.8


def test_a_named_patient_is_as_the_one_that_is_built():
    bench = Bench(seed=5, patient=parse("generic,v1=10 L,cl1=0.5 L/min,ke0=0.2,concentration=10 mg/mL"))
    bench.pump.start(Program.continuous("40 mL/h", "10 mL"))
    built = infusing()
    for one in (bench, built):
        one.advance("5 min")
    assert bench.truth() == pytest.approx(built.truth(), rel=1e-12)
