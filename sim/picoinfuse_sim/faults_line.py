"""What can go wrong between syringe and patient: rows of the fault catalogue."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from picoinfuse import units

from .fault_text import (
    DURATION,
    END,
    FLUID,
    HEIGHT,
    PRESSURE,
    RATE,
    RESISTANCE,
    RESISTANCE_OR_DURATION,
    VOLUME,
    Fault,
    later,
)

if TYPE_CHECKING:
    from .bench import Bench

KINKED_MMHG_H_PER_ML = 400.0  # to which a kink that closes over a time comes before it is shut: 400 mmHg at 1 mL/h
CARRIED_S, CARRIED_TIMES = 300.0, 12  # a pump in a bag: so long in one place, so many times it is moved
CUFF_MMHG = 150.0  # a blood-pressure cuff on the same arm (engineer's memory)


def _clamp(bench: Bench, for_s: float | None) -> None:
    bench.line.clamp()
    later(bench, for_s, bench.line.release)


def _clamp_upstream(bench: Bench, for_s: float | None) -> None:
    bench.line.clamp("upstream")
    later(bench, for_s, lambda: bench.line.release("upstream"))


def _release(bench: Bench, _: None) -> None:
    bench.line.release()
    bench.line.unkink()


def _kink(bench: Bench, how: float | str) -> None:
    if not isinstance(how, str):
        bench.line.kink(how)
        return
    over_s = units.duration_ms(how) / 1000
    bench.line.kink(KINKED_MMHG_H_PER_ML, over_s=over_s)

    def shut() -> None:
        if bench.line.open_mmhg_h_per_ml > KINKED_MMHG_H_PER_ML / 2:  # nobody straightened it meanwhile
            bench.line.clamp()

    bench.at(over_s, shut)


def _leak(bench: Bench, mmhg_h_per_ml: float) -> None:
    bench.line.leak(mmhg_h_per_ml)


def _disconnect(bench: Bench, at: str) -> None:
    bench.line.disconnect(at)


def _bubble(bench: Bench, ml: float) -> None:
    bench.line.bubble(ml)


def _cold(bench: Bench, celsius: float) -> None:
    bench.line.set_temperature(celsius)


def _height(bench: Bench, cm: float) -> None:
    bench.line.set_height(cm)


def _by_proxy(bench: Bench, every_s: float) -> None:
    bench.press("bolus")
    bench.at(every_s, lambda: _by_proxy(bench, every_s))


def _carried(bench: Bench, cm: float) -> None:
    """Up and down in turn from now on, and back to where it was."""
    before_cm = bench.line.height_cm
    for number in range(CARRIED_TIMES):
        at_cm = before_cm + (cm if number % 2 == 0 else -cm)
        bench.at(number * CARRIED_S, partial(bench.line.set_height, min(200.0, max(-200.0, at_cm))))
    bench.at(CARRIED_TIMES * CARRIED_S, partial(bench.line.set_height, before_cm))


def _second_pump(bench: Bench, ml_h: float) -> None:
    bench.line.second_pump(ml_h)


def _infiltrate(bench: Bench, mmhg: float | None) -> None:
    bench.line.infiltrate(mmhg)


def _cuff(bench: Bench, for_s: float) -> None:
    before_mmhg = bench.line.body_mmhg
    bench.line.set_patient(CUFF_MMHG)
    bench.at(for_s, lambda: bench.line.set_patient(before_mmhg))


LINE_AND_PATIENT = (
    Fault(
        "clamp",
        "line",
        "The line is closed at the patient's end. Seen when the threshold is reached: medium after 10 min at 5 mL/h, "
        "an hour at 1 mL/h; one that opens before is not, and its bolus runs in.",
        _clamp,
        ("occlusion",),
        argument=DURATION,
        example_text="2 h",
    ),
    Fault(
        "clamp_upstream",
        "line",
        "The line is closed at the syringe: only the syringe itself takes the pressure up, so it rises faster. One "
        "that opens before the threshold is reached is not seen.",
        _clamp_upstream,
        ("occlusion",),
        argument=DURATION,
        example_text="1 h",
    ),
    Fault(
        "release",
        "line",
        "Clamps are opened and kinks straightened; what was stored runs in as a bolus.",
        _release,
        (),
        "the bolus passes the motor by",
    ),
    Fault(
        "kink",
        "line",
        "The line bends: with a duration it closes bit by bit over that time, with a resistance it narrows to that. "
        "Resistance times rate is the pressure that comes: one well below the threshold is not seen.",
        _kink,
        ("occlusion", "pressure_rising"),
        argument=RESISTANCE_OR_DURATION,
        default_text="10 min",
    ),
    Fault(
        "leak",
        "line",
        "Fluid runs out between syringe and line, so much pressure driving 1 mL/h.",
        _leak,
        (),
        "the motor turns as it should, and the few mmHg that are missing hide in the plunger's friction",
        RESISTANCE,
        "20 mmHg h/mL",
    ),
    Fault(
        "disconnect",
        "line",
        "The line comes off, at the patient or at the syringe, and everything runs on the floor.",
        _disconnect,
        (),
        "the pressure falls by that in the vein, less than the plunger's friction varies by",
        END,
        "patient",
    ),
    Fault(
        "bubble",
        "line",
        "So much air leaves the syringe; it moves with the flow and makes the line soft; below 50 uL it is not seen.",
        _bubble,
        ("air",),
        argument=VOLUME,
        default_text="0.5 mL",
    ),
    Fault(
        "cold",
        "line",
        "The fluid comes from the refrigerator: colder is more viscous, so the line resists more.",
        _cold,
        (),
        "at 4 degC it is 1.5 times the resistance, less than 1 mmHg at 5 mL/h; the volume is that of the motor; only "
        "where a thin cannula takes most of a low threshold already (epidural, 40 mL/h) it is an occlusion",
        FLUID,
        "4 degC",
    ),
    Fault(
        "height",
        "line",
        "The pump is moved so far above the patient (a bolus) or below, if less than 0 (a pause).",
        _height,
        (),
        "50 cm are 37 mmHg, below every threshold, and the motor turns as it should; pressure_rising may come; two "
        "metres down are an occlusion at a low threshold, one or two up are not_engaged, where nothing is left to push",
        HEIGHT,
        "50 cm",
    ),
    Fault(
        "carried",
        "line",
        "The pump is carried in a bag for an hour: every five minutes it is so far higher, and then so far lower, than "
        "before; each way up is a small bolus, each way down a pause.",
        _carried,
        (),
        "the motor gives what was ordered, and over the hour the patient gets it; 40 cm are 29 mmHg up or down, below "
        "every threshold; pressure_rising may come",
        HEIGHT,
        "40 cm",
    ),
    Fault(
        "second_pump",
        "line",
        "Another pump runs at this rate into the same cannula: at its start it pushes our drug in as a bolus.",
        _second_pump,
        (),
        "our motor gives what was ordered, and the pressure in the shared cannula of a vein rises by less than 1 mmHg; "
        "in a thin one (epidural) it rises by so much that pressure_rising comes, and at a low threshold occlusion",
        RATE,
        "50 mL/h",
    ),
    Fault(
        "infiltrate",
        "patient",
        "The cannula slips out of the vein into the tissue, whose pressure may be given.",
        _infiltrate,
        (),
        "at 5 mL/h tissue adds 2.4 mmHg, which no pressure alarm can see: somebody has to look at the site; only "
        "tissue under 40 mmHg and more may be pressure_rising, and from 100 mmHg or 200 mL/h on, at a low threshold, "
        "an occlusion",
        PRESSURE,
        example_text="20 mmHg",
    ),
    Fault(
        "cuff",
        "patient",
        "A blood-pressure cuff on the same arm closes the vein for so long; then the stored volume runs in.",
        _cuff,
        (),
        "it is over before the line has filled; at a high rate the advice pressure_rising comes, and a long one is an "
        "occlusion",
        DURATION,
        "40 s",
    ),
    Fault(
        "by_proxy",
        "patient",
        "A relative presses the bolus key for the patient, so often, awake or asleep. Who is asleep does not press: "
        "that is what keeps patient-controlled analgesia safe, and it is gone.",
        _by_proxy,
        (),
        "the pump cannot see who presses; lockout and limits hold and are not enough: somebody has to look at the "
        "patient, who breathes less and less",
        DURATION,
        "5 min",
    ),
)
