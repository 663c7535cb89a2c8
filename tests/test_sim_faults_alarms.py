"""Every fault: which alarm sees it, or that none does, at several rates, with several syringes, and in which sizes."""

import pytest

import picoinfuse as pi
from picoinfuse_sim import Bench
from picoinfuse_sim.faults import CATALOGUE, parse

EXPECTED = ("near_end", "end")  # of every therapy that goes well
# An advice that goes by itself: the force does rise, and the motor goes on.
ADVICE = dict.fromkeys(("cuff", "sticky", "dry", "height", "carried"), ("pressure_rising",))


def infusing(rate="40 mL/h", for_="1 min", **options):
    bench = Bench(seed=2, **options)
    syringe = options.get("syringe", "BD 60 mL")
    bench.pump.start(pi.Program.continuous(rate, "15 mL" if "20" in syringe else "40 mL", syringe=syringe))
    bench.advance(for_)
    return bench


def heard(fault, for_, **options):
    """Infuse, let the fault strike after two minutes, and return the names of the alarms in their order."""
    bench = infusing(for_="2 min", **options)
    parse(f"{fault}@0s").strike(bench)
    seen = []
    for _ in range(60):
        bench.advance(for_ / 60)
        seen += [event.what for event in bench.pump.events() if event.kind == "alarm" and event.what not in seen]
        if set(seen) & set(CATALOGUE[fault].alarms):
            break
    return seen


@pytest.mark.parametrize("name", [name for name, fault in CATALOGUE.items() if fault.alarms])
def test_a_fault_that_ought_to_be_seen_is_seen(name):
    assert set(heard(name, 1800, rate="40 mL/h")) & set(CATALOGUE[name].alarms)


@pytest.mark.parametrize("name", [name for name, fault in CATALOGUE.items() if not fault.alarms and name != "unplug"])
def test_a_fault_that_none_can_see_is_seen_by_none(name):
    assert set(heard(name, 1800, rate="20 mL/h")) <= {*EXPECTED, *ADVICE.get(name, ())}


def alarms_after(fault, syringe, rate, hours=1.0, occlusion="medium", until=(), **world):
    """Infuse for ten minutes, let the fault strike, and return the names of all alarms from then on.

    until: names; when one of them has come, the rest of the time is not waited for.
    """
    bench = Bench(seed=2, syringe=syringe, **world)
    volume = f"{bench.syringe.kind.capacity_nl * 9 // 10} nL"
    bench.pump.start(pi.Program.continuous(rate, volume, syringe=syringe, occlusion=occlusion))
    bench.advance("10 min")
    assert [event.what for event in bench.pump.events() if event.kind == "alarm"] == []
    begin = len(bench.pump.events())
    parse(fault.replace("@", "@0s", 1)).strike(bench)
    heard = set()
    for _ in range(round(hours * 60)):
        bench.advance("1 min")
        heard = {event.what for event in bench.pump.events()[begin:] if event.kind == "alarm"}
        if heard & set(until):
            break
    return heard


EXAMPLES = (  # those that need something of the rate or the size
    ("stall", ("1 mL/h", "5 mL/h")),
    ("coupling", ("0.5 mL/h", "5 mL/h")),
    ("encoder_stuck", ("1 mL/h", "5 mL/h")),
    ("clamp", ("1 mL/h", "5 mL/h")),
    ("clamp_upstream", ("1 mL/h", "5 mL/h")),
    ("force_stuck", ("0.5 mL/h", "5 mL/h")),
    ("force_drift", ("1 mL/h", "5 mL/h")),
    ("slip", ("1 mL/h", "5 mL/h")),
    ("thrust_low", ("1 mL/h", "5 mL/h")),
)


@pytest.mark.parametrize("syringe", ["BD 10 mL", "BD 60 mL"])
@pytest.mark.parametrize(("name", "rate"), [(name, rate) for name, rates in EXAMPLES for rate in rates])
def test_the_example_of_a_fault_is_seen_at_a_low_rate_and_in_a_small_syringe_too(name, rate, syringe):
    """Once the examples of clamp and stall were over before the alarm could come."""
    example = CATALOGUE[name].example().replace("@10min", "@")
    wanted = set(CATALOGUE[name].alarms)
    assert alarms_after(example, syringe, rate, hours=2, until=wanted) & wanted


@pytest.mark.parametrize("syringe", ["BD 5 mL", "BD 20 mL", "BD 60 mL"])
@pytest.mark.parametrize(
    "name", ["cold", "height", "carried", "second_pump", "infiltrate", "force_offset", "leak", "disconnect"]
)
def test_the_example_of_a_fault_that_none_can_see_is_seen_by_none_with_other_syringes(name, syringe):
    example = CATALOGUE[name].example().replace("@10min", "@")
    assert alarms_after(example, syringe, "4 mL/h") <= {*EXPECTED, *ADVICE.get(name, ())}


@pytest.mark.parametrize(
    ("fault", "syringe", "rate", "world", "alarm"),
    [
        ("slip@:0.6", "BD 60 mL", "5 mL/h", {}, "motor_stalled"),
        ("slip@:0.05", "BD 60 mL", "5 mL/h", {}, ""),
        ("encoder_slip@:0.6", "BD 20 mL", "5 mL/h", {}, "motor_stalled"),
        ("overturn@:0.05", "BD 60 mL", "5 mL/h", {}, ""),
        ("stall@:30 s", "BD 60 mL", "1 mL/h", {}, ""),
        ("clamp@:30 s", "BD 60 mL", "5 mL/h", {}, ""),
        ("kink@:80 mmHg h/mL", "BD 60 mL", "1 mL/h", {}, ""),
        ("hang@:1 s", "BD 60 mL", "5 mL/h", {}, ""),
        ("hang@:3 s", "BD 20 mL", "5 mL/h", {}, "system_fault"),
        ("watchdog@:5 s", "BD 60 mL", "5 mL/h", {}, "system_fault"),
        ("watchdog@:9 s", "BD 60 mL", "5 mL/h", {}, "watchdog"),
        ("hot@:45 degC", "BD 60 mL", "5 mL/h", {}, ""),
        ("hot@:65 degC", "BD 60 mL", "5 mL/h", {}, "temperature"),
        ("hot@:0 degC", "BD 60 mL", "5 mL/h", {}, "temperature"),
        ("force_drift@:-20 N/h", "BD 60 mL", "5 mL/h", {}, "not_engaged"),
        ("force_offset@:-2 N", "BD 5 mL", "4 mL/h", {}, "not_engaged"),
        ("force_offset@:2 N", "BD 5 mL", "4 mL/h", {}, "pressure_rising"),
        ("force_offset@:20 N", "BD 60 mL", "5 mL/h", {}, "occlusion"),
        ("infiltrate@:150 mmHg", "BD 60 mL", "5 mL/h", {"occlusion": "low"}, "occlusion"),
        ("infiltrate@:40 mmHg", "BD 60 mL", "5 mL/h", {}, "pressure_rising"),
        ("height@:-200 cm", "BD 60 mL", "5 mL/h", {"occlusion": "low"}, "occlusion"),
        ("height@:200 cm", "BD 60 mL", "5 mL/h", {}, "not_engaged"),
        ("carried@:40 cm", "BD 60 mL", "5 mL/h", {}, "pressure_rising"),
        ("cold@:4 degC", "BD 60 mL", "40 mL/h", {"occlusion": "low", "route": "epidural"}, "occlusion"),
        ("second_pump@:50 mL/h", "BD 60 mL", "5 mL/h", {"route": "epidural"}, "pressure_rising"),
        ("second_pump@:50 mL/h", "BD 60 mL", "5 mL/h", {"route": "epidural", "occlusion": "low"}, "occlusion"),
        ("dry@:3", "BD 60 mL", "5 mL/h", {}, "occlusion"),
    ],
)
def test_what_the_catalogue_says_of_sizes_beyond_its_examples_holds(fault, syringe, rate, world, alarm):
    """alarm: one that comes; "": none does."""
    heard = alarms_after(fault, syringe, rate, until={alarm}, **world)
    assert alarm in heard if alarm else heard <= set(EXPECTED)


def test_a_syringe_whose_barrel_is_almost_the_same_passes_for_the_right_one():
    assert "syringe_unknown" not in alarms_after("wrong_syringe@:Monoject 60 mL", "BD 60 mL", "5 mL/h")


def test_a_load_cell_that_jams_before_the_plunger_is_pushed_is_told_as_what_it_is():
    bench = infusing("5 mL/h", for_="1 s")
    parse("force_stuck@0s").strike(bench)
    bench.advance("20 min")
    heard = {event.what for event in bench.pump.events() if event.kind == "alarm"}
    assert heard == {"sensor_fault"}


def test_a_cable_that_is_out_is_no_alarm():
    bench = infusing()
    parse("unplug@0s:10 min").strike(bench)
    bench.advance("11 min")
    assert [event.what for event in bench.pump.events() if event.kind == "alarm"] == []
