"""Exit statuses, and what is said on standard error when a command ends badly."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from ..errors import BadInput, PicoInfuseError, PortError, PumpAlarm, Refused
from .usage import plain

COMPLETE = 0
INTERNAL_ERROR = 1
REFUSED = 2
ALARM = FOUND = 3
NO_PUMP = 4
STOPPED = 5

# What each means, in every command; `picoinfuse --help` and docs/commands.md show this.
MEANINGS = {
    COMPLETE: "done; a run is complete, or was started with --detach",
    INTERNAL_ERROR: "a bug of picoinfuse, the only one with a traceback",
    REFUSED: "a mistake in what was typed or in a file, or the pump refused it",
    ALARM: "an alarm ended the run; doctor: something is broken; campaign: a false or a missed alarm",
    NO_PUMP: "no pump that can be used, contact lost, or an installation that failed",
    STOPPED: "stopped by a person, Ctrl-C included",
}

OF_OUTCOME = {
    "complete": COMPLETE,
    "started": COMPLETE,  # with --detach
    "alarm": ALARM,
    "stopped": STOPPED,
    "refused": REFUSED,
    "uncertain": NO_PUMP,
}


def of_error(error: BaseException) -> int:
    """Return the exit status for an error."""
    if isinstance(error, (BadInput, Refused)):
        return REFUSED
    if isinstance(error, PumpAlarm):
        return ALARM
    if isinstance(error, PortError):
        return NO_PUMP
    if isinstance(error, KeyboardInterrupt):
        return STOPPED
    # What is left of our own errors (a failed install, a lost session) is about the pump; all others are bugs.
    return NO_PUMP if isinstance(error, PicoInfuseError) else INTERNAL_ERROR


def complain(error: BaseException) -> int:
    """Say on standard error what went wrong, and return the exit status."""
    status = of_error(error)
    if status == INTERNAL_ERROR:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
        print(f"picoinfuse: internal error: {error!r}. Please report it with the lines above", file=sys.stderr)
    elif isinstance(error, KeyboardInterrupt):
        print("picoinfuse: interrupted", file=sys.stderr)
    else:
        print(f"picoinfuse: {error}", file=sys.stderr)
    return status


class Interruptible(TyperGroup):
    """Commands in which Ctrl-C, and the end of the input at a question, is "stopped" and no error of ours.

    Their arguments read plainly in --help.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        plain(self)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; typer's own way would say "Aborted!" with the status of an internal error."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError, typer.Abort):
            print(file=sys.stderr)  # behind ^C, or a question
            raise typer.Exit(complain(KeyboardInterrupt())) from None


def status_of(app: Callable[..., Any], arguments: Sequence[str] | None) -> int:
    """Run the app and return its exit status, whatever happens in it."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="picoinfuse")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else COMPLETE if end.code is None else INTERNAL_ERROR
    except (Exception, KeyboardInterrupt) as error:
        return complain(error)
    return COMPLETE
