"""The line against its closed forms: nothing is lost, a clamp keeps everything, a run is the sum of its steps."""

import random
from math import exp, inf, log

import pytest

from picoinfuse import Program
from picoinfuse_sim import Bench
from picoinfuse_sim.circuit import PLACES
from picoinfuse_sim.line import CANNULA_MMHG_H_PER_ML, TUBING_MMHG_H_PER_ML, Line, seconds_to_pressure

STEP_NL = 350.0
SECOND_MS = 1_000


@pytest.fixture
def line():
    return Line(3000.0)


def outflow_nl(line, from_ms, to_ms):
    """What flows out between two events: the integral of (P - Pv)/R, by the closed form of the decay."""
    return line.compliance_nl_per_mmhg * (line.pressure_mmhg(from_ms) - line.pressure_mmhg(to_ms))


def test_a_step_raises_the_pressure_by_its_volume_over_the_compliance(line):
    line.push(0, 1, 0, STEP_NL)
    assert line.pressure_mmhg(0) == line.patient_mmhg + STEP_NL / 3000.0


def test_the_pressure_decays_with_resistance_times_compliance(line):
    line.push(0, 1, 0, STEP_NL)
    tau_ms = (CANNULA_MMHG_H_PER_ML["22G"] + TUBING_MMHG_H_PER_ML) * 3.6 * 3000.0
    excess = STEP_NL / 3000.0 * exp(-SECOND_MS / tau_ms)
    assert line.pressure_mmhg(SECOND_MS) - line.patient_mmhg == pytest.approx(excess, rel=1e-12)


@pytest.mark.parametrize("clamped", [False, True])
@pytest.mark.parametrize("count", [2, 3, 1000])
def test_a_run_in_one_go_is_the_sum_of_its_steps(line, clamped, count):
    single = Line(3000.0)
    for each in (line, single):
        each.push(0, 1, 0, 5 * STEP_NL)
        if clamped:
            each.clamp()
    line.push(SECOND_MS, count, 2.5, STEP_NL)
    for i in range(count):
        single.push(SECOND_MS + i * 2.5, 1, 0, STEP_NL)
    assert line.at_ms == single.at_ms
    assert line.excess_mmhg == pytest.approx(single.excess_mmhg, rel=1e-11)


def test_a_clamp_loses_nothing_however_long_it_takes(line):
    line.clamp()
    line.push(0, 1000, 2.5, STEP_NL)
    after_a_year_ms = 365 * 86_400 * SECOND_MS
    assert line.pressure_mmhg(after_a_year_ms) == line.pressure_mmhg(line.at_ms)
    assert line.pressure_mmhg(0) - line.patient_mmhg == pytest.approx(1000 * STEP_NL / 3000.0, rel=1e-14)
    assert line.patient_nl(1000 * STEP_NL, after_a_year_ms) == pytest.approx(0, abs=1e-8)
    assert line.flow_ml_h(after_a_year_ms) == 0


def test_what_was_displaced_is_in_the_patient_or_in_the_line(line):
    given_nl = 0.0
    displaced_nl = 0.0
    for at_ms in range(0, 60 * SECOND_MS, 251):
        given_nl += outflow_nl(line, line.at_ms, at_ms)
        line.push(at_ms, 1, 0, STEP_NL)
        displaced_nl += STEP_NL
    end_ms = 90 * SECOND_MS
    given_nl += outflow_nl(line, line.at_ms, end_ms)
    assert line.patient_nl(displaced_nl, end_ms) == pytest.approx(given_nl, rel=1e-9)
    assert line.patient_nl(displaced_nl, end_ms) == pytest.approx(displaced_nl, rel=1e-9)


def test_release_gives_the_stored_volume_as_a_bolus(line):
    line.clamp()
    line.push(0, 1000, 2.5, STEP_NL)
    line.release()
    displaced_nl = 1000 * STEP_NL
    assert line.patient_nl(displaced_nl, line.at_ms + 60 * SECOND_MS) == pytest.approx(displaced_nl, rel=1e-9)


def test_a_higher_patient_pressure_first_flows_back_into_the_line(line):
    line.set_patient(40.0)
    assert line.flow_ml_h(0) < 0
    assert line.pressure_mmhg(0) == pytest.approx(10.0)
    assert line.patient_nl(0.0, 3600 * SECOND_MS) == pytest.approx(-3000.0 * 30.0)


def test_what_is_spilled_reaches_nobody(line):
    line.clamp()
    line.push(0, 100, 2.5, STEP_NL)
    line.vent()
    assert line.patient_nl(100 * STEP_NL, line.at_ms) == pytest.approx(0, abs=1e-9)
    assert line.account.spilled_nl == pytest.approx(100 * STEP_NL)


def test_air_is_flicked_out_and_what_was_under_pressure_is_spilled(line):
    compliance = line.compliance_nl_per_mmhg
    line.bubble(0.2)
    assert line.compliance_nl_per_mmhg > compliance + 100
    line.clamp()
    line.push(0, 100, 2.5, STEP_NL)
    line.remove_air()
    assert line.air_nl == 0
    assert line.compliance_nl_per_mmhg == pytest.approx(compliance)
    assert line.excess_mmhg == pytest.approx(0, abs=1e-9)
    assert line.account.spilled_nl == pytest.approx(100 * STEP_NL)
    assert line.patient_nl(100 * STEP_NL, line.at_ms) == pytest.approx(0, abs=1e-6)


def test_without_its_air_the_line_brings_the_patient_drug_only():
    bench = Bench(seed=1, absent=["air_detector"])
    bench.pump.start(Program.continuous("60 mL/h", "10 mL"))
    bench.line.bubble(0.3)
    bench.advance("1 min")
    assert bench.line.air_nl == pytest.approx(300_000)
    bench.line.remove_air()
    bench.advance("8 min")
    truth = bench.truth()
    assert truth["air_ml"] == 0
    assert truth["drug_ml"] == pytest.approx(truth["patient_ml"])
    assert truth["spilled_ml"] > 0
    bench.line.remove_air()  # nothing is left to take out
    assert bench.line.air_nl == 0


def test_a_softer_line_keeps_pressure_and_the_patients_volume(line):
    line.push(0, 100, 2.5, STEP_NL)
    before = line.pressure_mmhg(line.at_ms), line.patient_nl(100 * STEP_NL, line.at_ms)
    line.set_compliance(4000.0)
    assert (line.pressure_mmhg(line.at_ms), line.patient_nl(100 * STEP_NL, line.at_ms)) == pytest.approx(before)


def test_a_narrower_cannula_needs_more_pressure_for_the_same_flow(line):
    line.push(0, 1, 0, STEP_NL)
    before = line.flow_ml_h(0)
    line.set_resistance(2 * line.open_mmhg_h_per_ml)
    assert line.flow_ml_h(0) == pytest.approx(before / 2)


def test_time_to_a_pressure_with_a_clamp():
    # 300 mmHg more in 3 uL/mmHg are 900 uL, which 5 mL/h gives in 648 s.
    assert seconds_to_pressure(10, 310, 5, 3000.0) == pytest.approx(648.0)
    assert seconds_to_pressure(310, 310, 5, 3000.0) == 0


def test_time_to_a_pressure_with_a_resistance():
    # It rises towards 10 + 5 * 100 = 510 mmHg with a time constant of 100 * 3.6 * 3000 ms = 1080 s.
    half = seconds_to_pressure(10, 260, 5, 3000.0, 100.0)
    assert half == pytest.approx(1080 * log(2))
    assert seconds_to_pressure(10, 510, 5, 3000.0, 100.0) == inf


def test_a_huge_resistance_is_nearly_a_clamp():
    # The naive R (1 - exp(-t/RC)) alarms 121 s early at 1e15 and never at 1e16.
    clamp_s = seconds_to_pressure(10, 310, 5, 3000.0)
    for resistance in (1e9, 1e15, 1e16, 1e30):
        assert seconds_to_pressure(10, 310, 5, 3000.0, resistance) == pytest.approx(clamp_s, rel=1e-6)
        line = Line(3000.0)
        line.set_resistance(resistance)
        line.push(0, 1_000, 1, STEP_NL)
        assert line.excess_mmhg == pytest.approx(1_000 * STEP_NL / 3000.0, rel=1e-6)


# --- on a bench ------------------------------------------------------------------------------------------------------


def a_bench(rate="60 mL/h", **options):
    bench = Bench(seed=3, absent=["air_detector"], **options)
    bench.pump.start(Program.continuous(rate=rate, volume="40 mL", occlusion="high"))
    return bench


def is_whole(bench):
    """What the plunger displaced is in the patient, in the line, leaked or spilled."""
    truth = bench.truth()
    parts_ml = truth["patient_ml"] + truth["leaked_ml"] + truth["spilled_ml"]
    held_ml = bench.line.stored_nl(bench.board.bring_plant()) / 1e6
    return parts_ml + held_ml == pytest.approx(truth["plunger_ml"], abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_on_a_running_pump_nothing_is_lost_whatever_happens(seed):
    rng = random.Random(seed)
    bench = a_bench(valve=rng.random() < 0.5, line_filled=rng.choice(["drug", "saline"]))
    line = bench.line
    events = [
        lambda: line.kink(rng.choice([1.0, 20.0]), rng.choice(PLACES), rng.choice([0, 30])),
        line.unkink,
        lambda: line.clamp(rng.choice(PLACES)),
        line.release,
        line.release,
        lambda: line.leak(5),
        line.mend,
        lambda: line.disconnect(rng.choice(["syringe", "patient"])),
        line.connect,
        lambda: line.bubble(0.05),
        lambda: line.set_height(rng.uniform(-50, 50)),
        lambda: line.set_patient(rng.uniform(0, 40)),
        lambda: line.second_pump(rng.choice([0, 30])),
        bench.change_syringe,
        lambda: bench.power_cut(2),
    ]
    for _ in range(40):
        bench.at(f"{rng.randrange(1, 9000)} ms", rng.choice(events))
        bench.advance("9 s")
        assert is_whole(bench)
    assert bench.truth()["second_ml"] >= 0


def test_asking_for_the_truth_does_not_change_it():
    def story(ask):
        bench = a_bench(line_filled="saline", valve=True)
        bench.at("20 s", lambda: bench.line.leak(5))
        bench.at("40 s", lambda: bench.line.set_patient(30))
        bench.at("60 s", lambda: bench.line.second_pump(20))
        bench.at("80 s", lambda: bench.line.kink(5, "upstream"))
        for _ in range(120):
            bench.advance("1 s")
            if ask:
                bench.truth()
        return bench.truth()

    assert story(True) == pytest.approx(story(False), rel=1e-9)


def test_a_line_filled_with_saline_gives_the_drug_late():
    bench = a_bench(line_filled="saline")
    bench.advance("80 s")
    assert bench.truth()["drug_ml"] == 0 < bench.truth()["patient_ml"]
    bench.advance("80 s")
    truth = bench.truth()
    assert truth["drug_ml"] == pytest.approx(truth["patient_ml"] - bench.line.tubing.dead_nl / 1e6 - 0.2)


def test_the_second_pump_goes_on_while_ours_has_no_power():
    bench = a_bench()
    bench.line.second_pump(36)
    bench.advance("10 s")
    bench.power_cut(10)
    bench.advance("20 s")
    assert bench.truth()["second_ml"] == pytest.approx(0.3)
