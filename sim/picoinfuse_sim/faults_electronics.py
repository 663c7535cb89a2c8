"""What can go wrong with sensors, power, host and firmware: rows of the fault catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fault_text import DURATION, FORCE, FORCE_RATE, FRACTION, INSIDE, KEY, SENSOR, Fault, later

if TYPE_CHECKING:
    from .bench import Bench

MEMORY_BIT = 1 << 20  # of a rate in nL: 1 mL
LOW_CHARGE = 0.20  # half an hour at the motor's highest rate, and hours at a usual one
FLAT_CHARGE = 0.02


# --- sensors -------------------------------------------------------------------------------------------------------


def _encoder_stuck(bench: Bench, for_s: float | None) -> None:
    bench.senses.stick_encoder()
    later(bench, for_s, lambda: bench.senses.stick_encoder(False))


def _encoder_slip(bench: Bench, fraction: float) -> None:
    bench.senses.slip_encoder(fraction)


def _force_stuck(bench: Bench, for_s: float | None) -> None:
    bench.senses.stick_force()
    later(bench, for_s, lambda: bench.senses.stick_force(False))


def _force_saturated(bench: Bench, for_s: float | None) -> None:
    bench.senses.saturate_force()
    later(bench, for_s, lambda: bench.senses.saturate_force(False))


def _force_offset(bench: Bench, mn: float) -> None:
    bench.senses.offset_force(mn)


def _force_drift(bench: Bench, mn_per_h: float) -> None:
    bench.senses.drift_force(mn_per_h)


def _air_false(bench: Bench, for_s: float | None) -> None:
    bench.senses.see_air()
    later(bench, for_s, lambda: bench.senses.see_air(False))


def _key_stuck(bench: Bench, key: str) -> None:
    bench.senses.press(key)


def _key_press(bench: Bench, key: str) -> None:
    bench.press(key)


def _silent(bench: Bench, sensor: str) -> None:
    bench.senses.silence(sensor)


# --- power, host, firmware -----------------------------------------------------------------------------------------


def _mains_lost(bench: Bench, for_s: float | None) -> None:
    bench.mains(False)
    later(bench, for_s, bench.mains)


def _battery_low(bench: Bench, _: None) -> None:
    bench.senses.battery.set_charge(LOW_CHARGE)
    bench.mains(False)


def _battery_flat(bench: Bench, _: None) -> None:
    bench.senses.battery.set_charge(FLAT_CHARGE)
    bench.mains(False)


def _battery_old(bench: Bench, health: float) -> None:
    battery = bench.senses.battery
    battery.fit(battery.charge(), health)
    bench.look_at_battery()


def _battery_swap(bench: Bench, off_s: float) -> None:
    bench.swap_battery(off_s)


def _hot(bench: Bench, celsius: float) -> None:
    bench.senses.heat(celsius)


def _power_cut(bench: Bench, off_s: float) -> None:
    bench.power_cut(off_s)


def _unplug(bench: Bench, for_s: float | None) -> None:
    bench.host_unplugged()
    later(bench, for_s, lambda: bench.host_unplugged(False))


def _plug(bench: Bench, _: None) -> None:
    bench.host_unplugged(False)


def _hang(bench: Bench, for_s: float) -> None:
    bench.hang(for_s)


def _memory(bench: Bench, _: None) -> None:
    program = bench.controller.program
    if program is None:
        return
    phase = [phase for phase in program.phases if phase.rate_nl][-1]
    phase.rate_nl ^= MEMORY_BIT if phase.rate_nl != MEMORY_BIT else MEMORY_BIT >> 1


ELECTRONICS = (
    Fault(
        "encoder_stuck",
        "sensors",
        "The encoder's magnet came off: it reads what it read. It looks like a stall and is seen as soon as one.",
        _encoder_stuck,
        ("motor_stalled",),
        argument=DURATION,
        example_text="5 min",
    ),
    Fault(
        "encoder_slip",
        "sensors",
        "The encoder is loose on the screw and misses this fraction of what it turns; above a half it is a stall.",
        _encoder_slip,
        ("under_delivery", "motor_stalled"),
        argument=FRACTION,
        default_text="0.2",
    ),
    Fault(
        "force_stuck",
        "sensors",
        "The load cell is jammed: it reads what it read. Seen after a minute and 50 steps.",
        _force_stuck,
        ("sensor_fault",),
        argument=DURATION,
        example_text="5 min",
    ),
    Fault(
        "force_drift",
        "sensors",
        "The load cell's zero runs away; upwards it looks like a pressure that rises, downwards like a plunger that is "
        "not pushed.",
        _force_drift,
        ("occlusion", "pressure_rising", "sensor_fault", "not_engaged"),
        argument=FORCE_RATE,
        default_text="60 N/h",
    ),
    Fault(
        "force_offset",
        "sensors",
        "The load cell was tared wrongly and reads so much more, or less if it is below 0.",
        _force_offset,
        (),
        "a wrong zero looks like a plunger that rubs more or less, an occlusion is seen sooner or later by as much; "
        "beyond the friction itself (1 N with 5 mL, 5 N with 60 mL) less of it looks like not_engaged, and more like "
        "pressure_rising or, from four times on, like an occlusion",
        FORCE,
        "1 N",
    ),
    Fault(
        "force_saturated",
        "sensors",
        "A wire of the load cell is off: it reads the upper end of its range.",
        _force_saturated,
        ("sensor_fault", "occlusion", "guard"),
        argument=DURATION,
    ),
    Fault(
        "air_false",
        "sensors",
        "The bubble detector reports air and there is none: a drop of gel, a tube that is not pressed in.",
        _air_false,
        ("air",),
        argument=DURATION,
    ),
    Fault(
        "key_stuck",
        "sensors",
        "A key stays pressed: start, bolus or mute.",
        _key_stuck,
        ("key_stuck",),
        argument=KEY,
        default_text="bolus",
    ),
    Fault(
        "silent",
        "sensors",
        "The plug of a sensor is out: it is fitted and gives no reading. One that is absent has none.",
        _silent,
        ("sensor_fault",),
        argument=SENSOR,
        default_text="force",
    ),
    Fault(
        "key_press",
        "sensors",
        "Somebody presses a key for a moment: start, bolus or mute.",
        _key_press,
        (),
        "the pump does what the key is for: start pauses an infusion and resumes a paused one; a pause of more than "
        "ten minutes is pause_too_long",
        KEY,
        "bolus",
    ),
    Fault(
        "mains_lost",
        "power",
        "The mains plug is out; the battery feeds the pump until it is flat.",
        _mains_lost,
        ("mains_lost",),
        argument=DURATION,
    ),
    Fault(
        "battery_low",
        "power",
        "The mains plug is out, and a fifth of the battery's charge is left.",
        _battery_low,
        ("battery_low",),
    ),
    Fault(
        "battery_flat",
        "power",
        "The mains plug is out, and the battery is all but flat; minutes later the pump goes dark.",
        _battery_flat,
        ("battery_depleted",),
    ),
    Fault(
        "battery_old",
        "power",
        "The battery is old: it holds only this part of a new one's charge, and its voltage sags more under load.",
        _battery_old,
        (),
        "nothing shows it while the mains plug is in; without it battery_low comes as much sooner, and the forecast of "
        "`picoinfuse run` knows it only after two contacts with the pump on its battery",
        FRACTION,
        "60 %",
    ),
    Fault(
        "battery_swap",
        "power",
        "The mains plug is out and the battery is changed: it is out for so long, then another, full one is in; screw, "
        "syringe and flash stay as they are.",
        _battery_swap,
        ("power_lost",),
        argument=DURATION,
        default_text="20 s",
    ),
    Fault(
        "hot",
        "power",
        "Something inside overheats (or the pump lies in the snow): within minutes it has this temperature inside. "
        "Between 5 and 60 degC it may be.",
        _hot,
        ("temperature",),
        argument=INSIDE,
        default_text="75 degC",
    ),
    Fault(
        "power_cut",
        "power",
        "Mains and battery are gone, for so long; screw, syringe and flash stay as they are.",
        _power_cut,
        ("power_lost",),
        argument=DURATION,
        default_text="3 s",
    ),
    Fault(
        "unplug",
        "host",
        "The USB cable to the host is out.",
        _unplug,
        (),
        "the therapy runs on the pump and goes on",
        DURATION,
    ),
    Fault("plug", "host", "The USB cable is in again.", _plug, (), "nothing is wrong any more"),
    Fault(
        "hang",
        "firmware",
        "The firmware stops polling, for so long; the motor stops when what was laid ahead is done. Up to a second it "
        "is caught up, from 3 s on it is a fault, and after about 8 s the watchdog's.",
        _hang,
        ("system_fault", "watchdog"),
        argument=DURATION,
        default_text="5 s",
    ),
    Fault(
        "watchdog",
        "firmware",
        "The firmware hangs for good, or so long; unfed for 8.4 s, the watchdog restarts the board. Shorter is a hang.",
        _hang,
        ("watchdog",),
        argument=DURATION,
        default_text="1 h",
    ),
    Fault(
        "memory",
        "firmware",
        "A bit flips in the pump's memory: the rate of the program's last phase is another one.",
        _memory,
        ("memory",),
    ),
)
