"""The commands `config`: new, check, show, get, set: the pump's configuration as a file for people, and on the pump."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .choose import chosen
from .options import CONFIGURED
from .who import USER_OPTION

app = typer.Typer(
    help="What the pump is built from: drive, sensors, calibration; as a file, and on the pump.", rich_markup_mode=None
)
FILE = Annotated[Path, typer.Argument(help="A TOML file for people.", metavar="FILE.toml")]
OVERWRITE = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there already.")]


@app.command()
def new(file: FILE, overwrite: OVERWRITE = False) -> None:
    """Write a commented file with the defaults: the usual drive, and no sensor."""
    from .. import configuration

    put(file, configuration.toml(configuration.defaults()), overwrite)
    print(f"Written: {file}. Say in it what your pump has, then: picoinfuse config set {file} --port PORT")


@app.command()
def check(file: FILE) -> None:
    """Say whether a file is a configuration that the pump would take, and what differs from the defaults."""
    from .. import configuration, pump_configuration

    values = configuration.read(file)
    pump_configuration.checked(values)
    different = pump_configuration.changes(configuration.defaults(), values)
    print(f"{file}: good.")
    print("\n".join(["Different from the defaults:", *different]) if different else "Everything has its default.")


@app.command()
def show(port: CONFIGURED = "auto", user: USER_OPTION = None) -> None:
    """Show the configuration of a pump. A pump that runs is started anew for it, and only when nothing is under way."""
    from .. import configuration, pump_configuration

    values, problem = chosen(pump_configuration.fetch, port)
    if pump_configuration.is_simulated(port) and "config=" not in port:
        print("The defaults of a configuration. A simulated pump without config=FILE has every sensor all the same;")
        print("absent=NAME in its address takes one away.\n")
    if problem:
        print(f"THE PUMP DOES NOT INFUSE ({problem}): {configuration.problem_words(problem, values)}.\n")
        if problem in ("config_missing", "config_damaged"):
            return
    print("\n".join(configuration.lines(values)))


@app.command()
def get(file: FILE, port: CONFIGURED = "auto", user: USER_OPTION = None, overwrite: OVERWRITE = False) -> None:
    """Write the configuration of a pump into a commented file."""
    from .. import configuration, pump_configuration
    from ..errors import BadInput

    free(file, overwrite)
    values, problem = chosen(pump_configuration.fetch, port)
    words = configuration.problem_words(problem, values)
    if problem in ("config_missing", "config_damaged"):
        raise BadInput(f"{words}. For a new file: picoinfuse config new {file}")
    head = f"PROBLEM on the pump ({problem}): {words}.\nWhat could not be read has its default." if problem else ""
    put(file, configuration.toml(values, head), overwrite)
    if problem:
        print(f"THE PUMP DOES NOT INFUSE: {words}.")
    print(f"Written: {file}")


@app.command("set")
def set_it(file: FILE, port: CONFIGURED = "auto", user: USER_OPTION = None) -> None:
    """Write a file onto a pump: all of it or nothing. What was there is kept beside it as picoinfuse.json.old."""
    from .. import configuration, pump_configuration

    values = configuration.read(file)
    pump_configuration.checked(values)
    if pump_configuration.is_simulated(port):
        print("A simulated pump keeps nothing. This would be written onto a real one:\n")
        print(configuration.sealed(values).decode())
        print(f"Simulate the pump that it describes: sim://?config={file}")
        return
    before, after, starts = chosen(lambda its: pump_configuration.change(its, lambda *_: values), port)
    print("\n".join(pump_configuration.changes(before, after)) or "  nothing differs from what was there")
    said_start(starts)


def said_start(starts: bool) -> None:
    """Say that the configuration is on the pump, and whether it starts by itself."""
    print("Written, read back and right." + (" The pump starts anew." if starts else " It counts from the next start."))


def free(file: Path, overwrite: bool) -> None:
    """Raise BadInput if the file is there and is not to be replaced."""
    from ..errors import BadInput

    if file.exists() and not overwrite:
        raise BadInput(f"{file}: is there already; choose another name, or add --overwrite")


def put(file: Path, text: str, overwrite: bool) -> None:
    """Write a file, whole or not at all. Raises BadInput."""
    from ..errors import BadInput

    free(file, overwrite)
    fresh = file.with_name(file.name + ".new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(file)
    except OSError as error:
        raise BadInput(f"{file}: cannot be written: {error.strerror or error}; choose another file") from error
