"""Hands at a served pump: the syringe that a host tells of is there when the pump hears of it, and no other one."""

import pytest

from picoinfuse import Option, Phase, Program, Pump
from picoinfuse.errors import PumpAlarm, Refused
from picoinfuse_firmware import states
from picoinfuse_firmware.wire import encode
from picoinfuse_sim import Bench
from picoinfuse_sim.bench_port import BenchPort
from picoinfuse_sim.served_hands import ServedHands

TWO = Program(
    [Phase.rate("60 mL/h", volume="2 mL")], syringe="BD 5 mL", filled="1 mL", options=[Option.syringes(2)], alike=True
)


class Overheard(BenchPort):
    """The port of a bench as a served pump has it: somebody hears what comes, and knows no hands but those."""

    hands = None

    def write(self, data):
        if self.hands is not None:
            for cut in (data[:3], data[3:]):  # a frame may come in parts
                self.hands.hear(cut)
        super().write(data)

    def truth(self):
        return None

    def act(self, action):
        return False


@pytest.fixture
def served():
    """A bench whose syringe holds no more than the program says, its hands, and a host's pump."""
    bench = Bench(seed=2, syringe="BD 5 mL", filled_ml=1)
    port = Overheard(bench)
    port.hands = ServedHands(bench)
    return bench, port, Pump(port)


def to_the_change(pump):
    pump.start(TWO)
    with pytest.raises(PumpAlarm, match="syringe_change"):
        pump.wait()


def test_a_planned_change_at_a_served_pump_goes_on(served):
    """Bug: `refill` told the pump of a syringe that nobody fitted, and it alarmed again where the first one ended."""
    bench, _, pump = served
    to_the_change(pump)
    before_ml = bench.truth()["patient_ml"]
    pump.refill("1 mL")
    assert bench.plant.content_nl() == pytest.approx(1e6)
    pump.acknowledge()
    pump.resume()
    status = pump.wait()
    assert status.state == states.COMPLETE
    assert 0 <= 2_000_000 - status.delivered_nl < 400
    assert bench.truth()["patient_ml"] - before_ml > 0.8


def test_without_hands_it_alarms_where_the_first_one_ends(served):
    _, port, pump = served
    port.hands = None
    to_the_change(pump)
    pump.refill("1 mL")
    pump.acknowledge()
    pump.resume()
    with pytest.raises(PumpAlarm):
        pump.wait()


def test_what_the_pump_would_refuse_is_not_fitted(served):
    bench, port, pump = served
    pump.start(TWO)
    bench.advance("10 s")
    its = bench.syringe
    with pytest.raises(Refused):
        pump.refill("1 mL")  # it infuses
    assert bench.syringe is its
    pump.pause()
    with pytest.raises(Refused, match="do not fit"):
        pump.refill("6 mL")
    assert bench.syringe is its
    port.hands.hear(b"refill 1000000\n\xff\x00" + encode(7, "status", ()))
    assert bench.syringe is its
    pump.refill("4 mL")
    assert bench.syringe is not its


def test_another_therapy_begins_with_a_full_syringe(served):
    """Bug: a second therapy was started with what the first one had left, and alarmed in the middle."""
    bench, _, pump = served
    one = Program([Phase.rate("60 mL/h", volume="0.8 mL")], syringe="BD 5 mL", filled="1 mL")
    for _ in range(2):
        pump.start(one)
        assert pump.wait().state == states.COMPLETE
    assert bench.plant.content_nl() < 0.3e6


def test_what_is_enough_for_another_therapy_stays(served):
    bench, _, pump = served
    its = bench.syringe
    pump.start(Program([Phase.rate("60 mL/h", volume="0.8 mL")], syringe="BD 5 mL", filled="1 mL"))
    assert bench.syringe is its
    pump.stop()
    pump.start(Program([Phase.rate("60 mL/h", volume="0.5 mL")], syringe="BD 5 mL", filled="0.9 mL"))
    assert bench.syringe is its


def test_the_syringe_that_is_programmed_is_fitted_and_one_that_nobody_knows_is_not(served):
    bench, port, pump = served
    port.hands.hear(encode(3, "load", (99_999, 60_000_000, 50_000_000, 5000, 300, 0, 1, 0)))
    assert bench.syringe.kind.name == "BD 5 mL"
    pump.start(Program([Phase.rate("60 mL/h", volume="2 mL")], syringe="BD 20 mL"))
    assert bench.syringe.kind.name == "BD 20 mL"
    assert pump.wait().state == states.COMPLETE
