"""One drug name in two units: to a pump they are two drugs, and no limit counts both. So it is told before a start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from picoinfuse_firmware import options
from picoinfuse_firmware import program as firmware

# The pump's unit of a drug -> what people count by.
KINDS = {"ng": "by weight", "uU": "in units", "nmol": "by substance (mol)", "nEq": "by charge (Eq)"}


def drug_of(program: Any) -> tuple[str, str]:
    """Return (name, unit) of the drug of a firmware program; ("", "") if it does not say it."""
    drug = options.find(program, options.DRUG)
    name, _, unit = drug.what.partition(".") if drug is not None else ("", "", "")
    return name, unit


def others(programs: Mapping[str, Mapping[str, Any]], program: Any) -> list[str]:
    """Return a warning for each other unit in which the drug of this program was ordered before.

    programs: those of an archive, by their check values, each with its name and text.
    """
    name, unit = drug_of(program)
    found: dict[str, str] = {}
    for check, data in programs.items():
        try:
            before = drug_of(firmware.of_text(str(data.get("text", ""))))
        except (ValueError, TypeError, IndexError):
            continue  # of another version
        if name and before[0] == name and before[1] != unit:
            found[before[1]] = str(data.get("name", check))
    return [
        (
            f"{name} counts {KINDS.get(unit, unit)} here, and {KINDS.get(other, other)} in {therapy!r} that this pump "
            "had before: to the pump they are two drugs, and limits over time count them apart. Write both in one kind "
            "of unit, or give the pump a drug library, which knows one (docs/drug-library.md)"
        )
        for other, therapy in sorted(found.items())
    ]
