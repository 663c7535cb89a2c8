"""A host that never reads, floods, or is unplugged for an hour: the therapy goes on, with the very same steps."""

import pytest

import picoinfuse as pi
from measure import edges_us, times_ms
from picoinfuse.errors import ContactLost
from picoinfuse.pump import Pump
from picoinfuse_firmware.outbox import EVENTS_KEPT
from picoinfuse_sim import Bench
from picoinfuse_sim.board import SEND_BUFFER

HOUR_S = 3600.0
PROGRAM = pi.Program(
    [
        pi.Phase.rate("20 mL/h", duration="10 min"),
        pi.Phase.bolus("0.5 mL", "60 mL/h"),
        pi.Phase.ramp("5 mL/h", "25 mL/h", "10 min"),
        pi.Phase.pause("1 min"),
        pi.Phase.repeat(4),
        pi.Phase.rate("30 mL/h", volume="2 mL"),
    ],
    occlusion="150 mmHg",
)


def started(**options):
    # Without noise: the sensor's is drawn reading by reading, and telemetry reads it too.
    bench = Bench(seed=1, record_edges=True, noise=False, **options)
    bench.pump.start(PROGRAM)
    return bench


def story(bench):
    """What a patient would notice in two hours: every step, and when each alarm came and went; asked for at the end."""
    bench.advance(2 * HOUR_S)
    told = [(e.at_ms, e.kind, e.what, e.value) for e in bench.pump.events() if e.kind.startswith("alarm")]
    return edges_us(bench), told


@pytest.fixture(scope="module", params=["", "clamp@40min"])
def fault(request):
    return (request.param,) if request.param else ()


@pytest.fixture(scope="module")
def quiet(fault):
    return story(started(faults=fault))


def test_a_host_that_never_reads_changes_neither_steps_nor_alarm_times(fault, quiet):
    bench = started(faults=fault)
    bench.controller.set_telemetry(100)
    bench.advance("1 min")
    assert SEND_BUFFER - 200 < len(bench.board.sent) <= SEND_BUFFER
    edges, alarms = story(bench)
    assert alarms == quiet[1]
    assert edges == quiet[0]
    assert alarms


def test_a_host_that_floods_changes_neither_steps_nor_alarm_times(fault, quiet):
    bench = started(faults=fault)
    noise = b"$17 status*00000000\n" + bytes(range(256)) * 3

    def flood():
        bench.board.received += noise
        if bench.now_ms < 2 * HOUR_S * 1000:
            bench.at(0.5, flood)

    bench.at(1, flood)
    edges, alarms = story(bench)
    assert alarms == quiet[1]
    assert edges == quiet[0]


def test_a_host_that_is_unplugged_for_an_hour_changes_neither_steps_nor_alarm_times(fault, quiet):
    bench = started(faults=(*fault, "unplug@10min:1 h"))
    edges, alarms = story(bench)
    assert alarms == quiet[1]
    assert edges == quiet[0]


def test_after_an_hour_without_a_cable_the_same_host_fetches_every_event_without_a_gap():
    bench = started(faults=["unplug@10min:1 h"])
    with pytest.raises(ContactLost):
        bench.pump.wait()
    bench.advance(HOUR_S)
    events = bench.pump.events()
    assert [e.n for e in events] == list(range(events[0].n, events[0].n + len(events)))
    assert events[-1].n == bench.controller.outbox.last_event
    assert len([e for e in events if e.kind == "phase" and e.at_ms > 600_000]) > 5  # they happened meanwhile
    assert bench.pump.wait().state == "complete"
    events = bench.pump.events()
    assert [e.n for e in events] == list(range(events[0].n, events[0].n + len(events)))


def test_more_events_than_the_pump_keeps_cost_the_oldest_ones_but_no_alarm():
    bench = Bench(seed=2, faults=["unplug@1min:1 h"])
    phases = [pi.Phase.rate("20 mL/h", duration="20 s"), pi.Phase.pause("5 s"), pi.Phase.repeat(130)]
    bench.pump.start(pi.Program(phases))
    with pytest.raises(ContactLost):
        bench.pump.wait()
    bench.advance(HOUR_S)
    assert bench.controller.outbox.last_event > 2 * EVENTS_KEPT
    events = bench.pump.events()
    assert [e.n for e in events] == sorted({e.n for e in events})
    assert events[-1].n == bench.controller.outbox.last_event
    assert [e.what for e in events if e.kind == "alarm"] == ["near_end", "end"]


def test_a_new_host_that_connects_changes_nothing_that_runs(quiet, fault):
    bench = started(faults=fault)
    for minutes in (5, 7, 30):
        bench.advance(minutes * 60.0)
        with Pump(bench.port()) as visitor:
            assert visitor.status().check == PROGRAM.check
    bench.advance(2 * HOUR_S - bench.now_ms / 1000 + 1)
    assert story(bench)[0] == quiet[0]


def test_a_host_that_opens_sim_and_never_reads_leaves_the_therapy_alone():
    ends = []
    for reads in (True, False):
        with pi.connect("sim://?seed=4") as pump:
            world = pump.port._serial.bench
            pump.start(pi.Program.continuous(rate="40 mL/h", volume="3 mL"))
            pump.session.ask("telemetry_every", (100,))
            if reads:
                assert pump.wait().state == "complete"
            else:
                world.advance("5 min")
                assert len(world.board.sent) > SEND_BUFFER - 200
            assert times_ms(pump, "alarm", "end")
            world.advance("5 min")  # the plunger may still slip as the pressure before it fades
            ends.append((world.controller.state, world.board.steps(), world.truth()["plunger_ml"]))
    assert ends[0] == ends[1]
