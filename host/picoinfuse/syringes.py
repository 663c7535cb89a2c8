"""The syringe catalogue: name -> diameter, capacity, friction, compliance, in whole numbers; yours goes before ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from picoinfuse_firmware import limits, program_limits
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

from . import syringe_file
from .errors import BadInput
from .nearest import perhaps

# Capacity in mL and lowest sensible rate in mL/h of a real pump (Perfusor compact plus).
LOWEST_ML_H = ((30, 1.0), (20, 0.5), (10, 0.1), (5, 0.05))
SHIPPED = "shipped"


@dataclass(frozen=True)
class Syringe:
    """One kind of syringe.

    barrel_um: inner diameter in micrometres; capacity_nl: what the barrel holds in nanolitres; friction_mn: of the
    plunger in millinewton; compliance_nl_mmhg: how many nanolitres it swells per mmHg. The origin of the values is told
    at the head of syringes.toml. A syringe of your own: `Syringe("mine", 20_100, 20_000_000, 2_500, 1_600)`, or a row
    in your own file. source: whose it is, with date and factor of a calibration. made_um: the diameter
    that the catalogue gave to one that was calibrated since; 0: it was not.
    """

    name: str
    barrel_um: int
    capacity_nl: int
    friction_mn: int
    compliance_nl_mmhg: int
    source: str = field(default="", compare=False)
    made_um: int = field(default=0, compare=False)

    @property
    def lowest_ml_h(self) -> float:
        """The lowest sensible rate in mL/h: below it a plunger of this size moves by jerks. The pump takes less."""
        return next((low for capacity_ml, low in LOWEST_ML_H if self.capacity_nl >= capacity_ml * 1_000_000), 0.01)

    @property
    def highest_ml_h(self) -> float:
        """The highest rate in mL/h that the house's drive reaches with it."""
        config = Config()
        return float(limits.max_rate_nl_h(config, step_of(config, self.barrel_um))) / 1e6

    @property
    def occlusion_levels(self) -> tuple[str, ...]:
        """The names of the occlusion levels that the pump takes with the friction of this plunger."""
        least_mmhg = program_limits.least_occlusion_mmhg(self.barrel_um, self.friction_mn)
        return tuple(str(name) for name, mmhg in limits.OCCLUSION_LEVELS if mmhg >= least_mmhg)


def _of_row(row: syringe_file.Row, source: str, made_um: int) -> Syringe:
    """Return a complete row of a file in whole numbers."""
    micro = {name: row.thousandths(name) for name in syringe_file.NUMBERS}
    return Syringe(
        row.name,
        micro["inner_diameter_mm"],
        micro["capacity_ml"] * 1000,
        micro["friction_n"],
        micro["compliance_ul_mmhg"],
        source,
        made_um,
    )


@lru_cache(maxsize=1)
def _shipped() -> dict[str, syringe_file.Row]:
    text = (files(__package__) / "syringes.toml").read_text(encoding="utf-8")
    return {row.name: row for row in syringe_file.parse(text, "syringes.toml")}


@lru_cache(maxsize=8)
def _with(path: Path | None, _written_ns: int) -> dict[str, Syringe]:
    """Return the catalogue with the rows of the user's file; the time of writing makes a changed file a new one."""
    rows = dict(_shipped())
    sources = dict.fromkeys(rows, SHIPPED)
    if path is not None:
        for row in syringe_file.read(path):
            name = next((known for known in rows if key(known) == key(row.name)), row.name)
            whole = row.over(rows[name]) if name in rows else row
            whole.check_complete(path)
            rows[name] = whole
            sources[name] = "yours" + (f", calibrated {row.calibrated}" if row.calibrated else "")
    made = {name: row.thousandths("inner_diameter_mm") for name, row in _shipped().items() if rows[name].calibrated}
    return {name: _of_row(row, sources[name], made.get(name, 0)) for name, row in rows.items()}


def catalogue(missing_ok: bool = False) -> dict[str, Syringe]:
    """Return every known syringe by name: ours in the order of syringes.toml, with yours in their place or behind.

    missing_ok: a file of yours may be named that is still to be written. Raises BadInput for whatever is wrong in it
    (syringe_file.py says where it is).
    """
    path = syringe_file.existing(missing_ok)
    return _with(path, 0 if path is None else path.stat().st_mtime_ns)


def key(name: str) -> str:
    """Return a name as it is compared: case, blanks and "mL" do not matter."""
    return "".join(name.split()).casefold().removesuffix("ml")


def find(name: object, field: str = "syringe", *, missing_ok: bool = False) -> Syringe:
    """Return the syringe of that name; case, blanks and a missing "mL" do not matter ("bd 60").

    Raises BadInput with the list of the known ones for any other name.
    """
    if isinstance(name, Syringe):
        return name
    known = catalogue(missing_ok)
    if isinstance(name, str):
        for its in known.values():
            if key(its.name) == key(name):
                return its
    raise BadInput(
        f"{field} = {name!r}: unknown syringe; the known ones are: {', '.join(known)}{perhaps(str(name), known)}"
    )
