"""The commands for a pump that is there already: status, refill, resume, stop, leave, install."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from picoinfuse_firmware import alarms, states

from ..acting import LOCKS
from ..errors import BadInput
from ..not_now import doing
from . import exits
from .address import SIMULATED
from .choose import chosen, reach
from .noted import noted
from .numbers import whole
from .options import BOARD, PORT
from .who import USER_OPTION

if TYPE_CHECKING:
    from ..pump import Pump
    from ..status import Status

NEXT = """
In a few seconds it is a pump. What comes next:

    picoinfuse doctor --port {port}           is all that is fitted in order?
    picoinfuse run hydration --port {port}    a first therapy, in real time

What to wire, to set and to calibrate: docs/hardware.md, from "First run: a checklist" on."""


def _reach(port: str) -> Pump:
    """Return the pump; of a simulated one say that it has just begun: whoever looks at it may expect another."""
    if port.startswith(SIMULATED):
        print(f"{SIMULATED} is a new pump, of this command only. One that stays: picoinfuse serve", file=sys.stderr)
    return reach(port)


def status(port: PORT = "auto") -> None:
    """Say what a pump is doing. Changes nothing."""
    with _reach(port) as pump:
        print(pump.status().text(pump.absent(), pump.problem()))
        noted(pump)


STARTED = Annotated[
    str | None,
    typer.Option(
        "--therapy",
        help="The therapy that was started, if it was not from this computer: it tells the concentration and the plan.",
        metavar="THERAPY",
    ),
]
YES = Annotated[bool, typer.Option("--yes", help="Do not ask: somebody has looked at pump and patient.")]


def refill(
    filled: Annotated[str, typer.Argument(help="The fluid in the next syringe, e.g. '50 mL'.", metavar="VOLUME")],
    port: PORT = "auto",
    user: USER_OPTION = None,
    therapy: STARTED = None,
    yes: YES = False,
) -> None:
    """Say that the next syringe is fitted and how much is in it, and let the program go on from it."""
    from ..plan import refill_lines
    from ..units import volume_nl
    from .known import known

    told_nl = volume_nl(filled, "filled")
    with reach(port) as pump:
        status = _waiting(pump, "refill")
        program = known(pump, status.check, therapy).program
        for number, line in enumerate(refill_lines(program, status, told_nl)):
            print(f"{'' if number else 'mind':<11}{line}")
        question = f"Is another syringe of the same kind fitted, with {filled} in it, and may the program go on?"
        sure(question, "refill", yes)
        pump.refill(filled)
        _go_on(pump)


def resume(port: PORT = "auto", user: USER_OPTION = None, yes: YES = False) -> None:
    """Let a program that waits go on: after a pause, an alarm, or a power cut."""
    with _reach(port) as pump:
        status = _waiting(pump, "resume")
        if alarms.SYRINGE_CHANGE in status.alarms and status.left_nl <= 0:
            raise BadInput(
                "resume: the syringe is empty; fit the next one and say what is in it: picoinfuse refill VOLUME"
            )
        sure("Acknowledge the alarms and go on with the rest of this program?", "resume", yes)
        _go_on(pump)


def _waiting(pump: Pump, command: str) -> Status:
    """Say how the pump stands, and return it. Raises BadInput if no program waits."""
    status = pump.status()
    print(status.text(pump.absent()))
    if status.state not in (states.PAUSED, states.ALARM):
        raise BadInput(f"{command}: the pump is {doing(status)}; there is nothing to go on with")
    return status


def sure(question: str, command: str, yes: bool) -> None:
    """Ask the person at the terminal; without one `--yes` has to be there. Leaves if it is not so."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{command}: there is nobody to ask; read the lines above, then add --yes")
    if not typer.confirm(question):
        print("Nothing was changed.")
        raise typer.Exit(exits.STOPPED)


def _go_on(pump: Pump) -> None:
    if pump.status().state == states.ALARM:
        pump.acknowledge()
    pump.resume()
    print("It goes on.")
    noted(pump)


def lock(
    level: Annotated[
        str,
        typer.Argument(
            help="0 to 3, or open, basic, full, pca or keys (3 too); as in docs/access.md.", metavar="LEVEL"
        ),
    ],
    port: PORT = "auto",
    user: USER_OPTION = None,
) -> None:
    """Set what a person who is not logged in may do with a pump: 0 not locked, 3 ask for a bolus and nothing else."""
    number = LOCKS[level] if level in LOCKS else whole(level, "LEVEL", 0, max(LOCKS.values()))
    with reach(port) as pump:
        pump.lock(number)
        print(pump.status().people_words())


def stop(port: PORT = "auto", user: USER_OPTION = None) -> None:
    """Stop a pump: the motor stands still and its program is over."""
    with _reach(port) as pump:
        pump.stop()
        print("Stopped.")
        print(pump.status().text())
        noted(pump)


def leave(port: PORT = "auto", user: USER_OPTION = None) -> None:
    """Leave the firmware: the pump ends at MicroPython's prompt, for mpremote. Refused while a program is loaded."""
    with reach(port) as pump:
        pump.leave()
    print("The pump leaves its firmware and restarts at MicroPython's prompt; in three seconds mpremote reaches it.")
    print("After the next restart (switch it off and on, or `mpremote reset`) it is a pump again.")


def install(
    port: BOARD = "auto",
    user: USER_OPTION = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    source: Annotated[bool, typer.Option("--source", help="Send the source, also where it could be compiled.")] = False,
    new_journal: Annotated[
        bool, typer.Option("--new-journal", help="Make a damaged journal anew; the records in it are lost.")
    ] = False,
) -> None:
    """Put the firmware onto a Pico that runs MicroPython, and verify every file. Configuration and journal stay."""
    from ..install import find_port
    from ..install import install as put
    from .bar import Bar

    its_port = chosen(find_port, port)
    with Bar("copying", unit="kB", per_unit=1000) as bar:
        put(its_port, bar.say, dry_run=dry_run, source=source, new_journal=new_journal, progress=bar.at)
    if not dry_run:
        print(NEXT.format(port=port))
