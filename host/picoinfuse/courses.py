"""Several programs in one run: which of them gave drug, and how much of it in all.

The pump's account begins anew with each program that is loaded. Who stops a drug, keeps the line open with saline and
gives the rest needs three programs for one dose; the record says which is which, and adds up what was drug.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .status import duration_words

if TYPE_CHECKING:
    from .program import Program
    from .record import Record

DRUG, SALINE = "drug", "saline"
KEY, REACTIONS = "courses", "reactions"  # of Record.meta


def program_data(program: Program) -> dict[str, Any]:
    """Return a program as plain data, in whole numbers, with its check value."""
    its = program.compiled
    return {
        "syringe": program.syringe.name,
        "barrel_um": its.barrel_um,
        "capacity_nl": its.capacity_nl,
        "filled_nl": its.filled_nl,
        "friction_mn": its.friction_mn,
        "occlusion_mmhg": its.occlusion_mmhg,
        "near_end_ms": its.near_end_ms,
        "phases": [phase.compiled.values() for phase in program.phases],
        "options": [option.compiled.values() for option in program.options],
        "check": program.check,
        "volume_nl": program.volume_nl,
        "duration_ms": program.duration_ms,
    }


def close(record: Record, given_nl: int) -> int:
    """Put what the last program gave into the record, unless that is known already.

    Return what was given of the drug in all, in nanolitres.
    """
    courses = record.meta.get(KEY, [])
    if not courses:
        return given_nl
    if courses[-1]["delivered_nl"] is None:
        courses[-1]["delivered_nl"] = given_nl
    return sum(course["delivered_nl"] for course in courses if course["what"] == DRUG)


def ended_with_drug(record: Record) -> bool:
    """Return whether the last program of the run is one of the drug that was ordered."""
    courses = record.meta.get(KEY, [])
    return not courses or courses[-1]["what"] == DRUG


def volumes_ml(record: Record) -> tuple[list[float], list[float]]:
    """Return at each row of telemetry what was given in all, keep-vein-open included, and what of it was the dose."""
    rows, courses = record.telemetry, record.meta.get(KEY, [])
    if not courses:
        return [(row.delivered_nl + row.kvo_nl) / 1e6 for row in rows], [row.delivered_nl / 1e6 for row in rows]
    given, dose = [], []
    before_nl = drug_nl = all_nl = dose_nl = 0
    number = 0
    for row in rows:
        while number + 1 < len(courses) and row.at_ms >= courses[number + 1]["from_ms"]:
            before_nl, drug_nl, number = all_nl, dose_nl, number + 1
        # A program is loaded some tenths of a second before its time here, and with it the account begins anew.
        all_nl = max(all_nl, before_nl + row.delivered_nl + row.kvo_nl)
        if courses[number]["what"] == DRUG:
            dose_nl = max(dose_nl, drug_nl + row.delivered_nl)
        given.append(all_nl / 1e6)
        dose.append(dose_nl / 1e6)
    return given, dose


def spans_s(record: Record) -> list[tuple[float, float]]:
    """Return from when to when no drug was given but saline, in seconds since the start."""
    courses = record.meta.get(KEY, [])
    end_ms = record.rows[-1][0] if record.rows else 0
    began = [(course["what"], (course["from_ms"] - record.started_ms) / 1000) for course in courses]
    began.append(("", (end_ms - record.started_ms) / 1000))
    return [(one[1], other[1]) for one, other in pairwise(began) if one[0] == SALINE]


def summary(record: Record) -> list[str]:
    """Return lines for Record.summary about reactions to the infusion; none without one."""
    lines = []
    for its in record.meta.get(REACTIONS, []):
        lines.append(
            f"  reaction    {its['grade']}, came after {_time(its['came_s'])} at {its['rate_ml_h']:g} mL/h; stopped "
            f"after {_time(its['stopped_s'])}, {its['given_ml']:.4f} mL of the drug given"
        )
        if its["refused"]:
            lines.append(f"              {its['refused']}")
        if its["over_s"] is None:
            continue
        lines.append(
            f"              saline and no drug until {_time(its['ended_s'])}, {its['saline_ml']:.4f} mL; everything "
            f"over after {_time(its['over_s'])}"
        )
        if its["resumed_ml_h"] is None:
            lines.append("              not resumed: the rest of the dose is not given")
        else:
            lines.append(f"              the rest, {its['rest_ml']:.4f} mL, at {its['resumed_ml_h']:g} mL/h")
    return lines


def _time(seconds: float) -> str:
    return duration_words(round(seconds) * 1000)
