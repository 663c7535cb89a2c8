"""Any program with anything done on the way: it ends complete, without a false alarm, within one step of its order."""

import random

import pytest

import picoinfuse as pi
from measure import step_nl
from picoinfuse.errors import Refused
from picoinfuse_sim import Bench

SEEDS = 60
HIGHEST_ML_H = {"BD 5 mL": 200, "BD 20 mL": 500, "BD 60 mL": 500}
MAY_COME = {"near_end", "end"}
EXPECTED = {"not_now", "phase_changing", "bolus_running", "rate_too_high", "volume_exceeds_syringe"}


class Order:
    """Draws programs and changes from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.syringe = self.random.choice(sorted(HIGHEST_ML_H))

    def rate(self, highest=None):
        ml_h = 10 ** self.random.uniform(-1, 0) * self.random.uniform(0, highest or HIGHEST_ML_H[self.syringe])
        return f"{max(ml_h, 0.1):.{self.random.randint(1, 4)}f} mL/h"

    def volume(self):
        return f"{self.random.randint(2000, 150_000)} nL"

    def duration(self):
        return f"{self.random.randint(50, 90_000)} ms"

    def phase(self):
        make = (
            lambda: pi.Phase.rate(self.rate(), volume=self.volume(), duration=self.duration()),
            lambda: pi.Phase.rate(self.rate(), duration=self.duration()),
            lambda: pi.Phase.ramp(self.rate(), self.rate(), self.duration()),
            lambda: pi.Phase.pause(self.duration()),
            lambda: pi.Phase.bolus(self.volume(), self.rate()),
            lambda: pi.Phase.kvo(self.rate(2), self.duration()),
        )
        return self.random.choice(make)()

    def program(self):
        phases = [self.phase() for _ in range(self.random.randint(1, 5))]
        phases.append(pi.Phase.rate(self.rate(), duration="20 s"))
        if self.random.random() < 0.4:
            phases.append(pi.Phase.repeat(self.random.randint(2, 5)))
        return pi.Program(phases, syringe=self.syringe, occlusion="900 mmHg")

    def disturb(self, bench):
        """Wait a moment, then do one thing that a person could do; the pump may refuse it."""
        bench.advance(self.random.choice((0.1, 3, 40)) * self.random.random())
        pump = bench.pump
        verb = self.random.choice(("rate", "bolus", "pause", "resume"))
        try:
            if verb == "rate":
                pump.rate(self.rate())
            elif verb == "bolus":
                pump.bolus(self.volume(), rate=self.rate())
            elif verb == "pause":
                pump.pause()
                bench.advance(self.random.choice((0.05, 3)) * self.random.random())
                pump.resume()
            else:
                pump.resume()
        except Refused as refusal:
            if refusal.reason not in EXPECTED:
                raise


@pytest.mark.parametrize("tens", range(SEEDS // 10))
def test_any_program_ends_within_one_step_of_its_order_whatever_is_done_on_the_way(tens):
    completed = 0
    for seed in range(10 * tens, 10 * tens + 10):
        order = Order(seed)
        bench = Bench(seed=seed, syringe=order.syringe, jitter_ms=order.random.choice((0, 50, 300)))
        try:
            bench.pump.start(order.program())
        except Refused as refusal:
            if refusal.reason not in EXPECTED:
                raise
            continue
        for _ in range(order.random.randint(0, 12)):
            order.disturb(bench)
        status = bench.pump.wait()
        assert status.state == "complete", seed
        assert -1 <= status.ordered_nl - status.delivered_nl <= step_nl(order.syringe) + 1, seed
        assert {e.what for e in bench.pump.events() if e.kind == "alarm"} <= MAY_COME, seed
        assert bench.controller.error is None, seed
        completed += 1
    assert completed >= 6
