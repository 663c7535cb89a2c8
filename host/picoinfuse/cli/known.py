"""What is known here of the program on a pump, which tells only a check value: by a file, or by the pump's archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import program as firmware

from .. import units
from ..errors import BadInput, PicoInfuseError
from ..program import Context, Program
from ..therapy import Therapy

if TYPE_CHECKING:
    from ..pump import Pump


@dataclass(frozen=True)
class Known:
    """A program on a pump, as far as this computer knows it. name: "" for nothing at all.

    program: the firmware's. context: what an order in units of the drug leans on.
    """

    name: str = ""
    program: Any = None
    context: Context = field(default_factory=Context)


def known(pump: Pump, check: str, therapy: str | None, library: Path | str | None = None) -> Known:
    """Return what is known of the program with this check value; lets the pump explain refusals by it.

    therapy: the file that was started, if somebody names it. Raises BadInput if that is not the program on the pump.
    """
    if therapy is None:
        return _archived(pump, check)
    its = Therapy.read(therapy)
    pump.program = on_pump(check, its, library)
    return Known(its.name, pump.program.compiled, its.context)


def on_pump(check: str, therapy: Therapy, library: Path | str | None) -> Program:
    """Return the program of a therapy as it is on the pump. Raises BadInput if that has another one."""
    from ..library import Library

    programs = [therapy.program]
    if library is not None:
        programs.append(Library.read(library).attached(therapy.program))
    for program in programs:
        if program.check == check:
            return program
    raise BadInput(
        f"therapy = {therapy.name!r}: is not the program on the pump (check value {check}, not {programs[-1].check}), "
        "so what is in the syringe is not known here; name the file that was started, and --library FILE if the pump "
        "has a drug library"
    )


def _archived(pump: Pump, check: str) -> Known:
    """Return what the archive of this pump keeps of it: what was started from this computer."""
    from ..archive_place import folder, of_journal
    from ..contact import journal_of

    if folder() is None or pump.port.truth() is not None:
        return Known()
    try:
        with of_journal(journal_of(pump)) as archive:
            data = archive.programs().get(check, {})
        program = firmware.of_text(str(data.get("text", "")))
        if program.check() != check:
            return Known()
        said = str(data.get("concentration", ""))
        return Known(str(data["name"]), program, Context(units.concentration(said) if said else None))
    except (PicoInfuseError, ValueError, TypeError, IndexError, KeyError):
        return Known()  # an archive that cannot be read, or of another version
