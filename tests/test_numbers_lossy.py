"""A bad wire: whatever is lost, doubled or late, nothing is delivered twice and the volume at the end is exact."""

import pytest

import picoinfuse as pi
from measure import step_nl
from picoinfuse.errors import ContactLost, Uncertain
from picoinfuse.pump import Pump
from picoinfuse_sim import Bench
from wires import BadWire, every, is_answer, is_pushed

ORDER_NL = 1_000_000 + 200_000 + 100_000  # the program and two boluses


def work(bench, port):
    """A whole shift over this port: load, start, titrate, two boluses, pause, resume, wait. Return the last status."""
    pump = Pump(port)
    pump.start(pi.Program.continuous(rate="30 mL/h", volume="1 mL", syringe="BD 20 mL"))
    bench.advance("5 s")
    pump.rate("24 mL/h")
    pump.bolus("0.2 mL", rate="100 mL/h")
    bench.advance("4 s")
    pump.pause()
    bench.advance("10 s")
    pump.resume()
    bench.advance("30 s")
    pump.bolus("0.1 mL", rate="60 mL/h")
    pump.rate("40 mL/h")
    return pump, pump.wait()


def assert_once_and_exactly(bench, pump, status):
    assert status.state == "complete"
    assert status.ordered_nl == ORDER_NL
    assert 0 <= ORDER_NL - status.delivered_nl < step_nl("BD 20 mL") + 1
    assert bench.board.steps() == ORDER_NL // step_nl("BD 20 mL")
    verbs = [entry.verb for entry in pump.notebook.entries()]
    assert verbs == ["start", "rate", "bolus", "resume", "bolus", "rate"]
    assert {outcome.what for outcome in pump.settle()} == {"done"}
    # Each was done once, and every event came, each once and in its order.
    events = pump.events()
    assert [e.n for e in events] == list(range(events[0].n, events[0].n + len(events)))
    assert len([e for e in events if e.kind == "bolus"]) == 2
    assert len([e for e in events if e.kind == "rate"]) == 2


def hit(**wire):
    """Return a case, and its name."""
    (what, (period, phase, applies)), *more = wire.items()
    assert not more
    return pytest.param(what, period, phase, applies, id=f"{what}-{applies.__name__}-{phase}-of-{period}")


def any_line(line):
    return True


@pytest.mark.parametrize(
    ("what", "period", "phase", "applies"),
    [hit(lose=(3, phase, is_answer)) for phase in range(3)]
    + [hit(lose=(2, phase, is_answer)) for phase in range(2)]
    + [hit(lose_request=(3, phase, any_line)) for phase in range(3)]
    + [hit(lose=(3, phase, is_pushed)) for phase in range(3)]
    + [hit(lose=(3, phase, any_line)) for phase in range(3)]
    + [hit(double=(period, 0, any_line)) for period in (1, 2, 3)]
    + [hit(late=(period, 0, is_answer)) for period in (2, 3)],
)
def test_nothing_is_delivered_twice_and_the_volume_is_exact(what, period, phase, applies):
    bench = Bench(seed=1, syringe="BD 20 mL")
    port = BadWire(bench, **{what: every(period, phase, applies)})
    pump, status = work(bench, port)
    assert port.hits > 5
    assert_once_and_exactly(bench, pump, status)


def test_requests_answers_and_events_lost_all_at_once_change_nothing():
    bench = Bench(seed=2, syringe="BD 20 mL")
    port = BadWire(
        bench,
        lose_request=every(4, 1),
        lose=every(5, 2),
        double=every(3, 0),
        late=every(7, 0, is_answer),
    )
    pump, status = work(bench, port)
    assert port.hits > 20
    assert_once_and_exactly(bench, pump, status)


def test_a_good_wire_passes_the_same_test():
    bench = Bench(seed=1, syringe="BD 20 mL")
    assert_once_and_exactly(bench, *work(bench, bench.port()))


def test_a_bolus_whose_every_answer_is_lost_is_uncertain_until_the_pump_is_asked():
    bench = Bench(seed=3)
    answers_lost = False
    port = BadWire(bench, lose=lambda line: answers_lost and is_answer(line))
    pump = Pump(port)
    pump.start(pi.Program.continuous(rate="30 mL/h", volume="1 mL"))
    ask = pump.session.ask

    def lose_from_apply_on(name, *more):
        nonlocal answers_lost
        answers_lost = name == "apply"
        return ask(name, *more)

    pump.session.ask = lose_from_apply_on
    with pytest.raises(Uncertain) as caught:
        pump.bolus("0.2 mL", rate="100 mL/h")
    answers_lost = False
    assert [(o.id, o.what) for o in pump.settle() if o.verb == "bolus"] == [(caught.value.id, "running")]
    status = pump.wait()
    assert status.ordered_nl == 1_200_000
    assert bench.board.steps() == 1_200_000 // step_nl("BD 60 mL")
    assert [o.what for o in pump.settle()] == ["done", "done"]


def test_a_bolus_that_never_reached_the_pump_is_told_so():
    bench = Bench(seed=4)
    cut = False
    port = BadWire(bench, lose_request=lambda data: cut or b" apply " in data)
    pump = Pump(port)
    pump.start(pi.Program.continuous(rate="30 mL/h", volume="1 mL"))
    with pytest.raises(Uncertain):
        pump.bolus("0.2 mL", rate="100 mL/h")
    assert [o.what for o in pump.settle() if o.verb == "bolus"] == ["unknown"]
    cut = True
    with pytest.raises(ContactLost):
        pump.status()
    cut = False
    assert pump.wait().delivered_nl <= 1_000_000
    assert bench.board.steps() == 1_000_000 // step_nl("BD 60 mL")
