"""A firmware that stops polling stops infusing within the look-ahead, and what comes after it is no burst.

Stated: at the highest rate of the pump, 1200 mL/h, at most 1.7 s or 567 uL; at 5 mL/h at most 2.4 uL (and a step).
"""

from itertools import pairwise

import pytest

import picoinfuse as pi
from measure import edges_us, start, step_nl, times_ms, us_per_step
from picoinfuse.errors import PumpAlarm
from picoinfuse_firmware.alarms import FAULT_STARVED
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.delivery import CHUNK_MS, LATE_MS, LOOKAHEAD_MS
from picoinfuse_sim import Bench

MOST_MS = LOOKAHEAD_MS + CHUNK_MS

# syringe, the highest rate it takes (mL/h), and the most that a hung firmware gives (uL)
HIGHEST = (("BD 5 mL", 514.0, 242.7), ("BD 20 mL", 1200.0, 566.7), ("BD 60 mL", 1200.0, 566.7), ("BD 60 mL", 5.0, 2.36))


def infusing(syringe, rate_ml_h, after_s, **options):
    bench = Bench(seed=1, syringe=syringe, record_edges=True, **options)
    start(bench, pi.Program.continuous(rate=f"{rate_ml_h} mL/h", volume="4.9 mL", syringe=syringe))
    bench.advance(after_s)
    return bench


def test_the_look_ahead_is_what_this_file_states():
    assert MOST_MS == 1700
    for _, rate_ml_h, most_ul in HIGHEST:
        assert most_ul == pytest.approx(rate_ml_h * MOST_MS / 3600, abs=0.05)


@pytest.mark.parametrize(("syringe", "rate", "most_ul"), HIGHEST)
def test_a_firmware_that_hangs_infuses_no_longer_than_the_look_ahead(syringe, rate, most_ul):
    for tenth in range(0, 25, 2):
        bench = infusing(syringe, rate, 2 + tenth / 10)
        hung_ms = bench.now_ms
        steps = bench.board.steps()
        bench.hang("7 s")  # a longer one ends by the watchdog
        bench.advance("6.9 s")
        given_ul = (bench.board.steps() - steps) * step_nl(syringe) / 1000
        last_ms = (bench.board.edges[-1] - bench.controller.origin_ms * 1000) % (1000 << 30) / 1000
        assert last_ms - hung_ms <= MOST_MS
        assert given_ul <= most_ul + step_nl(syringe) / 1000  # the first of them was due already
        if rate > 5:
            assert (
                given_ul >= (LOOKAHEAD_MS - 100) * rate / 3600 - step_nl(syringe) / 500
            )  # and a flash erase is bridged


def test_a_bolus_beside_the_basal_rate_does_not_make_it_longer():
    bench = Bench(seed=2, syringe="BD 60 mL")
    start(bench, pi.Program.continuous(rate="600 mL/h", volume="20 mL"))
    bench.pump.bolus("5 mL", rate="599 mL/h")
    bench.advance("3 s")
    steps = bench.board.steps()
    bench.hang("7 s")
    bench.advance("6.9 s")
    assert (bench.board.steps() - steps) * step_nl("BD 60 mL") / 1000 <= 567.1


@pytest.mark.parametrize(("syringe", "rate", "_"), HIGHEST)
def test_a_firmware_that_comes_back_much_too_late_says_system_fault_and_gives_no_burst(syringe, rate, _):
    bench = infusing(syringe, rate, 4)
    bench.hang("7 s")
    bench.advance("6.9 s")
    steps = bench.board.steps()
    with pytest.raises(PumpAlarm, match="system_fault"):
        bench.pump.wait()
    assert [e.value for e in bench.pump.events() if e.what == "system_fault"] == [FAULT_STARVED]
    bench.advance("10 min")
    assert bench.board.steps() == steps
    delivered_nl = bench.pump.status().delivered_nl
    assert abs(delivered_nl - steps * step_nl(syringe)) < 2  # it knows what it gave before


@pytest.mark.parametrize("hang_s", [0.3, 0.6, 1.0, 1.3, 1.6])
@pytest.mark.parametrize(("syringe", "rate", "_"), HIGHEST[:3])
def test_a_firmware_that_comes_back_a_little_late_goes_on_without_a_burst_and_ends_exactly(syringe, rate, _, hang_s):
    bench = infusing(syringe, rate, 4)
    bench.hang(hang_s)
    assert hang_s * 1000 < LOOKAHEAD_MS + LATE_MS
    status = bench.pump.wait()
    assert status.state == "complete"
    assert 0 <= 4_900_000 - status.delivered_nl < step_nl(syringe) + 1
    assert min(later - at for at, later in pairwise(bench.board.edges)) >= Config().min_interval_us
    assert not times_ms(bench.pump, "alarm", "system_fault")


@pytest.mark.parametrize("hang_s", [1.0, 1.2, 1.3])
def test_a_pause_right_after_a_late_poll_is_not_taken_for_over_delivery(hang_s):
    """Once the watch began from what was due, while the motor still had to catch up to it."""
    bench = Bench(seed=1, syringe="BD 5 mL")
    phases = [pi.Phase.rate("400 mL/h", volume="1 mL"), pi.Phase.rate("1 mL/h", duration="1 min")]
    start(bench, pi.Program(phases, syringe="BD 5 mL"))
    bench.advance("4 s")
    bench.hang(hang_s)
    bench.advance(hang_s + 0.1)
    bench.pump.pause()
    bench.advance("1 s")
    bench.pump.resume()
    status = bench.pump.wait()
    assert 0 <= 1_016_666 - status.delivered_nl < step_nl("BD 5 mL") + 1


def test_a_dose_after_keep_vein_open_begins_at_once():
    """Once its first steps were laid one poll later than they were due."""
    bench = Bench(seed=1, syringe="BD 5 mL", jitter_ms=400, record_edges=True)
    phases = [pi.Phase.kvo("1 mL/h", "10 s"), pi.Phase.rate("400 mL/h", volume="1 mL")]
    start(bench, pi.Program(phases, syringe="BD 5 mL"))
    assert bench.pump.wait().state == "complete"
    began_ms = times_ms(bench.pump, "phase", "rate")[0]
    edges = [at_us for at_us in edges_us(bench, began_ms) if at_us > 0]
    period_us = us_per_step("BD 5 mL", "400")
    assert len(edges) == 1_000_000 // step_nl("BD 5 mL")
    assert max(abs(at_us - float(period_us * k)) for k, at_us in enumerate(edges, 1)) < 1000


def test_a_firmware_that_is_late_again_and_again_is_still_exact():
    bench = infusing("BD 20 mL", 60, 1)
    while bench.controller.state == "infusing" and bench.now_ms < 400_000:
        bench.hang("1.5 s")
        bench.advance("1.9 s")
    status = bench.pump.status()
    assert status.state == "complete"
    assert 0 <= 4_900_000 - status.delivered_nl < step_nl("BD 20 mL") + 1
