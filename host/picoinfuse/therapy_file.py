"""The fields of a therapy file, declared once for pydantic: strict, and nothing beside them is allowed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from .phase_tables import AnyPhase
from .program import NEAR_END, OCCLUSION
from .table import Table, quantity, whole, words

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
NAME = r"^[A-Za-z0-9_-]+$"
CLOCK = r"^(now|([01]?\d|2[0-3]):[0-5]\d)$"


def _route(value: str) -> str:
    if value.casefold().replace(".", "") in ("intramuscular", "im"):
        raise ValueError(NOT_A_PUMP_ROUTE)
    if value not in ROUTES:
        raise ValueError(f"is not one of {', '.join(ROUTES)}")
    return value


def _name(value: str) -> str:
    if not value or not all(c.isascii() and (c.isalnum() or c in "-_") for c in value):
        raise ValueError("must be letters, digits, - and _ only: the folders of its records carry it")
    return value


class PatientTable(Table):
    """[patient]: weight and surface are needed for doses per kg or per m2; the rest must fit to them."""

    description: str = words("who it is, for people", "a child", "")
    weight: str | None = quantity("0.2 kg to 500 kg", "10 kg")
    surface: str | None = quantity("of the body; 0.1 m2 to 4 m2", "1.8 m2")
    age: str | None = quantity("0 to 130 years; or in months", "4 years")
    height: str | None = quantity("0.2 m to 2.6 m", "1.1 m")


class DrugTable(Table):
    """[drug]: what is in the syringe, and where it goes; the concentration is needed for doses of drug."""

    name: str = words("of the drug", "ceftriaxone", ..., least=1)
    concentration: str | None = quantity("amount in a volume", "1 g in 50 mL")
    diluent: str = words("what it is diluted with", "sodium chloride 0.9 %", "")
    route: Annotated[
        str,
        AfterValidator(_route),
        WithJsonSchema({"type": "string", "enum": list(ROUTES)}),
        Field(description="how it is given; into a muscle is refused", examples=["subcutaneous"]),
    ] = "intravenous"


class SyringeTable(Table):
    """[syringe]: a name of the catalogue (`picoinfuse syringes`), the fluid in it, and how many one after the other."""

    name: str = words("of the catalogue", "BD 60 mL", ..., least=1)
    filled: str | None = quantity("fluid in each; without it: full", "50 mL")
    count: int = whole("how many are planned, one after the other, each filled alike", 4, 1, least=1, most=100)


class AlarmsTable(Table):
    """[alarms]: when to call occlusion, and how long before the end to warn."""

    occlusion: str = Field(
        default=OCCLUSION, description="low, medium or high (150, 300, 600 mmHg), or a pressure", examples=["300 mmHg"]
    )
    near_end: str = quantity("before the end of the whole program; `0 min`: not", "3 min", NEAR_END)


class ScheduleTable(Table):
    """[schedule]: the phases are one dose of several; without a calendar on the pump, this becomes phases when loaded.

    A cycle is `times` doses, or `days_on` days of them, and then `days_off` days without.
    """

    at: str = Field(
        "now",
        description="time of day of the first dose, or `now`: as soon as it is started",
        examples=["08:00"],
        json_schema_extra={"pattern": CLOCK},
    )
    every: str | None = quantity("from the beginning of a dose to that of the next", "8 h")
    times: int | None = whole("doses in a cycle", 3, least=1, most=1000)
    between: str = Field(
        "pause", description="`pause`, or the rate that keeps the vein open, at most 5 mL/h", examples=["0.5 mL/h"]
    )
    days_on: int | None = whole("days with doses in a cycle", 14, least=1, most=31)
    days_off: int | None = whole("days without, after them", 14, least=1, most=31)
    cycles: int = whole("how often in all", 1, 1, least=1, most=31)


class DemandTable(Table):
    """[demand]: a bolus that the patient asks for with the bolus key; it needs a lockout and a [[limits]]."""

    volume: str | None = quantity("of one bolus", "1 mL")
    dose: str | None = quantity("amount of drug, in place of the volume", "1 mg")
    rate: str = quantity("at which it is given", "60 mL/h", ...)
    lockout: str = quantity("from the beginning of one to that of the next, 1 min to 6 h", "10 min", ...)


class LimitTable(Table):
    """[[limits]]: the most that is given in any window of this length, whatever asks for it; at most two of them."""

    window: str = quantity("10 min to 24 h", "1 h", ...)
    most: str = quantity("volume or amount of drug", "10 mg", ...)


class LoopTable(Table):
    """[loop]: the pump moves the basal rate of insulin by a glucose sensor; without readings the phases' rate runs."""

    target_low: str = quantity(
        "of glucose; between the two the rate is left alone, 80 mg/dL at least", "100 mg/dL", ...
    )
    target_high: str = quantity("200 mg/dL at most", "110 mg/dL", ...)
    sensitivity: str = quantity("by how much one unit lowers glucose, 5 to 400 mg/dL/U", "40 mg/dL/U", ...)
    max_basal: str = quantity("the highest rate that the loop may set, above that of the phases", "3 U/h", ...)
    max_on_board: str = quantity("the most insulin that still acts beyond the phases' rate, 20 U at most", "3 U", ...)
    peak: str = quantity("until the insulin works hardest, 35 to 120 min", "75 min", "75 min")
    lost: str = quantity("without a reading for so long the phases' rate runs again, 10 to 30 min", "15 min", "15 min")


class TherapyFile(Table):
    """The whole file."""

    name: Annotated[
        str,
        Field(max_length=40, description="of the therapy and its records", examples=["my-therapy"]),
        Field(json_schema_extra={"pattern": NAME}),
        AfterValidator(_name),
    ]
    title: str = words("one line for people", "Ceftriaxone 1 g over 30 minutes", ..., least=1)
    source: str = words("where the numbers come from", "made up for teaching", ..., least=1, most=600)
    note: str = words("what there is to learn", "The rate follows from dose and time.", "", most=1500)
    notes: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(
        default=[],
        max_length=12,
        description="what the patient may feel or show, and what then: rash, bruising, a cold or fast drug",
        examples=[["A cold drug is felt: let it warm to room temperature."]],
    )
    follows: Annotated[
        str, Field(max_length=40, description="name of the therapy that is given before", examples=["sepsis-fluid"])
    ] = ""
    place: Literal["hospital", "clinic", "home"] = Field(
        "hospital", description="where the patient is", examples=["home"]
    )
    lock: Literal["open", "basic", "full", "pca", "keys"] = Field(
        "open", description="what the keys may do meanwhile", examples=["full"]
    )
    patient: PatientTable = PatientTable()
    drug: DrugTable
    syringe: SyringeTable
    alarms: AlarmsTable = AlarmsTable()
    schedule: ScheduleTable | None = None
    demand: DemandTable | None = None
    limits: list[LimitTable] = Field(default=[], max_length=2)
    loop: LoopTable | None = None
    phases: list[AnyPhase] = Field(min_length=1, max_length=32)
