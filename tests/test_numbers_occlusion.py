"""A clamped line: the alarm comes when the closed form of the plant says so, and not one forward step follows it."""

from math import ceil, floor, pi
from statistics import mean, stdev

import pytest

import picoinfuse
from measure import edges_us, start, step_nl, times_ms, us_per_step
from picoinfuse import syringes
from picoinfuse.errors import PumpAlarm
from picoinfuse_firmware.watch.occlusion import SAMPLES
from picoinfuse_sim import Bench
from picoinfuse_sim.board import FORCE_NOISE_MN
from picoinfuse_sim.line import TUBING_NL_PER_MMHG, seconds_to_pressure
from picoinfuse_sim.syringe import FRICTION_SPREAD

POLL_MS = 100
FILTER_MS = (SAMPLES - 1) * POLL_MS  # the stated delay of the watch: so many polls more than one must agree
BD60 = syringes.find("BD 60 mL")
COMPLIANCE_NL_MMHG = BD60.compliance_nl_mmhg + TUBING_NL_PER_MMHG
MN_PER_MMHG = pi / 4 * (BD60.barrel_um * 1e-6) ** 2 * 133.322 * 1000


def clamped(bench, rate="5 mL/h", occlusion="300 mmHg", after="1 min"):
    """Infuse, clamp after so long, and return when it started and was clamped: ms of the pump, and of the bench."""
    program = picoinfuse.Program.continuous(rate=rate, volume="30 mL", occlusion=occlusion)
    since_ms = start(bench, program)
    bench.advance(after)
    bench.line.clamp()
    return since_ms, bench.now_ms


@pytest.fixture
def new_bench():
    def build(seed=1, **options):
        return Bench(seed=seed, record_edges=True, **options)

    return build


@pytest.mark.parametrize("occlusion", [100, 300, 600])
@pytest.mark.parametrize("rate", ["1", "5", "40"])
@pytest.mark.parametrize("after_s", [60.0, 61.03, 100.07])
def test_the_time_to_alarm_is_that_of_the_plant_within_two_polls_and_the_filter(new_bench, rate, occlusion, after_s):
    bench = new_bench(noise=False, friction_varies=False)
    since_ms, clamp_ms = clamped(bench, f"{rate} mL/h", f"{occlusion} mmHg", after_s)
    made = bench.board.steps()
    from_mmhg = bench.truth()["pressure_mmhg"]
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    alarm_ms = times_ms(bench.pump, "alarm", "occlusion")[0]

    # Step by step: nothing leaks, each step adds v/C, and the sensor reads whole millinewton.
    limit_mn = BD60.friction_mn + floor(occlusion * MN_PER_MMHG)
    to_mmhg = (limit_mn + 0.5 - BD60.friction_mn) / MN_PER_MMHG
    steps = ceil((to_mmhg - from_mmhg) / (float(step_nl(BD60)) / COMPLIANCE_NL_MMHG))
    reached_ms = since_ms + float((made + steps) * us_per_step(BD60, rate)) / 1000
    assert 0 <= alarm_ms - FILTER_MS - reached_ms <= 2 * POLL_MS

    # As one smooth flow, C (to - from) / Q, it is the same but for the steps: one before and one after.
    smooth_ms = clamp_ms + 1000 * seconds_to_pressure(from_mmhg, occlusion, float(rate), COMPLIANCE_NL_MMHG)
    step_ms = float(us_per_step(BD60, rate)) / 1000
    assert abs(alarm_ms - FILTER_MS - smooth_ms) <= 2 * POLL_MS + step_ms


def test_after_the_alarm_the_motor_makes_not_one_more_forward_step(new_bench):
    bench = new_bench()
    since_ms, _ = clamped(bench)
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    alarm_ms = times_ms(bench.pump, "alarm", "occlusion")[0]
    forward, reverse = bench.board.steps_forward(), bench.board.steps_reverse()
    bench.advance("1 h")
    assert bench.pump.status().state == "alarm"
    assert (bench.board.steps_forward(), bench.board.steps_reverse()) == (forward, reverse)
    assert edges_us(bench, since_ms)[-1] <= (alarm_ms - since_ms) * 1000
    assert bench.board.shown == (3, True)  # a high priority, with sound


def test_two_hundred_millilitres_an_hour_against_a_clamp_stop_as_strictly(new_bench):
    bench = new_bench()
    since_ms, _ = clamped(bench, rate="200 mL/h", after="10 s")
    with pytest.raises(PumpAlarm, match="occlusion"):
        bench.pump.wait()
    alarm_ms = times_ms(bench.pump, "alarm", "occlusion")[0]
    bench.advance("1 min")
    assert edges_us(bench, since_ms)[-1] <= (alarm_ms - since_ms) * 1000


def test_over_a_hundred_seeds_the_time_to_alarm_stays_in_its_band(new_bench):
    """The band: 625 s, and 78 s to either side.

    Without noise and variation it is C (300 - 10.7 mmHg) / Q = 3000 nL/mmHg * 289.3 mmHg / 1389 nL/s = 625 s, and the
    force then rises by 34.6 mN/s. Friction is the mean of 5 N and six waves, together 15 % as one standard deviation
    and never more than sqrt(12) times that: 2.6 N, or 75 s. Noise of 20 mN shifts the third reading in a row that is
    above the limit by less than five standard deviations: 2.9 s. Two polls and the filter: 0.4 s.
    """
    q_nl_s = 5e6 / 3600
    slope_mn_s = q_nl_s / COMPLIANCE_NL_MMHG * MN_PER_MMHG
    middle_s = seconds_to_pressure(10.73, 300, 5, COMPLIANCE_NL_MMHG)
    friction_s = FRICTION_SPREAD * 12**0.5 * BD60.friction_mn / slope_mn_s
    noise_s = 5 * FORCE_NOISE_MN / slope_mn_s
    half_s = friction_s + noise_s + (2 * POLL_MS + FILTER_MS) / 1000
    assert (round(middle_s), round(half_s), round(slope_mn_s, 1)) == (625, 78, 34.6)

    times_s = []
    for seed in range(100):
        bench = new_bench(seed)
        _, clamp_ms = clamped(bench)
        bench.advance(middle_s + half_s)
        alarms = times_ms(bench.pump, "alarm", "occlusion")
        assert len(alarms) == 1, f"no alarm with seed {seed}"
        times_s.append((alarms[0] - clamp_ms) / 1000)
    assert middle_s - half_s <= min(times_s)
    assert max(times_s) <= middle_s + half_s
    # They do scatter, as friction does (15 % of 5 N are 21.7 s), around the middle.
    assert abs(mean(times_s) - middle_s) < 3 * 21.7 / 10
    assert 15 < stdev(times_s) < 30


def test_an_open_line_raises_no_alarm_in_six_hours_of_noise():
    bench = Bench(seed=11, syringe="Monoject 140 mL")
    program = picoinfuse.Program.continuous(
        rate="5 mL/h", volume="30 mL", occlusion="100 mmHg", syringe="Monoject 140 mL"
    )
    bench.pump.start(program)
    bench.advance("359 min")
    assert [e.what for e in bench.pump.events() if e.kind == "alarm"] == ["near_end"]
