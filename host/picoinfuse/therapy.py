"""Therapy files: TOML -> checked fields -> Therapy, with one clear message for whatever is wrong in them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import units
from .configuration_fields import SECTIONS
from .errors import BadInput
from .nearest import perhaps
from .program import Context, Program

if TYPE_CHECKING:
    from .therapy_file import TherapyFile

MAX_BYTES = 100_000  # a therapy file is a page of text; anything longer is another file
SPELLED = "is it spelled right?"


@dataclass(frozen=True)
class Therapy:
    """A therapy as it was read: what it is, where it comes from, and the program it orders. For teaching only.

    drug, concentration, route, patient: as written, "" where the file does not say.
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
        """Return the therapy that a TOML text describes; `where` begins every message. Raises BadInput."""
        try:
            fields = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadInput(f"{where}: is no valid TOML: {error}") from error
        try:
            return _build(_checked(fields))
        except BadInput as error:
            raise BadInput(f"{where}: {error}") from error

    def with_syringe(self, syringe: str) -> Therapy:
        """Return the same therapy from another syringe. Raises BadInput."""
        return Therapy(**{**vars(self), "program": self.program.with_syringe(syringe)})


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

    from .therapy_file import TherapyFile

    try:
        return TherapyFile.model_validate(fields)
    except ValidationError as error:
        # A misspelt field is also a missing one; the spelling is what helps.
        raise BadInput(_say(min(error.errors(), key=lambda one: one["type"] != "extra_forbidden"))) from error


def _say(error: Any) -> str:
    """Return one of pydantic's errors in our words."""
    loc = list(error["loc"])
    if len(loc) > 1 and loc[0] == "phases":
        loc = [f"phase {loc[1] + 1}", *loc[3:]]  # between them stands the kind, by which pydantic chose the fields
    name = " ".join(str(part) for part in loc)
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"{name}: is missing; add it"
    if kind in ("model_type", "model_attributes_type", "list_type"):
        what = "each phase stands under its own [[phases]]" if kind == "list_type" else f"write it as a table [{name}]"
        return f"{name} = {value!r}: {what}"
    if kind == "extra_forbidden" and isinstance(value, (dict, list)):
        looks = "is this the configuration of a pump (picoinfuse config check)?" if name in SECTIONS else SPELLED
        return f"[{name}]: there is no such field in a therapy; {looks}"
    if kind == "extra_forbidden":
        return f"{name} = {value!r}: there is no such field; {SPELLED}"
    if kind == "literal_error":
        return f"{name} = {value!r}: is not one of {limits['expected']}"
    if kind == "union_tag_invalid":
        return f"{name} kind = {limits['tag']!r}: is not one of {limits['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"{name} kind: is missing; add it"
    if kind == "string_type":
        return f"{name} = {value!r}: must be text in quotes, a number with its unit"
    if kind == "value_error":
        return f"{name} = {value!r}: {limits['error']}"
    return f"{name} = {value!r}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _build(file: TherapyFile) -> Therapy:
    patient, drug, alarms = file.patient, file.drug, file.alarms
    weight = units.weight_kg(patient.weight, "patient weight") if patient.weight is not None else None
    surface = units.surface_m2(patient.surface, "patient surface") if patient.surface is not None else None
    strength = units.concentration(drug.concentration, "drug concentration") if drug.concentration is not None else None
    body = units.Body(weight, surface)
    phases = [phase.build(Context(strength, body, f"phase {n}")) for n, phase in enumerate(file.phases, 1)]
    program = Program(
        phases,
        syringe=file.syringe.name,
        filled=file.syringe.filled,
        occlusion=alarms.occlusion,
        near_end=alarms.near_end,
    )
    who = ", ".join(part for part in (patient.description, patient.weight, patient.surface) if part)
    return Therapy(
        name=file.name,
        title=file.title,
        source=file.source,
        note=file.note,
        drug=drug.name,
        concentration=drug.concentration or "",
        route=drug.route,
        patient=who,
        program=program,
    )


Order = Program | Therapy | str  # what can be given to a pump; a text is the name of a therapy, or of its file


def program_of(order: Order) -> Program:
    """Return the program of whatever can be given to a pump. Raises BadInput for an unknown name or a bad file."""
    if isinstance(order, str):
        order = Therapy.read(order)
    return order if isinstance(order, Program) else order.program
