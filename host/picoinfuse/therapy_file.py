"""The fields of a therapy file, declared once for pydantic: strict, and nothing beside them is allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .errors import BadInput
from .program import NEAR_END, OCCLUSION, Context, Phase

NOT_A_PUMP_ROUTE = (
    "is not a pump route: a muscle is given one small injection by hand, not an infusion; "
    "write the order for another route"
)
ROUTES = (
    "intravenous",
    "central intravenous",
    "subcutaneous",
    "epidural",
    "intrathecal",
    "intra-arterial",
    "intraperitoneal",
)


def _route(value: str) -> str:
    if value in ("intramuscular", "IM", "im"):
        raise ValueError(NOT_A_PUMP_ROUTE)
    if value not in ROUTES:
        raise ValueError(f"is not one of {', '.join(ROUTES)}")
    return value


def _name(value: str) -> str:
    if not value or not all(c.isascii() and (c.isalnum() or c in "-_") for c in value):
        raise ValueError("must be letters, digits, - and _ only: the folders of its records carry it")
    return value


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PatientTable(_Table):
    """[patient]: weight "10 kg" and surface "1.8 m2" are needed only for doses per kg or per m2."""

    description: str = Field(default="", max_length=200)
    weight: str | None = None
    surface: str | None = None


class DrugTable(_Table):
    """[drug]: concentration ("10 mU/mL", "1 g in 50 mL") is needed only for doses of drug."""

    name: str = Field(min_length=1, max_length=200)
    concentration: str | None = None
    route: Annotated[str, AfterValidator(_route)] = "intravenous"


class SyringeTable(_Table):
    """[syringe]: a name of the catalogue, and the fluid in it (default: full)."""

    name: str
    filled: str | None = None


class AlarmsTable(_Table):
    """[alarms]: the occlusion threshold (low, medium, high or a pressure), and how long before the end to warn."""

    occlusion: str = OCCLUSION
    near_end: str = NEAR_END


def _dose_for(
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


class RatePhase(_Table):
    """A constant rate until the volume is given or the duration is over; two of the three at least."""

    kind: Literal["rate"]
    rate: str | None = None
    dose: str | None = None
    volume: str | None = None
    duration: str | None = None

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        rate, volume, context = _dose_for(context, self.dose, self.volume, self.rate)
        return Phase.rate(rate, volume=volume, duration=self.duration, context=context)


class RampPhase(_Table):
    """From one rate to another, linear in time."""

    kind: Literal["ramp"]
    rate: str
    to: str
    duration: str

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        return Phase.ramp(self.rate, self.to, self.duration, context=context)


class PausePhase(_Table):
    """Nothing, for a while."""

    kind: Literal["pause"]
    duration: str

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        return Phase.pause(self.duration, context=context)


class BolusPhase(_Table):
    """A volume or dose at its own rate, beside the phases that follow."""

    kind: Literal["bolus"]
    rate: str
    volume: str | None = None
    dose: str | None = None

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        if self.dose is not None and context.is_rate(self.dose, "dose"):
            raise BadInput(f"{context.of('dose')} = {self.dose!r}: is a rate; a bolus is an amount, e.g. dose = '1 mg'")
        _, volume, context = _dose_for(context, self.dose, self.volume, None)
        if volume is None:
            raise BadInput(f"{context.of('volume')}: is missing; a bolus has a volume or a dose")
        return Phase.bolus(volume, self.rate, context=context)


class KvoPhase(_Table):
    """Keep the vein open."""

    kind: Literal["kvo"]
    rate: str
    duration: str | None = None

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        return Phase.kvo(self.rate, self.duration, context=context)


class RepeatPhase(_Table):
    """Again from phase number `first` (the first one is 1), `times` times in all."""

    kind: Literal["repeat"]
    times: int
    first: int = 1

    def build(self, context: Context) -> Phase:
        """Return the phase it describes. Raises BadInput."""
        return Phase.repeat(self.times, self.first, context=context)


AnyPhase = Annotated[
    RatePhase | RampPhase | PausePhase | BolusPhase | KvoPhase | RepeatPhase, Field(discriminator="kind")
]


class TherapyFile(_Table):
    """The whole file."""

    name: Annotated[str, Field(max_length=40), AfterValidator(_name)]
    title: str = Field(min_length=1, max_length=200)
    source: str = Field(min_length=1, max_length=400)
    note: str = Field(default="", max_length=1000)
    patient: PatientTable = PatientTable()
    drug: DrugTable
    syringe: SyringeTable
    alarms: AlarmsTable = AlarmsTable()
    phases: list[AnyPhase] = Field(min_length=1)
