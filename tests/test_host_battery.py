"""The forecast of a battery: within a tenth of what the simulated battery does, over rates, syringes, age and cold."""

from itertools import pairwise

import pytest

import picoinfuse as pi
from picoinfuse import Phase, Program
from picoinfuse.archive import Contact
from picoinfuse.battery import (
    FULL_J,
    IDLE_W,
    LEFT_MV,
    OHM,
    STEP_J,
    Reading,
    course,
    forecast,
    health_of,
    loads,
    part_of,
    words,
)
from picoinfuse.contact import meet
from picoinfuse_firmware.alarms import BATTERY_DEPLETED, BATTERY_LOW
from picoinfuse_sim import Bench
from picoinfuse_sim.battery import Battery

HOUR_MS = 3_600_000


# --- the teaching values are what one finds on the simulated battery -------------------------------------------------


def flat(steps_per_s):
    """Run a new battery flat; return (hours until it is dark, [(part of that time which is left, voltage)])."""
    now, steps = [0], [0]
    battery = Battery(lambda: now[0], lambda: steps[0])
    battery.switch(True)
    battery.plug(False)
    seen = []
    while battery.lasts_ms() > 0:
        now[0] += 60_000
        steps[0] += 60 * steps_per_s
        seen.append((now[0], battery.millivolts()))
    end_ms = seen[-1][0]
    return end_ms / HOUR_MS, [(1 - ms / end_ms, mv) for ms, mv in seen]


def test_the_energies_are_found_by_running_it_flat_twice():
    slow_h, _ = flat(0)
    fast_h, _ = flat(2000)
    assert slow_h * 3600 * IDLE_W == pytest.approx(FULL_J, rel=0.01)
    assert (slow_h / fast_h - 1) * IDLE_W / 2000 == pytest.approx(STEP_J, rel=0.01)


def test_the_voltages_are_those_at_rest():
    _, seen = flat(0)
    for part, mv in LEFT_MV:
        nearest = min(seen, key=lambda row: abs(row[0] - part))
        # In the steep end a minute is ten millivolts and more.
        assert nearest[1] == pytest.approx(mv, abs=15 if part > 0.04 else 70)


def test_the_resistance_is_found_from_the_sag_at_the_highest_rate():
    _, slow = flat(0)
    _, fast = flat(2000)
    for part in (0.8, 0.5, 0.3):
        calm = min(slow, key=lambda row: abs(row[0] - part))[1]
        loaded = min(fast, key=lambda row: abs(row[0] - part))[1]
        assert (calm - loaded) / 1000 == pytest.approx(OHM * 2000 * STEP_J / (calm / 1000), rel=0.25)


def test_the_part_that_is_left_follows_the_voltage_between_the_points_and_ends_with_them():
    assert [part_of(mv) for _, mv in LEFT_MV] == [pytest.approx(part) for part, _ in LEFT_MV]
    assert part_of(7400) == pytest.approx(0.45)
    assert (part_of(5000), part_of(9000)) == (0.0, 1.0)


# --- against the simulated pump ---------------------------------------------------------------------------------------


def seen_by(bench, **more):
    """What a host knows of the bench's battery."""
    contact = meet(bench.pump)
    return Reading(mv=contact.battery_mv, fed=contact.fed == 1, **more)


def dark_after_ms(bench, code, within="14 h"):
    """Let it infuse until an alarm comes; return how long that took."""
    began = bench.now_ms
    end = began + pi.units.duration_ms(within)
    while code not in bench.controller.alarms.codes:
        bench.advance("1 min")
        assert bench.now_ms < end
    return bench.now_ms - began


def on_battery(charge, program, syringe="BD 60 mL", temperature=None, health=1.0):
    """A pump on its battery that is about to start, and what was foretold."""
    bench = Bench(seed=1, syringe=syringe)
    bench.advance("5 s")
    bench.senses.battery.fit(charge, health)
    bench.mains(False)
    if temperature is not None:
        bench.senses.heat(temperature)
        bench.advance("1 h")
        bench.senses.battery.set_charge(charge)
    bench.advance("30 s")
    bench.pump.status()
    return bench


def of(rate, syringe):
    capacity = pi.syringes.find(syringe).capacity_nl
    return Program.continuous(rate, f"{capacity * 9 // 10} nL", syringe=syringe)


@pytest.mark.parametrize("charge", [0.9, 0.45])
@pytest.mark.parametrize(
    ("rate", "syringe"),
    [("0.5 mL/h", "BD 20 mL"), ("5 mL/h", "BD 60 mL"), ("5 mL/h", "BD 10 mL"), ("20 mL/h", "BD 60 mL")],
)
def test_it_lasts_as_foretold_to_a_tenth(rate, syringe, charge):
    program = of(rate, syringe)
    bench = on_battery(charge, program, syringe)
    its = forecast(program.compiled, seen_by(bench))
    bench.pump.start(program)
    warned_ms = dark_after_ms(bench, BATTERY_LOW)
    stopped_ms = warned_ms + dark_after_ms(bench, BATTERY_DEPLETED)
    assert its.low_ms == pytest.approx(warned_ms, rel=0.1)
    assert its.lasts_ms == pytest.approx(stopped_ms, rel=0.1)


def test_it_lasts_as_foretold_at_the_highest_rate():
    program = Program(
        [Phase.rate("1100 mL/h", volume="40 mL"), Phase.pause("1 h"), Phase.rate("5 mL/h", volume="15 mL")]
    )
    bench = on_battery(0.2, program)
    its = forecast(program.compiled, seen_by(bench))
    bench.pump.start(program)
    stopped_ms = dark_after_ms(bench, BATTERY_DEPLETED)
    assert its.lasts_ms == pytest.approx(stopped_ms, rel=0.1)


def test_a_cold_battery_is_told_as_worse_and_lasts_as_foretold():
    program = of("5 mL/h", "BD 60 mL")
    warm, cold = on_battery(0.6, program), on_battery(0.6, program, temperature=6)
    celsius = cold.pump.senses()["temperature_mc"] / 1000
    good = forecast(program.compiled, seen_by(warm))
    bad = forecast(program.compiled, seen_by(cold, celsius=celsius))
    assert bad.lasts_ms < 0.92 * good.lasts_ms
    cold.pump.start(program)
    assert bad.lasts_ms == pytest.approx(dark_after_ms(cold, BATTERY_DEPLETED), rel=0.1)


def test_an_old_battery_is_told_as_worse_once_a_computer_has_met_it_twice_and_lasts_as_foretold():
    program = of("5 mL/h", "BD 60 mL")
    bench = on_battery(0.9, program, health=0.6)
    unknown = forecast(program.compiled, seen_by(bench))
    bench.pump.start(program)
    contacts = [meet(bench.pump)]
    for _ in range(3):
        bench.advance("40 min")
        contacts.append(meet(bench.pump))
    health = health_of(contacts, 349.9)
    assert health == pytest.approx(0.6, abs=0.06)
    known = forecast(program.compiled, seen_by(bench, health=health))
    assert known.lasts_ms < 0.7 * unknown.lasts_ms
    assert known.lasts_ms == pytest.approx(dark_after_ms(bench, BATTERY_DEPLETED), rel=0.1)


def test_the_voltage_alone_tells_an_old_battery_a_little_worse():
    program = of("5 mL/h", "BD 60 mL")
    new, old = on_battery(0.6, program), on_battery(0.6, program, health=0.6)
    assert seen_by(old).part < seen_by(new).part


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_a_load_is_the_electronics_and_the_steps_of_each_phase():
    phases = [Phase.bolus("1 mL", "100 mL/h"), Phase.rate("60 mL/h", duration="1 h"), Phase.kvo("1 mL/h")]
    its = loads(Program(phases).compiled)
    step_ml = 349.939e-6
    assert its[0][0] == pytest.approx(IDLE_W + 61 / step_ml / 3600 * STEP_J, rel=1e-4)
    assert its[0][1] == HOUR_MS
    assert its[1][0] == pytest.approx(IDLE_W + 1 / step_ml / 3600 * STEP_J, rel=1e-4)
    assert its[-1] == (IDLE_W, float("inf"))


def test_a_fast_therapy_takes_more_than_a_slow_one_and_a_small_syringe_more_than_a_large_one():
    cases = (("1 mL/h", "BD 60 mL"), ("5 mL/h", "BD 60 mL"), ("5 mL/h", "BD 10 mL"))
    watts = [loads(of(rate, syringe).compiled)[0][0] for rate, syringe in cases]
    assert IDLE_W < watts[0] < watts[1] < watts[2]
    lasts = [forecast(of(rate, "BD 60 mL").compiled, Reading()).lasts_ms for rate in ("1 mL/h", "5 mL/h")]
    assert lasts[0] > lasts[1]


def test_a_battery_that_is_empty_lasts_for_nothing():
    its = forecast(of("5 mL/h", "BD 60 mL").compiled, Reading(mv=6400))
    assert (its.low_ms, its.lasts_ms, its.enough) == (0, 0, False)


def test_a_program_without_end_has_never_enough():
    its = forecast(Program([Phase.rate("5 mL/h", volume="1 mL"), Phase.kvo("1 mL/h")]).compiled, Reading())
    assert (its.needs_ms, its.enough) == (-1, False)
    assert "has no end" in words(its)[1]


def on(at_min, mv, fed=0, boot=1, given_ml=0.0):
    return Contact(boot, at_min * 60_000, at_min * 60_000, 1, 1, 1, mv, fed, round(given_ml * 1e6))


def test_contacts_that_show_nothing_of_the_batterys_age():
    assert health_of([], 350) is None
    assert health_of([on(0, 7900)], 350) is None
    assert health_of([on(0, 7900), on(10, 7890)], 350) is None  # too soon
    assert health_of([on(0, 7900), on(60, 7890)], 350) is None  # it hardly fell
    assert health_of([on(0, 7900, fed=1), on(60, 7800, fed=1)], 350) is None  # charged meanwhile
    assert health_of([on(0, 7900, fed=-1), on(60, 7800, fed=-1)], 350) is None  # nobody knows
    assert health_of([on(0, 0), on(60, 0)], 350) is None  # there is none
    assert health_of([on(0, 7900), on(60, 6000)], 350) is None  # that is no battery


def test_a_voltage_that_rose_was_charged_or_changed_and_begins_anew():
    before, after = [on(0, 7500), on(60, 7400)], [on(120, 8200), on(180, 7950)]
    assert health_of(before, 350) != pytest.approx(health_of(after, 350), rel=0.1)
    assert health_of([*before, *after], 350) == health_of(after, 350)


def test_the_newest_start_that_shows_anything_counts():
    old = [on(0, 7900), on(60, 7750)]
    new = [on(0, 7900, boot=2), on(90, 7750, boot=2)]
    assert health_of([*old, *new], 350) == pytest.approx(1.5 * health_of(old, 350), rel=1e-3)


def test_words_tell_what_is_known_and_what_to_do():
    from datetime import datetime

    program = of("5 mL/h", "BD 60 mL").compiled
    full, *_ = words(forecast(program, Reading()))
    assert full.startswith("a full one lasts about 12 h")
    good = words(forecast(program, Reading(mv=8370)))
    assert good == ["8.37 V, about 100 % full lasts about 12 h 10 min with this therapy; it takes 10 h 48 min: enough"]
    bad = words(forecast(program, Reading(mv=7450, health=0.6, celsius=4.0)), datetime(2023, 11, 15, 12, 0))
    assert "7.45 V, about 50 % full, old (holds about 60 % of a new one), cold (4 degC)" in bad[0]
    assert ", until Wed 15:" in bad[0]
    assert bad[1].startswith("not enough, the therapy takes 10 h 48 min: plug the mains in, or")
    fed = words(forecast(program, Reading(mv=7450, fed=True)))
    assert "the mains is there; without it the battery lasts about" in fed[0]
    assert "leave the plug in" in fed[1]


# --- its picture -----------------------------------------------------------------------------------------------------


def test_its_course_falls_from_what_is_left_to_where_the_pump_stops_faster_while_it_pumps():
    program = pi.Therapy.read("methylprednisolone").program.compiled
    reading = Reading(7_900)
    points = course(program, reading, 49 * HOUR_MS)
    assert points[0] == (0.0, reading.part)
    assert points[-1][0] == forecast(program, reading).lasts_ms
    assert points[-1][1] == pytest.approx(part_of(reading.empty_mv), abs=0.002)
    falls = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    assert falls[0] < 1.05 * falls[1] < 0  # an hour at 50 mL/h, then the motor at rest


def test_its_course_ends_with_the_picture():
    program = pi.Therapy.read("hydration").program.compiled
    assert course(program, Reading(), HOUR_MS)[-1][0] == HOUR_MS
