"""The circuit against another solver: the same line as vessels, in small steps of time, which knows no exponential.

And: whatever happens in whatever order, what flowed is what is missing.
"""

import random
from math import inf

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.circuit import PLACES
from picoinfuse_sim.fluid import tube_mmhg_h_per_ml
from picoinfuse_sim.line import CANNULA_MMHG_H_PER_ML, Line

BARREL, TUBE = 2200.0, 800.0  # nL/mmHg
TUBING = tube_mmhg_h_per_ml(1.5, 1.0)
PER_MS = 1 / 3.6  # 1 mL/h in nL/ms
STEP_NL = 350.0


class Slow:
    """Syringe and tubing as two vessels with a resistance between, or as one, by the midpoint rule."""

    def __init__(self, dt_ms=0.5):
        self.dt_ms = dt_ms
        self.barrel = self.tube = 10.0
        self.up, self.down, self.leak = 0, TUBING + CANNULA_MMHG_H_PER_ML["22G"], inf
        self.far, self.valve = 10.0, False
        self.patient_nl = self.leaked_nl = 0.0

    def flows(self, barrel, tube):
        """nL/ms from syringe to tubing, out of the leak, and to the patient."""
        out = (tube - self.far) / self.down
        if self.valve:
            out = max(0, out)
        on = (barrel - tube) / self.up if self.up else 0
        return on * PER_MS, barrel / self.leak * PER_MS, out * PER_MS

    def join(self):
        """Nothing is between the vessels any more."""
        self.up = 0
        self.barrel = self.tube = (BARREL * self.barrel + TUBE * self.tube) / (BARREL + TUBE)

    def later(self, ms, on, leak, out):
        """The pressures after so long of these flows."""
        if self.up:
            return self.barrel - (on + leak) * ms / BARREL, self.tube + (on - out) * ms / TUBE
        return (self.barrel - (leak + out) * ms / (BARREL + TUBE),) * 2

    def wait(self, ms):
        for _ in range(round(ms / self.dt_ms)):
            halfway = self.later(self.dt_ms / 2, *self.flows(self.barrel, self.tube))
            on, leak, out = self.flows(*halfway)
            self.barrel, self.tube = self.later(self.dt_ms, on, leak, out)
            self.patient_nl += out * self.dt_ms
            self.leaked_nl += leak * self.dt_ms

    def push(self, nl):
        if self.up:
            self.barrel += nl / BARREL
        else:
            self.barrel = self.tube = self.barrel + nl / (BARREL + TUBE)


def both(line, slow, seconds, ml_h, every_ms=200):
    """Let both run on with steps of the motor; the line's clock is the time that has gone."""
    nl = ml_h * PER_MS * every_ms
    for _ in range(round(seconds * 1000 / every_ms)):
        line.push(line.at_ms + every_ms, 1, 0, nl)
        slow.wait(every_ms)
        slow.push(nl)
    line.settle(line.at_ms + every_ms)
    slow.wait(every_ms)


def same(line, slow, rel=2e-3, nl=5.0):
    account = line.account_at(line.at_ms)
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(slow.barrel, rel=rel, abs=0.02)
    assert account.patient_nl == pytest.approx(slow.patient_nl, rel=rel, abs=nl)
    assert account.leaked_nl == pytest.approx(slow.leaked_nl, rel=rel, abs=nl)


def test_an_open_line_and_a_clamp_at_the_patients_end():
    line, slow = Line(BARREL + TUBE), Slow()
    both(line, slow, 5, 40)
    line.clamp()
    slow.down = inf
    both(line, slow, 5, 40)
    same(line, slow, nl=20)
    line.release()
    slow.down = TUBING + CANNULA_MMHG_H_PER_ML["22G"]
    both(line, slow, 5, 40)
    same(line, slow, nl=20)


def test_a_clamp_at_the_syringe_leaves_only_the_syringe_to_swell_and_the_tubing_runs_empty():
    line, slow = Line(BARREL + TUBE), Slow()
    line.kink(20.0, "common")
    slow.down += 20
    both(line, slow, 60, 10)
    line.clamp("upstream")
    slow.up = inf
    both(line, slow, 30, 10)
    same(line, slow, nl=30)
    assert line.flow_ml_h(line.at_ms) == pytest.approx((slow.tube - slow.far) / slow.down, rel=0.01)
    before_mmhg = line.pressure_mmhg(line.at_ms)
    tube_mmhg = slow.tube
    line.release("upstream")
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(
        (BARREL * before_mmhg + TUBE * tube_mmhg) / (BARREL + TUBE), rel=2e-3
    )
    slow.join()
    both(line, slow, 30, 10)
    same(line, slow, nl=50)


@pytest.mark.parametrize("up", [0.5, 5.0, 100.0])
def test_behind_an_upstream_kink_the_tubing_follows_its_inflow(up):
    """What is neglected is the tubing's own time constant, half a second; volumes stay exact, so it does not add up."""
    line, slow = Line(BARREL + TUBE), Slow()
    both(line, slow, 5, 40)
    line.kink(up, "upstream")
    slow.up = up
    both(line, slow, 60, 40)
    same(line, slow, rel=0.01, nl=150)
    line.unkink("upstream")
    slow.join()
    both(line, slow, 20, 40)
    same(line, slow, rel=0.01, nl=50)


@pytest.mark.parametrize("up", [0.2, 5.0])
def test_a_kink_at_the_syringe_does_not_stop_the_tubing_at_once(up):
    line = Line(BARREL + TUBE)
    line.push(0, 300, 10, STEP_NL)
    before_ml_h = line.flow_ml_h(line.at_ms)
    line.kink(up, "upstream")
    assert line.flow_ml_h(line.at_ms) == pytest.approx(before_ml_h, rel=0.1)
    assert line.flow_ml_h(line.at_ms + 2000) < 0.6 * before_ml_h


def test_a_clamped_off_tubing_with_a_check_valve_takes_nothing_back():
    line = Line(BARREL + TUBE, valve=True)
    line.clamp("upstream")
    line.push(0, 1000, 1, STEP_NL)  # whatever the syringe's pressure is
    line.set_patient(60)
    assert line.flow_ml_h(line.at_ms) == 0
    assert line.account_at(line.at_ms + 60_000).patient_nl == pytest.approx(0, abs=1e-6)
    line.release("upstream")
    assert line.pressure_mmhg(line.at_ms) == pytest.approx(10 + 1000 * STEP_NL / (BARREL + TUBE))
    without = Line(BARREL + TUBE)
    without.clamp("upstream")
    without.set_patient(60)
    assert without.account_at(60_000).patient_nl == pytest.approx(-50 * TUBE)


def test_a_clamped_off_tubing_with_a_check_valve_still_runs_empty():
    line = Line(BARREL + TUBE, valve=True)
    line.push(0, 300, 1, STEP_NL)
    held_nl = (line.pressure_mmhg(line.at_ms) - 10) * TUBE
    before_nl = line.account_at(line.at_ms).patient_nl
    line.clamp("upstream")
    line.push(line.at_ms, 300, 1, -STEP_NL)  # however the syringe sucks
    assert line.account_at(line.at_ms + 10_000).patient_nl - before_nl == pytest.approx(held_nl)


@pytest.mark.parametrize("valve", [False, True])
@pytest.mark.parametrize("far_mmhg", [10.0, 60.0, -40.0])
def test_a_leak_loses_exactly_what_the_pressure_presses_out(valve, far_mmhg):
    """With and without a check valve, which shuts when the leak has let the pressure below the patient's."""
    line, slow = Line(BARREL + TUBE, valve=valve), Slow()
    slow.valve = valve
    both(line, slow, 2, 40)
    line.leak(2.0)
    slow.leak = 2.0
    both(line, slow, 10, 5, every_ms=1000)
    line.set_patient(far_mmhg)
    slow.far = far_mmhg
    both(line, slow, 40, 0.5, every_ms=4000)
    same(line, slow, nl=25)
    line.mend()
    slow.leak = inf
    both(line, slow, 10, 40)
    same(line, slow, nl=30)
    assert line.wary == (valve and far_mmhg == 60.0 and line.pressure_mmhg(line.at_ms) < 60)


def test_a_check_valve_lets_nothing_flow_back_and_opens_again():
    line, slow = Line(BARREL + TUBE, valve=True), Slow()
    slow.valve = True
    both(line, slow, 5, 40)
    line.push(line.at_ms, 100, 10, -STEP_NL)
    for _ in range(100):
        slow.push(-STEP_NL)
        slow.wait(10)
    line.settle(line.at_ms + 10)
    assert line.wary
    assert line.flow_ml_h(line.at_ms) == 0
    same(line, slow, nl=20)
    both(line, slow, 20, 40)
    assert not line.wary
    same(line, slow, nl=20)


def test_a_drawn_back_line_without_a_valve_takes_blood_in():
    line = Line(BARREL + TUBE)
    line.push(0, 10, 10, -STEP_NL)
    assert line.flow_ml_h(line.at_ms) < 0
    assert line.patient_nl(-10 * STEP_NL, 60_000) == pytest.approx(-10 * STEP_NL)


# --- any order of anything ---------------------------------------------------------------------------------------


def some_event(rng, line):
    """Draw one thing that can happen to a line, and let it happen."""
    place = rng.choice(PLACES)
    events = [
        lambda: line.clamp(place),
        lambda: line.release(rng.choice([*PLACES, None])),
        lambda: line.kink(rng.choice([0.1, 3.0, 500.0]), place),
        line.unkink,
        lambda: line.leak(rng.choice([1.0, 50.0])),
        line.mend,
        lambda: line.disconnect(rng.choice(["syringe", "patient"])),
        line.connect,
        line.connect,
        line.vent,
        lambda: line.bubble(rng.choice([0.05, 0.5])),
        lambda: line.set_cannula(rng.choice(["24G", "18G", "epidural"])),
        lambda: line.set_patient(rng.uniform(0, 60)),
        line.infiltrate,
        lambda: line.set_height(rng.uniform(-40, 40)),
        lambda: line.set_temperature(rng.uniform(4, 37)),
        lambda: line.second_pump(rng.choice([0, 0, 5, 100])),
        lambda: line.set_valve(rng.random() < 0.5),
        lambda: line.set_compliance(line.compliance_nl_per_mmhg + rng.uniform(-100, 100)),
    ]
    rng.choice(events)()


GAUSS = ((-0.8611363115940526, 0.3478548451374538), (-0.3399810435848563, 0.6521451548625461))
NODES = [(0.5 + sign * x / 2, w / 2) for x, w in GAUSS for sign in (1, -1)]


def gauss(function, from_ms, to_ms):
    ms = to_ms - from_ms
    return sum(weight * function(from_ms + x * ms) for x, weight in NODES) * ms


def integral(function, from_ms, to_ms, whole=None, depth=0):
    """Gauss's rule with four points, halved until halves agree: for what decays, and for a valve that shuts."""
    if whole is None:
        whole = gauss(function, from_ms, to_ms)
    middle_ms = (from_ms + to_ms) / 2
    left, right = gauss(function, from_ms, middle_ms), gauss(function, middle_ms, to_ms)
    if depth > 2 and (depth > 40 or abs(whole - left - right) <= 1e-5 + 1e-9 * abs(whole)):
        return left + right
    first = integral(function, from_ms, middle_ms, left, depth + 1)
    return first + integral(function, middle_ms, to_ms, right, depth + 1)


@pytest.mark.parametrize("seed", range(12))
def test_what_flowed_is_what_is_missing_whatever_happens(seed):
    """The flow at the cannula and through the leak, integrated here, are the patient's and the leaked volume."""
    rng = random.Random(seed)
    line = Line(BARREL + TUBE, filled=rng.choice(["drug", "saline", "air"]))
    displaced_nl = patient_nl = leaked_nl = 0.0
    for _ in range(120):
        if rng.random() < 0.5:
            some_event(rng, line)
        from_ms, ms = line.at_ms, rng.choice([1.0, 250.0, 20_000.0])
        patient_nl += integral(lambda now: line.flow_ml_h(now) * PER_MS, from_ms, from_ms + ms)
        if line._leak < inf:
            leaked_nl += integral(lambda now: line.pressure_mmhg(now) / line._leak * PER_MS, from_ms, from_ms + ms)
        line.settle(from_ms + ms)
        volume_nl = STEP_NL * rng.choice([1, 1, 10, -3])
        line.push(line.at_ms, 1, 0, volume_nl)
        displaced_nl += volume_nl
        account = line.account_at(line.at_ms)
        assert account.patient_nl == pytest.approx(patient_nl, rel=1e-6, abs=0.05)
        assert account.leaked_nl == pytest.approx(leaked_nl, rel=1e-6, abs=0.05)
        held_nl = line.stored_nl(line.at_ms)
        parts_nl = account.patient_nl + held_nl + account.leaked_nl + account.spilled_nl
        assert parts_nl == pytest.approx(displaced_nl, rel=1e-9, abs=1e-3)
        assert account.drug_nl + account.air_nl >= -1e-3
        assert account.drug_nl <= max(displaced_nl, 0) + 1.5e6


def test_what_is_refused_says_value_and_limit():
    line = Line(BARREL + TUBE)
    for wrong, words in (
        (lambda: line.set_height(500), "500 cm.*-200 to 200"),
        (lambda: line.kink(-1), "-1 mmHg per mL/h.*0 to 1e"),
        (lambda: line.clamp("there"), "'there'.*upstream, downstream, common"),
        (lambda: line.disconnect("x"), "syringe, patient"),
        (lambda: line.set_cannula("7G"), "24G"),
        (lambda: line.bubble(20), "20 mL.*0 to 10"),
        (lambda: line.set_temperature(80), "80 C.*0 to 45"),
        (lambda: line.second_pump(-1), "0 to 1200"),
        (lambda: line.leak(0), "0.001 to 1e"),
        (lambda: line.set_patient(float("nan")), "nan mmHg"),
        (lambda: line.set_resistance(0.01), "0.01 mmHg per mL/h"),
        (lambda: Line(100.0), "compliance of the syringe = -700"),
        (lambda: Line(3000.0, filled="tea"), "drug, saline, air"),
        (lambda: Line(3000.0, route="intramuscular"), "peripheral vein"),
    ):
        with pytest.raises(BadInput, match=words):
            wrong()
    assert line.pressure_mmhg(0) == 10
