"""What to infuse, in human units -> the firmware's program in whole numbers, converted once and exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from picoinfuse_firmware import options as option_kinds
from picoinfuse_firmware import program as firmware

from . import units
from .errors import BadInput, Refused
from .library_words import is_of_library, refusal_words
from .options import Option
from .places import place_of, words_of
from .status import explain
from .syringes import Syringe, find

OCCLUSION = "medium"  # the default threshold: 300 mmHg, the middle of what syringe pumps offer (150 to 600 mmHg)
NEAR_END = "3 min"  # the default warning: as long before the end as real syringe pumps give


@dataclass(frozen=True)
class Context:
    """What an order can lean on: the concentration of the drug and the patient's body; `where` begins every message.

    dose_is: the field ("rate" or "volume") that was written as `dose`, so that messages name what was written.
    """

    strength: units.Quantity | None = None
    body: units.Body = field(default_factory=units.Body)
    where: str = ""
    dose_is: str = ""

    @staticmethod
    def of_concentration(concentration: str | None) -> Context:
        """Return what an order leans on that names a concentration, or nothing. Raises BadInput."""
        return Context(None if concentration is None else units.concentration(concentration))

    def of(self, name: str) -> str:
        """Return the full name of a field as it was written, for messages."""
        name = self.written(name)
        return f"{self.where} {name}" if self.where else name

    def written(self, name: str) -> str:
        """Return the name of a field as it was written: `dose`, or its own."""
        return "dose" if name == self.dose_is else name

    def rate(self, text: object, name: str = "rate") -> units.Rate:
        """Return a rate above 0; "4-2-1" is the rule by body weight."""
        if isinstance(text, str) and text.strip() == units.FOUR_TWO_ONE:
            return units.four_two_one(self.body, self.of(name))
        result = units.rate(text, self.of(name), self.strength, self.body)
        if result.nl == 0:
            raise BadInput(f"{self.of(name)} = {text!r}: must be more than 0; to stand still use a pause")
        return result

    def is_rate(self, text: object, name: str) -> bool:
        """Return whether the text is something per time."""
        return units.quantity(text, self.of(name)).has("[time]")

    def duration(self, text: object, name: str = "duration") -> int:
        """Return milliseconds above 0."""
        result = units.duration_ms(text, self.of(name))
        if result == 0:
            raise BadInput(f"{self.of(name)} = {text!r}: must be more than 0")
        return result

    def volume(self, text: object, name: str = "volume") -> Fraction:
        """Return exact nanolitres above 0; a volume typed as a volume is a whole number of them."""
        full_name = self.of(name)
        if dict(units.quantity(text, full_name, "10 mL").dimensions) == {"[volume]": 1}:
            exact = Fraction(units.volume_nl(text, full_name))
        else:
            asked = units.dose(text, full_name, self.strength, self.body, "10 mL")
            if asked.has("[time]"):
                raise BadInput(f"{full_name} = {text!r}: is a rate, not a volume; write e.g. {name} = '10 mL'")
            exact = asked.value * 1_000_000_000
        if exact > units.MAX_VOLUME_NL:
            raise BadInput(f"{self.of(name)} = {text!r}: is more than 20 L; is the unit right?")
        if exact < 1:
            raise BadInput(f"{self.of(name)} = {text!r}: must be at least 1 nL")
        return exact


@dataclass(frozen=True)
class Phase:
    """One phase of a program, made by one of the functions below; all take text with units.

    compiled: the firmware's phase in whole numbers. typed: the fields as they were written. exact_nl: the exact volume
    where it was derived from a dose and is no whole number of nanolitres, else None; it is floored to travel, never
    more than ordered. place: the part of a file that it comes from, "" if from none. Every function raises BadInput.
    """

    compiled: Any  # picoinfuse_firmware.program.Phase
    typed: tuple[tuple[str, str], ...] = ()
    exact_nl: Fraction | None = None
    place: str = ""

    @property
    def kind(self) -> str:
        """rate, ramp, pause, bolus, kvo or repeat."""
        return str(self.compiled.kind)

    @staticmethod
    def rate(
        rate: str | None = None,
        *,
        volume: str | None = None,
        duration: str | None = None,
        context: Context | None = None,
    ) -> Phase:
        """Infuse at a constant rate until `volume` is given or `duration` is over, whichever comes first.

        Without a rate: `volume` over `duration`, at the exact rate that follows.
        """
        its = context or Context()
        if volume is None and duration is None:
            raise BadInput(f"{its.of('volume')}: is missing; without a volume or a duration the phase has no end")
        if rate is None and (volume is None or duration is None):
            raise BadInput(f"{its.of('rate')}: is missing; give a rate, or both a volume and a duration")
        exact = its.volume(volume) if volume is not None else Fraction(0)
        over_ms = its.duration(duration) if duration is not None else 0
        if rate is not None:
            speed = its.rate(rate)
        else:
            speed = units.rate_of(
                exact / over_ms / 1_000_000, its.of("volume over duration"), f"{volume} in {duration}"
            )
            over_ms = 0  # the volume ends it
        compiled = firmware.Phase(firmware.RATE, speed.nl, speed.ms, int(exact), over_ms)
        typed = _typed(**{its.written("rate"): rate, its.written("volume"): volume, "duration": duration})
        return Phase(compiled, typed, _derived(exact), its.where)

    @staticmethod
    def ramp(rate: str, to: str, duration: str, *, context: Context | None = None) -> Phase:
        """Change the rate linearly in time from `rate` to `to` over `duration`."""
        its = context or Context()
        start, end = its.rate(rate), its.rate(to, "to")
        over_ms = its.duration(duration)
        compiled = firmware.Phase(firmware.RAMP, start.nl, start.ms, 0, over_ms, end.nl, end.ms)
        return Phase(compiled, _typed(rate=rate, to=to, duration=duration), None, its.where)

    @staticmethod
    def ramp_of(start: units.Rate, end: units.Rate, over_ms: int, *, place: str = "", **typed: str) -> Phase:
        """Return a ramp between rates that were reckoned; typed: what they follow from, as it was written."""
        compiled = firmware.Phase(firmware.RAMP, start.nl, start.ms, 0, over_ms, end.nl, end.ms)
        return Phase(compiled, _typed(**typed), None, place)

    @staticmethod
    def flat_of(rate: units.Rate, over_ms: int, *, place: str = "", **typed: str) -> Phase:
        """Return a constant rate that was reckoned, for so long; typed: what it follows from, as it was written."""
        return Phase(firmware.Phase(firmware.RATE, rate.nl, rate.ms, 0, over_ms), _typed(**typed), None, place)

    @staticmethod
    def pause(duration: str, *, context: Context | None = None) -> Phase:
        """Give nothing for `duration`."""
        its = context or Context()
        compiled = firmware.Phase(firmware.PAUSE, duration_ms=its.duration(duration))
        return Phase(compiled, _typed(duration=duration), None, its.where)

    @staticmethod
    def gap_of(over_ms: int, rate: units.Rate | None = None, *, place: str = "") -> Phase:
        """Return a time that was reckoned in which nothing is given, or the vein is kept open at `rate`."""
        if rate is None:
            return Phase(firmware.Phase(firmware.PAUSE, duration_ms=over_ms), (), None, place)
        return Phase(firmware.Phase(firmware.KVO, rate.nl, rate.ms, 0, over_ms), (), None, place)

    @staticmethod
    def bolus(volume: str, rate: str, *, context: Context | None = None) -> Phase:
        """Give `volume` at `rate` beside the phases that follow; it takes no time of its own."""
        its = context or Context()
        exact, speed = its.volume(volume), its.rate(rate)
        compiled = firmware.Phase(firmware.BOLUS, speed.nl, speed.ms, int(exact))
        typed = _typed(**{its.written("volume"): volume, "rate": rate})
        return Phase(compiled, typed, _derived(exact), its.where)

    @staticmethod
    def kvo(rate: str, duration: str | None = None, *, context: Context | None = None) -> Phase:
        """Keep the vein open at `rate`; without a duration until it is stopped, and then only as the last phase."""
        its = context or Context()
        speed = its.rate(rate)
        over_ms = its.duration(duration) if duration is not None else 0
        compiled = firmware.Phase(firmware.KVO, speed.nl, speed.ms, 0, over_ms)
        return Phase(compiled, _typed(rate=rate, duration=duration), None, its.where)

    @staticmethod
    def repeat(times: int, first: int = 1, *, context: Context | None = None) -> Phase:
        """Go back to phase number `first` (the first one is 1) until all from there to here has run `times` times."""
        its = context or Context()
        for name, value in (("times", times), ("first", first)):
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100_000:
                raise BadInput(f"{its.of(name)} = {value!r}: must be a whole number from 1 to 100000")
        compiled = firmware.Phase(firmware.REPEAT, to_nl=first - 1, to_ms=times)
        return Phase(compiled, _typed(times=str(times), first=str(first)), None, its.where)

    def going_back_to(self, index: int) -> Phase:
        """Return this repeat with another phase of the program (counted from 0) to go back to."""
        compiled = firmware.Phase(firmware.REPEAT, to_nl=index, to_ms=self.compiled.to_ms)
        typed = _typed(times=str(self.compiled.to_ms), first=str(index + 1))
        return Phase(compiled, typed, None, self.place)


def _typed(**fields: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields.items() if value is not None)


def _derived(exact: Fraction) -> Fraction | None:
    return exact if exact.denominator != 1 else None


class Program:
    """A syringe, the phases to infuse from it, and the options; not to be changed once made.

    syringe: a name from the catalogue, or a Syringe. filled: the fluid in it (default: full). occlusion: the alarm
    threshold, "low", "medium", "high" or a pressure such as "300 mmHg". near_end: how long before the end to warn
    ("0 min": not). alike: the syringes that are planned to follow are filled as the first one, not full. Raises
    BadInput.
    """

    def __init__(
        self,
        phases: Iterable[Phase],
        *,
        syringe: str | Syringe = "BD 60 mL",
        filled: str | None = None,
        occlusion: str = OCCLUSION,
        near_end: str = NEAR_END,
        options: Iterable[Option] = (),
        alike: bool = False,
    ) -> None:
        self.phases = tuple(phases)
        self.options = tuple(options)
        self.alike = alike
        self.syringe = find(syringe)
        self.typed = (filled, occlusion, near_end)  # as they were written
        self.filled_nl = self.syringe.capacity_nl if filled is None else units.volume_nl(filled, "syringe filled")
        self.occlusion_mmhg = units.occlusion_mmhg(occlusion, "alarms occlusion")
        self.near_end_ms = units.duration_ms(near_end, "alarms near_end")

    @classmethod
    def continuous(
        cls,
        rate: str,
        volume: str | None = None,
        *,
        duration: str | None = None,
        syringe: str | Syringe = "BD 60 mL",
        filled: str | None = None,
        occlusion: str = OCCLUSION,
        near_end: str = NEAR_END,
        options: Iterable[Option] = (),
    ) -> Program:
        """Return the program of one constant rate, until `volume` is given or `duration` is over."""
        phase = Phase.rate(rate, volume=volume, duration=duration)
        return cls([phase], syringe=syringe, filled=filled, occlusion=occlusion, near_end=near_end, options=options)

    @cached_property
    def compiled(self) -> Any:
        """The same as a picoinfuse_firmware.program.Program: what travels, in whole numbers."""
        its = self.syringe
        return firmware.Program(
            its.barrel_um,
            its.capacity_nl,
            self.filled_nl,
            its.friction_mn,
            self.occlusion_mmhg,
            self.near_end_ms,
            [phase.compiled for phase in self.phases],
            [option.compiled for option in self.options],
        )

    @property
    def check(self) -> str:
        """The check value that the pump must answer when it understood the same."""
        return str(self.compiled.check())

    @property
    def refill_nl(self) -> int:
        """What is in the next syringe, in nanolitres: it is full if it was planned (but `alike`), else as the first."""
        return self.filled_nl if self.alike or self.syringes == 1 else self.syringe.capacity_nl

    @property
    def syringes(self) -> int:
        """How many syringes are planned, the first one included."""
        return int(option_kinds.syringes(self.compiled))

    @property
    def volume_nl(self) -> int:
        """What the program orders in all, in nanolitres, keep-vein-open apart."""
        return int(self.compiled.volume_nl())

    @property
    def duration_ms(self) -> int:
        """How long it takes, in milliseconds; -1: until it is stopped."""
        return int(self.compiled.duration_ms())

    def check_limits(self, config: Any = None) -> None:
        """Ask the firmware's limits for an early answer. Raises Refused with the place; the pump decides in any case.

        config: the drive, a picoinfuse_firmware.config.Config (default: the house's).
        """
        from picoinfuse_firmware import program_limits
        from picoinfuse_firmware.config import Config

        refusal = program_limits.program(self.compiled, config or Config())
        if refusal is not None:
            reason, value, limit = refusal
            raise self.explained(Refused(reason, value, limit, explain(reason, value, limit)))

    @property
    def drug_unit(self) -> str:
        """The pump's unit of the drug in the syringe; "" if the program does not say which drug it is."""
        drug = option_kinds.find(self.compiled, option_kinds.DRUG)
        return str(drug.what.partition(".")[2]) if drug else ""

    def explained(self, refusal: Refused, asked: str = "") -> Refused:
        """Return a refusal with the name and value of the field it is about put before it.

        asked: of a change while the program runs: it is what was asked for that is wrong, and no field of the program.
        """
        reason, value, limit = refusal.reason, refusal.value, refusal.limit
        if is_of_library(reason) and (self.drug_unit or reason == "soft_limit.drug"):
            return Refused(reason, value, limit, refusal_words(reason, value, limit, self.drug_unit))
        place = place_of(self, reason, value, limit)
        if place and asked:
            place = asked
        words = words_of(self, reason, value, limit) or str(refusal)
        return Refused(reason, value, limit, f"{place}: {words}" if place else words)

    def with_options(self, *options: Option) -> Program:
        """Return the same order with these options in place of those of their kinds."""
        kinds = {option.kind for option in options}
        kept = [option for option in self.options if option.kind not in kinds]
        return self._with(self.phases, self.syringe, [*kept, *options])

    def with_syringe(self, syringe: str | Syringe) -> Program:
        """Return the same order from another syringe, filled alike. Raises BadInput if it is unknown."""
        return self._with(self.phases, syringe, self.options)

    def with_phases(self, phases: Iterable[Phase]) -> Program:
        """Return the same order with other phases."""
        return self._with(phases, self.syringe, self.options)

    def _with(self, phases: Iterable[Phase], syringe: str | Syringe, options: Iterable[Option]) -> Program:
        filled, occlusion, near_end = self.typed
        return Program(
            phases,
            syringe=syringe,
            filled=filled,
            occlusion=occlusion,
            near_end=near_end,
            options=options,
            alike=self.alike,
        )
