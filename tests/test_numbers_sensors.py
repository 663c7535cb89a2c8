"""Sensors that are not fitted: the pump says so, arms no alarm of theirs, asks them nothing, and infuses as exactly."""

from itertools import combinations

import pytest

import picoinfuse as pi
from measure import start, step_nl, times_ms
from picoinfuse.errors import BadInput, PumpAlarm
from picoinfuse_firmware.board import (
    AIR_DETECTOR,
    BARREL_GAUGE,
    BATTERY,
    COVER_SWITCH,
    ENCODER,
    END_SWITCH,
    FORCE,
    KEYS,
    MAINS_SENSE,
    SENSORS,
    SYRINGE_SWITCH,
    THERMOMETER,
)
from picoinfuse_sim import Bench

VERBS = {
    FORCE: "force_mn",
    ENCODER: "encoder",
    END_SWITCH: "at_end",
    BARREL_GAUGE: "barrel_um",
    BATTERY: "battery_mv",
    THERMOMETER: "temperature_mc",
    KEYS: "keys",
}
SWITCHES = (SYRINGE_SWITCH, COVER_SWITCH, AIR_DETECTOR, MAINS_SENSE)
MOTION = (FORCE, ENCODER, END_SWITCH)  # what sees a stall, a clamp and the end of the barrel
SETS = [chosen for size in range(4) for chosen in combinations(MOTION, size)]
OTHERS = tuple(name for name in SENSORS if name not in MOTION)


@pytest.fixture
def bench_with():
    """Return a bench whose board has only these sensors; one that is not there must not be asked."""

    def build(fitted, **options):
        absent = [name for name in SENSORS if name not in fitted]
        bench = Bench(seed=1, absent=absent, **options)

        def never():
            raise AssertionError("a sensor that is not there was asked")

        for name in absent:
            if name in VERBS:
                setattr(bench.board, VERBS[name], never)
        if not set(fitted) & set(SWITCHES):
            bench.board.switches = never
        return bench

    return build


def after(pump_bench, do, wait="2 h"):
    """Infuse 5 mL/h, let `do` happen after a minute, and return the names of the alarms that came."""
    start(pump_bench, pi.Program.continuous(rate="5 mL/h", volume="30 mL"))
    pump_bench.advance("1 min")
    do(pump_bench)
    pump_bench.advance(wait)
    assert pump_bench.controller.error is None
    heard = [e.what for e in pump_bench.pump.events() if e.kind == "alarm"]
    return [name for name in heard if name != "pressure_rising"]  # an advice before the alarm


@pytest.mark.parametrize(
    "fitted",
    [(), *((name,) for name in SENSORS), *(tuple(n for n in SENSORS if n != name) for name in SENSORS), SENSORS],
    ids=lambda fitted: "+".join(fitted) if len(fitted) < 2 else f"all but {set(SENSORS) - set(fitted)}",
)
def test_the_pump_says_what_it_has_and_infuses_exactly(bench_with, fitted):
    pump_bench = bench_with(fitted)
    assert pump_bench.pump.hello()["sensors"] == sum(1 << SENSORS.index(name) for name in fitted)
    start(pump_bench, pi.Program.continuous(rate="60 mL/h", volume="1.5 mL"))
    pump_bench.pump.bolus("0.5 mL", rate="200 mL/h")
    status = pump_bench.pump.wait()
    assert status.state == "complete"
    assert 0 <= 2_000_000 - status.delivered_nl < step_nl("BD 60 mL") + 1
    assert pump_bench.controller.error is None
    assert not times_ms(pump_bench.pump, "alarm", "system_fault")
    row = pump_bench.pump.stream.telemetry[-1]
    assert FORCE in fitted or (row.force_mn, row.pressure_mmhg, row.limit_mmhg) == (0, 0, 0)
    assert ENCODER in fitted or row.encoder == 0


@pytest.mark.parametrize("fitted", SETS, ids=lambda fitted: "+".join(fitted) or "none")
def test_a_clamp_is_seen_by_the_force_sensor_or_not_at_all(bench_with, fitted):
    alarms = after(bench_with(fitted + OTHERS), lambda b: b.line.clamp(), "40 min")
    assert alarms == (["occlusion"] if FORCE in fitted else [])


@pytest.mark.parametrize("fitted", SETS, ids=lambda fitted: "+".join(fitted) or "none")
def test_a_stall_is_seen_by_the_encoder_or_not_at_all(bench_with, fitted):
    alarms = after(bench_with(fitted + OTHERS), lambda b: b.drive.stall(), "1 h")
    assert alarms == (["motor_stalled"] if ENCODER in fitted else [])


def test_an_emptied_syringe_is_seen_by_switch_force_or_encoder_whichever_there_is(bench_with):
    first = {}
    for fitted in SETS:
        alarms = after(bench_with(fitted + OTHERS), lambda b: b.plant.empty(), "70 min")
        first[fitted] = alarms[0] if alarms else None
    assert {fitted: name for fitted, name in first.items() if END_SWITCH in fitted} == {
        fitted: "empty" for fitted in SETS if END_SWITCH in fitted
    }
    assert first[(FORCE,)] == "occlusion"  # the plunger presses as on a closed line
    assert first[(ENCODER,)] is not None
    assert first[()] is None


def test_without_any_sensor_the_account_alone_says_complete_or_empty(bench_with):
    pump_bench = bench_with((), syringe="BD 5 mL")
    program = pi.Program.continuous(rate="60 mL/h", volume="2 mL", syringe="BD 5 mL", filled="2 mL")
    pump_bench.pump.start(program)
    assert pump_bench.pump.wait().state == "complete"

    pump_bench.pump.start(program)  # it says 2 mL, but the account of the pump is what counts after a refill
    pump_bench.advance("1 min")
    pump_bench.pump.pause()
    pump_bench.pump.refill("0.5 mL")
    pump_bench.pump.resume()
    with pytest.raises(PumpAlarm, match="empty"):
        pump_bench.pump.wait()
    assert 1_500_000 <= pump_bench.pump.status().delivered_nl <= 1_520_000


def test_a_sensor_that_nobody_knows_cannot_be_absent():
    with pytest.raises(
        BadInput, match=r"absent = 'encodr': unknown sensor; the known ones are: force, encoder, .*keys"
    ):
        Bench(absent=["encodr"])
