"""The phases of a therapy file: the fields of each kind, and the phases of a program that they become."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from picoinfuse_firmware.limits import MIN_RATE_NL_H

from . import units
from .errors import BadInput
from .program import Context, Phase
from .table import QUANTITY, Table, quantity, whole

RATE_PATTERN = rf"^\s*4-2-1\s*$|{QUANTITY}"
DOSE = "amount of drug, or volume, in all or per time: it stands for `volume` or `rate`"


def dose_for(
    context: Context, dose: str | None, volume: str | None, rate: str | None
) -> tuple[str | None, str | None, Context]:
    """Return (rate, volume) with `dose` put in the place it stands for: "2 mU/min" is a rate, "1 g" a volume.

    Also returns the context that knows which of them was written as `dose`.
    """
    if dose is None:
        return rate, volume, context
    if context.is_rate(dose, "dose"):
        if rate is not None:
            raise BadInput(f"{context.of('dose')} = {dose!r}: there is a rate = {rate!r} too; leave one of them away")
        return dose, volume, replace(context, dose_is="rate")
    if volume is not None:
        raise BadInput(f"{context.of('dose')} = {dose!r}: there is a volume = {volume!r} too; leave one of them away")
    return rate, dose, replace(context, dose_is="volume")


def amount_for(context: Context, dose: str | None, volume: str | None, what: str) -> tuple[str, Context]:
    """Return the volume of something that is given as a whole, written as `dose` or as `volume`, and its context."""
    if dose is not None and context.is_rate(dose, "dose"):
        raise BadInput(f"{context.of('dose')} = {dose!r}: is a rate; {what} is an amount, e.g. dose = '1 mg'")
    _, volume, context = dose_for(context, dose, volume, None)
    if volume is None:
        raise BadInput(f"{context.of('volume')}: is missing; {what} has a volume or a dose")
    return volume, context


class RatePhase(Table):
    """A constant rate until the volume is given or the duration is over; two of the three at least."""

    kind: Literal["rate"]
    rate: str | None = quantity("of flow; `4-2-1` is the rule by body weight", "40 mL/h", pattern=RATE_PATTERN)
    dose: str | None = quantity(DOSE, "2400 mg/m2")
    volume: str | None = quantity("ends the phase when it is given", "40 mL")
    duration: str | None = quantity("ends the phase, or with a volume alone makes the rate", "46 h")

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        rate, volume, context = dose_for(context, self.dose, self.volume, self.rate)
        return [Phase.rate(rate, volume=volume, duration=self.duration, context=context)]


class RampPhase(Table):
    """From one rate to another, linear in time."""

    kind: Literal["ramp"]
    rate: str = quantity("at the beginning", "5 mL/h", ..., pattern=RATE_PATTERN)
    to: str = quantity("at the end", "30 mL/h", ..., pattern=RATE_PATTERN)
    duration: str = quantity("from one to the other", "10 min", ...)

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        return [Phase.ramp(self.rate, self.to, self.duration, context=context)]


class CyclicPhase(Table):
    """A volume over a time with a ramp up and a taper, as nutrition is given by night; the plateau follows from them.

    Plateau = volume / (duration - (up + down) / 2), less a trifle: both ramps end at the pump's lowest rate, not at 0.
    """

    kind: Literal["cyclic"]
    volume: str = quantity("in all", "2000 mL", ...)
    duration: str = quantity("in all, ramps included", "12 h", ...)
    up: str = quantity("of the ramp at the beginning", "1 h", ...)
    down: str = quantity("of the taper at the end", "1 h", ...)

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        volume_nl = context.volume(self.volume)
        whole_ms = context.duration(self.duration)
        up_ms, down_ms = context.duration(self.up, "up"), context.duration(self.down, "down")
        flat_ms = whole_ms - up_ms - down_ms
        if flat_ms <= 0:
            raise BadInput(
                f"{context.of('duration')} = {self.duration!r}: is not longer than up = {self.up!r} and down = "
                f"{self.down!r} together; write a longer one, or shorter ramps"
            )
        edge = Fraction(MIN_RATE_NL_H, units.MS_PER_H)  # nL/ms: the pump has no lower rate to begin a ramp with
        plateau = (volume_nl - edge * Fraction(up_ms + down_ms, 2)) / (whole_ms - Fraction(up_ms + down_ms, 2))
        if plateau <= edge:
            raise BadInput(
                f"{context.of('volume')} = {self.volume!r}: is so little in {self.duration!r} that the rate would stay "
                f"below {float(edge) * 3.6:g} mL/h, the lowest of the pump; write more, or a shorter duration"
            )
        rate = units.rate_of(plateau / 1_000_000, context.of("volume over duration"), self.volume)
        low = units.rate_of(edge / 1_000_000, "edge", "")
        return [
            Phase.ramp_of(low, rate, up_ms, up=self.up, place=context.where),
            Phase.flat_of(rate, flat_ms, volume=self.volume, duration=self.duration, place=context.where),
            Phase.ramp_of(rate, low, down_ms, down=self.down, place=context.where),
        ]


class PausePhase(Table):
    """Nothing, for a while."""

    kind: Literal["pause"]
    duration: str = quantity("how long", "5 min", ...)

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        return [Phase.pause(self.duration, context=context)]


class BolusPhase(Table):
    """A volume or dose at its own rate, beside the phases that follow; it takes no time of its own."""

    kind: Literal["bolus"]
    rate: str = quantity("of the bolus itself", "60 mL/h", ...)
    volume: str | None = quantity("of the bolus", "2 mL")
    dose: str | None = quantity("amount of drug, in place of the volume", "0.1 mg/kg")

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        volume, context = amount_for(context, self.dose, self.volume, "a bolus")
        return [Phase.bolus(volume, self.rate, context=context)]


class KvoPhase(Table):
    """Keep the vein open; its volume is accounted for apart from the dose."""

    kind: Literal["kvo"]
    rate: str = quantity("at most 5 mL/h", "3 mL/h", ...)
    duration: str | None = quantity(
        "how long; without it until it is stopped, and then only as the last phase", "10 min"
    )

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        return [Phase.kvo(self.rate, self.duration, context=context)]


class RepeatPhase(Table):
    """Again from phase number `first` (the first one is 1), `times` times in all."""

    kind: Literal["repeat"]
    times: int = whole("how often in all", 2, ..., least=1, most=1000)
    first: int = whole("number of the phase to go back to", 1, 1, least=1, most=32)

    def build(self, context: Context) -> list[Phase]:
        """Return the phases it describes. Raises BadInput."""
        return [Phase.repeat(self.times, self.first, context=context)]


KINDS = (RatePhase, RampPhase, CyclicPhase, PausePhase, BolusPhase, KvoPhase, RepeatPhase)
AnyPhase = Annotated[
    RatePhase | RampPhase | CyclicPhase | PausePhase | BolusPhase | KvoPhase | RepeatPhase,
    Field(discriminator="kind"),
]


def build(tables: list[AnyPhase], context: Context) -> list[Phase]:
    """Return the phases of a program that the tables of a file describe. Raises BadInput, a line for each problem.

    A table may become more than one phase of the program, so a repeat is told where its first one is there.
    """
    made: list[Phase] = []
    begins: list[int] = []  # of each table, its first phase in the program
    problems: list[str] = []
    for number, table in enumerate(tables, 1):
        its = replace(context, where=f"phase {number}")
        begins.append(len(made))
        try:
            phases = table.build(its)
        except BadInput as error:
            problems.append(str(error))
            continue
        if isinstance(table, RepeatPhase):
            if table.first >= number:
                problems.append(
                    f"{its.of('first')} = {table.first}: is not before the repeat itself; write 1 to {number - 1}"
                    if number > 1
                    else f"{its.of('kind')} = 'repeat': there is no phase before it; put what is repeated before it"
                )
                continue
            phases = [phases[0].going_back_to(begins[table.first - 1])]
        made += phases
    if problems:
        raise BadInput("\n".join(problems))
    return made
