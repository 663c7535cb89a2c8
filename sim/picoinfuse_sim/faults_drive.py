"""What can go wrong with drive and syringe: rows of the fault catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from picoinfuse import syringes

from .fault_text import DURATION, FACTOR, FRACTION, LENGTH, SYRINGE, Fault, later

if TYPE_CHECKING:
    from .bench import Bench

OTHER_BARREL_UM = 1000  # a syringe whose barrel differs by more than this is another size for anybody who looks


# --- drive ---------------------------------------------------------------------------------------------------------


def _stall(bench: Bench, for_s: float | None) -> None:
    bench.drive.stall()
    later(bench, for_s, lambda: bench.drive.stall(False))


def _slip(bench: Bench, fraction: float) -> None:
    bench.drive.slip(fraction)


def _overturn(bench: Bench, fraction: float) -> None:
    bench.drive.slip(-fraction)


def _weaken(bench: Bench, fraction: float) -> None:
    bench.drive.weaken(fraction)


def _uncouple(bench: Bench, for_s: float | None) -> None:
    bench.plant.disengage(True)
    later(bench, for_s, lambda: bench.plant.disengage(False))


def _backlash(bench: Bench, um: float) -> None:
    bench.drive.set_backlash(um)


# --- syringe -------------------------------------------------------------------------------------------------------


def _empty(bench: Bench, _: None) -> None:
    bench.plant.empty()


def _remove(bench: Bench, for_s: float | None) -> None:
    bench.plant.remove()
    later(bench, for_s, bench.plant.put_back)


def _wrong(bench: Bench, name: str | None) -> None:
    if name is None:
        fitted_um = bench.syringe.kind.barrel_um
        name = next(
            known for known in syringes.catalogue() if abs(syringes.find(known).barrel_um - fitted_um) > OTHER_BARREL_UM
        )
    bench.change_syringe(name)


def _uncapture(bench: Bench, for_s: float | None) -> None:
    bench.plant.capture(False)
    later(bench, for_s, lambda: bench.plant.capture(True))


def _sticky(bench: Bench, factor: float) -> None:
    bench.plant.stick(factor, 1 / 3)


def _dry(bench: Bench, factor: float) -> None:
    bench.plant.scale_friction(factor)


def _cover(bench: Bench, for_s: float | None) -> None:
    bench.senses.open_cover()
    later(bench, for_s, lambda: bench.senses.open_cover(False))


DRIVE_AND_SYRINGE = (
    Fault(
        "stall",
        "drive",
        "The motor gets its steps and the screw stands still: a wire is off. It is seen after a fiftieth of a turn: "
        "4 s at 50 mL/h, a minute and a half at 1 mL/h with 60 mL; one that ends before that is not.",
        _stall,
        ("motor_stalled",),
        argument=DURATION,
        example_text="5 min",
    ),
    Fault(
        "slip",
        "drive",
        "This fraction of the steps is lost: below a tenth is within what a pump may do, above a half is a stall.",
        _slip,
        ("under_delivery", "motor_stalled"),
        argument=FRACTION,
        default_text="0.2",
    ),
    Fault(
        "overturn",
        "drive",
        "The screw turns further than told by this fraction: below a tenth is within what a pump may do.",
        _overturn,
        ("over_delivery",),
        argument=FRACTION,
        default_text="0.2",
    ),
    Fault(
        "thrust_low",
        "drive",
        "Only this fraction of the motor's thrust is left; it loses steps where the plunger resists more. Of a good "
        "motor a tenth is enough with an open line.",
        _weaken,
        ("motor_stalled", "under_delivery"),
        argument=FRACTION,
        default_text="0.004",
    ),
    Fault(
        "coupling",
        "drive",
        "The screw turns and the encoder sees it, but the pusher does not move: the coupling or the nut is off. "
        "Before the plunger was pushed for the first time it is seen later, at 0.1 mL/h after hours.",
        _uncouple,
        ("not_engaged",),
        argument=DURATION,
        example_text="1 min",
    ),
    Fault(
        "backlash",
        "drive",
        "The nut is worn: after a change of direction the screw turns so far before the pusher moves.",
        _backlash,
        (),
        "the encoder sits before the nut; the pump turns back only to relieve an occlusion, and gives too little once, "
        "by this much travel",
        LENGTH,
        "0.5 mm",
    ),
    Fault("empty", "syringe", "The plunger meets the end of the barrel.", _empty, ("empty",)),
    Fault(
        "remove_syringe",
        "syringe",
        "Somebody takes the syringe out of the clamp while it infuses; with a duration it is put back.",
        _remove,
        ("syringe_removed",),
        argument=DURATION,
    ),
    Fault(
        "wrong_syringe",
        "syringe",
        "A full syringe of another size is put in; without a name, one that is not to be mistaken by its barrel. One "
        "whose barrel differs by less than 0.3 mm passes for the right one (Monoject 60 mL for BD 60 mL): if anything "
        "is told then, it is that its plunger is not pushed yet or rubs otherwise, not_engaged or pressure_rising.",
        _wrong,
        ("syringe_unknown",),
        argument=SYRINGE,
    ),
    Fault(
        "uncaptured",
        "syringe",
        "The plunger's flange is not held: the pusher can press and not hold back, so the syringe siphons.",
        _uncapture,
        (),
        "nothing senses the flange; with the pump above the patient the fluid runs in by itself, and only from about "
        "a metre on, where the pusher has nothing to press on, it may be not_engaged",
        DURATION,
    ),
    Fault(
        "sticky",
        "syringe",
        "From here on over a third of its travel the plunger rubs so many times as much.",
        _sticky,
        (),
        "the line is open, so an occlusion alarm would be false; the advice pressure_rising may come, for it rises; "
        "at a low threshold, or from three times on, it is taken for an occlusion",
        FACTOR,
        "2",
    ),
    Fault(
        "dry",
        "syringe",
        "The silicone oil is gone: the plunger rubs so many times as much from now on.",
        _dry,
        (),
        "the line is open, so an occlusion alarm would be false; the advice pressure_rising may come, for it rises; "
        "at a low threshold, or from three times on, it is taken for an occlusion",
        FACTOR,
        "1.5",
    ),
    Fault(
        "cover",
        "syringe",
        "The cover is opened while it infuses; with a duration it is closed again.",
        _cover,
        ("cover_open",),
        argument=DURATION,
    ),
)
