"""What the commands do beside their work: note when this computer met the pump, and what it had it do."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ..drug_units import others
from ..errors import PicoInfuseError

if TYPE_CHECKING:
    from ..pump import Pump
    from ..therapy import Therapy


def noted(pump: Pump, therapy: Therapy | None = None, started: Therapy | None = None) -> None:
    """Note the contact in the archive of this pump, and what the therapy orders that is about to be started.

    started: one that was; with the drug library of the pump its program has another check value than before.

    A drug that this pump had in another kind of unit before is told. Never in the way: what goes wrong with it is told,
    and stops nothing. A simulated pump that lives in this process has a clock and a log of its own, of which nothing is
    kept.
    """
    from ..archive_place import folder, of_journal
    from ..contact import journal_of, meet

    if folder() is None or pump.port.truth() is not None:
        return
    try:
        with of_journal(journal_of(pump)) as archive:
            archive.note(meet(pump))
            if therapy is not None:
                for line in others(archive.programs(), therapy.program.compiled):
                    print(f"note      {line}", file=sys.stderr)
                archive.keep_program(therapy.program.check, program_data(therapy))
            if started is not None and pump.program is not None:
                archive.keep_program(pump.program.check, program_data(replace(started, program=pump.program)))
    except PicoInfuseError as error:
        print(f"picoinfuse: this contact is not noted in the archive: {error}", file=sys.stderr)


def program_data(therapy: Therapy) -> dict[str, str]:
    """Return what the diary needs of a therapy to tell what was ordered."""
    return {
        "name": therapy.name,
        "title": therapy.title,
        "drug": therapy.drug,
        "concentration": therapy.concentration,
        "syringe": therapy.program.syringe.name,
        "text": str(therapy.program.compiled.text()),
    }
