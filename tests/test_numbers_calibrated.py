"""A calibrated pump: the order is exact by its own account, what comes out is true, the guard keeps its margin."""

import pytest

import picoinfuse as pi
from boards import HOUR_MS, Rig, TestBoard, ml, order, rate
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of
from picoinfuse_firmware.guard import MARGIN_MS
from picoinfuse_sim import Bench


@pytest.mark.parametrize("volume_ppm", [900_000, 980_393, 1_020_617, 1_100_000])
@pytest.mark.parametrize("syringe", ["BD 5 mL", "BD 60 mL"])
def test_a_completed_program_gave_its_order_within_one_calibrated_step(volume_ppm, syringe):
    bench = Bench(1, syringe, config=Config(volume_ppm=volume_ppm))
    phases = [
        pi.Phase.bolus("0.3 mL", "30 mL/h"),
        pi.Phase.rate("12 mL/h", duration="3 min"),
        pi.Phase.rate("20 mL/h", volume="1.2345 mL"),
    ]
    bench.pump.start(pi.Program(phases, syringe=syringe))
    bench.pump.wait()
    status = bench.pump.status()
    step = step_of(bench.config, bench.syringe.kind.barrel_um)
    assert status.state == "complete"
    assert status.ordered_nl == 300_000 + 600_000 + 1_234_500
    assert 0 <= status.ordered_nl - status.delivered_nl <= step.pl_num // (step.pl_den * 1000) + 1
    assert step.nl_of(bench.board.steps()) == status.delivered_nl


def given(error_ppm, volume_ppm):
    """Return what an ideal world got of 10 mL, in mL, from a screw with this error and a pump that reckons so."""
    bench = Bench(0, ideal=True, volume_error_ppm=error_ppm, config=Config(volume_ppm=volume_ppm))
    bench.pump.start(pi.Program.continuous("120 mL/h", "10 mL"))
    bench.pump.wait()
    bench.advance("5 min")
    return bench.truth()["patient_ml"]


@pytest.mark.parametrize("error_ppm", [-100_000, -20_000, 20_000, 90_000])
def test_what_comes_out_is_what_was_ordered_once_the_error_is_known(error_ppm):
    assert given(error_ppm, 1_000_000) == pytest.approx(10 * (1 + error_ppm / 1e6), abs=0.001)
    assert given(error_ppm, 1_000_000 + error_ppm) == pytest.approx(10, abs=0.001)


@pytest.mark.parametrize("volume_ppm", [900_000, 1_100_000])
def test_no_alarm_comes_from_the_factor_alone(volume_ppm):
    """Encoder, stall and guard compare turns with turns: nothing of it is an error of the drive."""
    bench = Bench(2, config=Config(volume_ppm=volume_ppm))
    bench.pump.start(pi.Program.continuous("200 mL/h", "30 mL"))
    bench.pump.wait()
    assert bench.pump.status().state == "complete"
    assert {e.what for e in bench.pump.events() if e.kind == "alarm"} <= {"end", "near_end"}


@pytest.mark.parametrize("volume_ppm", [900_000, 1_000_000, 1_100_000])
def test_the_guard_counts_by_its_own_arithmetic_with_the_factor(volume_ppm):
    """Twice the steps: stopped within the margin of an eighth of a turn and two seconds, in calibrated volume."""
    config = Config(volume_ppm=volume_ppm)
    rig = Rig(TestBoard(config=config))
    step = step_of(config, 26700)
    rig.ready(order(rate(200, 50)))
    rig.delivery.dose.due._per_nl_num *= 2
    rig.ok("start", rig.new_id())
    start_ms = rig.now_ms
    for _ in range(36000):
        if rig.alarms:
            break
        rig.poll()
    assert rig.alarms == ["guard"]
    turned_nl = step.nl_of(rig.board.encoder() * 3200 // 4096)
    extra_nl = turned_nl - ml(200) * (rig.now_ms - start_ms) // HOUR_MS
    eighth_nl, a_second = step.nl_of(400), ml(200) // 3600
    assert eighth_nl / 2 < extra_nl < (eighth_nl + a_second * MARGIN_MS // 1000) * 100 // 95 + 4 * a_second + 1000
