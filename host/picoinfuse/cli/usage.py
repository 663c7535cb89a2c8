"""How arguments read in --help: THERAPY, [RECORD], FILE..., the same under every version of typer.

Newer ones write {THERAPY} in the usage line, and <str> or <list[str]> behind the name below it.
"""

from __future__ import annotations

from typing import Any


def plain(command: Any) -> None:
    """Let the arguments of a command, and of all commands below it, read plainly."""
    for below in getattr(command, "commands", {}).values():
        plain(below)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            _plain(parameter)


def _plain(argument: Any) -> None:
    name = (argument.metavar or argument.name.upper()).strip("[]")
    if argument.nargs != 1 and not name.endswith("..."):
        name += "..."
    record = argument.get_help_record  # (name, help), or None where nothing is told of it

    def told(context: Any) -> tuple[str, str] | None:
        its = record(context)
        return None if its is None else (name, its[1])

    argument.get_help_record = told
    argument.get_usage_pieces = lambda context: [name if argument.required else f"[{name}]"]
