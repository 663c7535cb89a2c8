"""Therapy files: TOML -> checked fields -> Therapy, with a clear message for whatever is wrong in them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from . import schedule, units
from .errors import BadInput
from .nearest import perhaps
from .options import Option
from .program import Context, Program

if TYPE_CHECKING:
    from .pump import Pump
    from .record import Record
    from .stream import OnEvent, OnTelemetry
    from .therapy_file import TherapyFile

MAX_BYTES = 100_000  # a therapy file is a page of text; anything longer is another file


@dataclass(frozen=True)
class Therapy:
    """A therapy as it was read: what it is, where it comes from, and the program it orders. For teaching only.

    Texts as written, "" where the file does not say. strength: the concentration, None without one. at_ms: time of day
    of the first dose in milliseconds since midnight, None: as soon as it is started. file: its fields.
    """

    name: str
    title: str
    source: str
    note: str
    drug: str
    concentration: str
    route: str
    patient: str
    program: Program
    strength: units.Quantity | None = None
    at_ms: int | None = None
    file: TherapyFile | None = field(default=None, repr=False, compare=False)

    @staticmethod
    def read(name: str | Path) -> Therapy:
        """Return a shipped therapy by its name, or the one in a TOML file. Raises BadInput."""
        path = Path(name)
        if str(name) in shipped():
            text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
        else:
            text = _text_of(path, str(name))
        return Therapy.parse(text, path.name)

    @staticmethod
    def parse(text: str, where: str = "therapy") -> Therapy:
        """Return the therapy that a TOML text describes; `where` begins every line of a message. Raises BadInput."""
        try:
            fields = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError
            raise BadInput(f"{where}: is no valid TOML: {error}") from error
        try:
            return _build(_checked(fields))
        except BadInput as error:
            raise BadInput("\n".join(f"{where}: {line}" for line in str(error).splitlines())) from error

    @property
    def context(self) -> Context:
        """What a change while it runs can lean on: concentration, weight and surface, as far as the file tells them."""
        its = self.file.patient if self.file else None
        weight_kg = units.weight_kg(its.weight) if its and its.weight else None
        surface_m2 = units.surface_m2(its.surface) if its and its.surface else None
        return Context(self.strength, units.Body(weight_kg, surface_m2))

    def with_syringe(self, syringe: str) -> Therapy:
        """Return the same therapy from another syringe. Raises BadInput."""
        return replace(self, program=self.program.with_syringe(syringe))

    def started_at(self, now: str) -> Therapy:
        """Return the same therapy with a pause before it, from the time of day `now` ("07:15") to its first dose.

        Raises BadInput for what is no time of day.
        """
        now_ms = schedule.clock_ms(now, "now")
        if now_ms is None or self.at_ms is None:
            return self
        phases = schedule.waiting(self.program.phases, schedule.wait_ms(self.at_ms, now_ms))
        return replace(self, program=self.program.with_phases(phases), at_ms=None)


def _folder() -> Any:
    return files(__package__) / "therapies"


def shipped() -> list[str]:
    """Return the names of the therapies that come with the package."""
    return sorted(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))


def _text_of(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(
            f"therapy = {name!r}: there is neither a shipped therapy nor a file of that name; "
            f"shipped are: {', '.join(shipped())}{perhaps(name, shipped())}"
        ) from None
    except IsADirectoryError:
        raise BadInput(f"therapy = {name!r}: cannot be read: it is a folder; name a therapy file in it") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"therapy = {name!r}: cannot be read: {error}") from error
    if len(data) > MAX_BYTES:
        raise BadInput(f"therapy = {name!r}: is longer than {MAX_BYTES} bytes; is it a therapy file?")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BadInput(f"therapy = {name!r}: is no text in UTF-8; is it a therapy file?") from None


def _checked(fields: dict[str, Any]) -> TherapyFile:
    from pydantic import ValidationError

    from .therapy_errors import problems
    from .therapy_file import TherapyFile

    try:
        return TherapyFile.model_validate(fields)
    except ValidationError as error:
        raise BadInput("\n".join(problems(error.errors()))) from error


class _Problems:
    """Collects what is wrong, so that a person hears of all of it at once."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def of(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call and return what comes back; None if it raised BadInput, which is kept."""
        try:
            return function(*arguments)
        except BadInput as error:
            self.lines += str(error).splitlines()
            return None

    def end(self) -> None:
        """Raise what was collected, if there is anything."""
        if self.lines:
            raise BadInput("\n".join(dict.fromkeys(self.lines)))


def _build(file: TherapyFile) -> Therapy:
    from . import demand_tables, phase_tables, plausible

    patient, drug = file.patient, file.drug
    found = _Problems()

    def read(function: Callable[[object, str], Any], text: str | None, name: str) -> Any:
        return None if text is None else found.of(function, text, name)

    weight_kg = read(units.weight_kg, patient.weight, "patient weight")
    surface_m2 = read(units.surface_m2, patient.surface, "patient surface")
    age = read(units.age_years, patient.age, "patient age")
    height_m = read(units.height_m, patient.height, "patient height")
    strength = read(units.concentration, drug.concentration, "drug concentration")
    found.of(plausible.body, weight_kg, surface_m2, age, height_m)
    if found.lines:
        found.of(_program, file, [], [])  # what is wrong with the syringe and the alarms hangs on nobody's weight
    found.end()
    context = Context(strength, units.Body(weight_kg, surface_m2))
    phases = found.of(phase_tables.build, file.phases, context)
    its_options = found.of(demand_tables.build, file, context)
    at_ms = found.of(schedule.clock_ms, file.schedule.at, "schedule at") if file.schedule is not None else None
    if phases is not None and file.schedule is not None:
        phases = found.of(schedule.scheduled, phases, file.schedule, context)
    if phases is not None:
        found.of(plausible.rates, phases, drug.route)
    program = found.of(_program, file, phases or [], its_options or [])
    found.end()
    who = (patient.description, patient.age, patient.weight, patient.height, patient.surface)
    return Therapy(
        name=file.name,
        title=file.title,
        source=file.source,
        note=file.note,
        drug=drug.name,
        concentration=drug.concentration or "",
        route=drug.route,
        patient=", ".join(part for part in who if part),
        program=program,
        strength=strength,
        at_ms=at_ms,
        file=file,
    )


def _program(file: TherapyFile, phases: list[Any], its_options: list[Option]) -> Program:
    count = file.syringe.count
    program = Program(
        phases,
        syringe=file.syringe.name,
        filled=file.syringe.filled,
        occlusion=file.alarms.occlusion,
        near_end=file.alarms.near_end,
        options=[*its_options, Option.syringes(count)] if count > 1 else its_options,
        alike=True,
    )
    if phases:
        from .plan import check_count

        check_count(program)
    return program


@runtime_checkable
class Steered(Protocol):
    """An order whose rate a host changes while it runs, such as tci.Tci; name, title and source as of a Therapy.

    folder: where it may keep what a host needs that is started again; set before `steer` if the run has one.
    """

    name: str
    title: str
    source: str
    folder: Path | None

    @property
    def program(self) -> Program:
        """What the pump is given to begin with."""

    def steer(
        self, pump: Pump, record: Record, on_telemetry: OnTelemetry | None, on_event: OnEvent | None
    ) -> tuple[OnTelemetry, OnEvent]:
        """The pump is about to start: return what is to be called at each telemetry and event instead."""


Order = Program | Therapy | Steered | str  # what can be given to a pump; a text names a therapy, or its file


def program_of(order: Order) -> Program:
    """Return the program of whatever can be given to a pump. Raises BadInput for an unknown name or a bad file."""
    if isinstance(order, str):
        order = Therapy.read(order)
    return order if isinstance(order, Program) else order.program
