"""The commands `calibrate steps` and `calibrate force`: guided, each answer also an option, the result on the pump."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .ask import ask, ready
from .bar import Bar
from .config import put, said_start
from .options import PORT

if TYPE_CHECKING:
    from ..calibrate_runs import Deliveries
    from ..calibrate_steps import Run
    from ..configuration import Values

app = typer.Typer(
    help="Calibrate a pump: its drive by weighing, its load cell by a known mass. Once for each pump that was built; "
    "for a make of syringe there is `picoinfuse syringes calibrate`.",
    rich_markup_mode=None,
)
DRY = Annotated[bool, typer.Option("--dry-run", help="Tell the result and write nothing onto the pump.")]
OUT = Annotated[Path | None, typer.Option(help="Write the new configuration into a file, too.", metavar="FILE.toml")]
YES = Annotated[bool, typer.Option("--yes", help="Do not wait for the Enter key: all is prepared.")]


@app.command()
def steps(
    port: PORT = "auto",
    syringe: Annotated[str, typer.Option(help="The one whose bore is known best.", metavar="NAME")] = "BD 60 mL",
    volume: Annotated[str, typer.Option(help="Of each run.", metavar="VOLUME")] = "15 mL",
    rate: Annotated[str, typer.Option(help="Of each run.", metavar="RATE")] = "120 mL/h",
    filled: Annotated[str, typer.Option(help="Water in the syringe (default: full).", metavar="VOLUME")] = "",
    prime: Annotated[str, typer.Option(help="Runs to waste first.", metavar="VOLUME")] = "1 mL",
    runs: Annotated[int, typer.Option(help="How often it is given and weighed, 3 to 10.", metavar="COUNT")] = 3,
    once: Annotated[bool, typer.Option("--once", help="One run only: quick, and nobody knows how sure.")] = False,
    weighed: Annotated[
        list[str] | None, typer.Option(help="What a run weighs, e.g. '9.97 g'; once for each run.", metavar="MASS")
    ] = None,
    measured: Annotated[
        list[str] | None, typer.Option(help="... or its volume, read from a scale, e.g. '9.9 mL'.", metavar="VOLUME")
    ] = None,
    water: Annotated[str, typer.Option(help="Temperature of the water.", metavar="TEMPERATURE")] = "20 degC",
    yes: YES = False,
    dry_run: DRY = False,
    out: OUT = None,
) -> None:
    """Find what a motor step really gives: the pump delivers water, you weigh it, and volume_ppm follows.

    For the screw and the gear, once for each pump. A simulated pump is weighed by a simulated balance.
    """
    from .. import calibrate_steps
    from ..calibrate_runs import Deliveries
    from ..errors import BadInput
    from .choose import reach

    count = 1 if once else runs
    if not once and not calibrate_steps.RUNS <= runs <= calibrate_steps.MOST_RUNS:
        raise BadInput(f"--runs = {runs}: is outside {calibrate_steps.RUNS} to {calibrate_steps.MOST_RUNS}, or --once")
    said = list(weighed or measured or [])
    if weighed and measured:
        raise BadInput("--weighed, --measured: say one of them, not both")
    if said and len(said) != count:
        option = "--weighed" if weighed else "--measured"
        raise BadInput(f"{option}: is there for {len(said)} of {count} runs; give it once for each")
    density = calibrate_steps.water_g_ml(calibrate_steps.celsius(water, "--water"))
    field = "--measured" if measured else "--weighed"

    def nl(text: str) -> Fraction:
        if measured or (not said and text.rstrip().lower().endswith("l")):
            return calibrate_steps.volume_read_nl(text, "--measured")
        return calibrate_steps.weighed_nl(text, "--weighed", density)

    for text in said:
        nl(text)  # refused before the pump moves
    done: list[Run] = []
    with reach(port) as pump:
        deliveries = Deliveries(pump, syringe=syringe, volume=volume, rate=rate, runs=count, filled=filled, prime=prime)
        simulated = deliveries.balance_ml() is not None
        yes = yes or simulated
        ready(
            f"Fill the {deliveries.syringe.name} syringe with {filled or 'as much water as it holds'}, without "
            f"bubbles; fit it, connect a line, and let its end hang into a waste cup. {prime} runs out first.",
            yes,
        )
        with _stopped_by_ctrl_c(deliveries):
            if deliveries.prime_nl:
                print(f"Priming: {prime}.")
            with Bar("primed", unit="uL", per_unit=1000) as bar:
                deliveries.prepare(bar.at)
            for number in range(1, count + 1):
                ready(f"\nRun {number} of {count}: put a dry cup on the balance, tare it, hang the line into it.", yes)
                before_ml = deliveries.balance_ml() or 0.0
                with Bar("given", unit="mL", per_unit=1_000_000) as bar:
                    counted_nl = deliveries.give(bar.at)
                print(f"The pump counted {counted_nl / 1e6:.4f} mL.")
                if said:
                    text = said[number - 1]
                elif simulated:
                    text = _simulated_balance(deliveries, before_ml, float(density))
                else:
                    print("Wait for the last drop.")
                    text = _typed("What the balance reads, e.g. 14.95 g (or a volume, e.g. 15.1 mL)", "--weighed", nl)
                done.append(calibrate_steps.Run(counted_nl, nl(text), text))

    def new(before: Values, problem: str) -> Values:
        _no_problem(port, before, problem)
        if not deliveries.agrees(before):
            raise BadInput(
                f"{port}: the configuration that stands there is not the one that the pump ran with; it was changed "
                "since the pump started. Restart it and calibrate again; nothing was written"
            )
        found = calibrate_steps.found(done, before["volume_ppm"], field, one_is_enough=once)
        print(f"\n{found.text()}")
        return {**before, "volume_ppm": found.volume_ppm, "volume_calibrated": _today()}

    _keep(port, new, dry_run, out)


@contextmanager
def _stopped_by_ctrl_c(deliveries: Deliveries) -> Iterator[None]:
    """Let Ctrl-C, also at a question, stop the motor, and say what was stored by then: nothing."""
    try:
        yield
    except (KeyboardInterrupt, EOFError, typer.Abort):
        deliveries.stop()
        print("\nThe motor stands. Nothing was stored: the pump is calibrated as it was before.", file=sys.stderr)
        raise


def _typed(question: str, option: str, read: Callable[[str], object]) -> str:
    """Return what is typed once it can be read: a slip of the finger must not cost the run that was weighed."""
    from ..errors import BadInput

    while True:
        text = ask(question, option)
        try:
            read(text)
        except BadInput as error:
            print(error)
        else:
            return text


def _simulated_balance(deliveries: Deliveries, before_ml: float, density_g_ml: float) -> str:
    """Return what a balance that reads 1 mg shows in the simulated world."""
    from ..calibrate_steps import AIR_G_ML, WEIGHTS_G_ML

    came_ml = (deliveries.balance_ml() or 0.0) - before_ml
    text = f"{came_ml * (density_g_ml - float(AIR_G_ML)) / (1 - float(AIR_G_ML / WEIGHTS_G_ML)):.3f} g"
    print(f"The simulated balance reads {text}.")
    return text


@app.command()
def force(
    port: PORT = "auto",
    mass: Annotated[str, typer.Option(help="What is put on the cell, e.g. '1 kg'.", metavar="MASS")] = "",
    readings: Annotated[int, typer.Option(help="How many are averaged, 10 to 1000.", metavar="COUNT")] = 50,
    yes: YES = False,
    dry_run: DRY = False,
    out: OUT = None,
) -> None:
    """Find zero and factor of the load cell: read it without a load, and with a known mass on it.

    A pump that reads its cell tells its force, and the raw counts follow from that; a cell that was never calibrated is
    read at MicroPython's prompt. The pump lies so that the mass presses where the plunger would.
    """
    from .. import calibrate_force
    from ..errors import BadInput
    from .force import Source

    if not 10 <= readings <= 1000:
        raise BadInput(f"--readings = {readings}: is outside 10 to 1000")
    grams = calibrate_force.mass_g(mass or ask("The known mass, e.g. 1 kg", "--mass"))
    with Source(port, readings) as source:
        ready("Take the syringe out; nothing touches the load cell.", yes or source.simulated)
        source.read("without a load")
        ready(f"Put {float(grams):g} g on the load cell, at rest.", yes or source.simulated)
        source.load(float(grams))
        source.read("under the load")

    def new(before: Values, problem: str) -> Values:
        _no_problem(port, before, problem)
        unloaded, loaded = source.counts(before)
        cell = calibrate_force.found(unloaded, loaded, grams, before)
        print(f"\n{cell.text(before)}")
        return {
            **before,
            "has_force": 1,
            "force_zero_counts": cell.force_zero_counts,
            "force_counts_per_n": cell.force_counts_per_n,
            "force_calibrated": _today(),
        }

    _keep(port, new, dry_run, out)


def _no_problem(port: str, before: Values, problem: str) -> None:
    """Raise BadInput for a configuration that has to be mended first."""
    from .. import configuration
    from ..errors import BadInput

    # A cell that is fitted and not yet calibrated is a problem that a calibration is there to mend.
    if problem and problem != "config_rule.force_calibrated":
        words = configuration.problem_words(problem, before)
        raise BadInput(f"{port}: {words}. Mend that first (picoinfuse config set); nothing was written")


def _today() -> int:
    from ..configuration import date_number

    return date_number(datetime.now(UTC).date())


def _keep(port: str, new: Callable[[Values, str], Values], dry_run: bool, out: Path | None) -> None:
    """Compute the new configuration from the present one, and write it where it belongs."""
    from .. import configuration, pump_configuration
    from .choose import chosen

    if dry_run or pump_configuration.is_simulated(port):
        before, problem = chosen(pump_configuration.fetch, port)
        after = new(before, problem)
        pump_configuration.checked(after)
        print("\nNot written onto the pump" + (":" if dry_run else ", a simulated one keeps nothing. It would be:"))
        print("\n".join(pump_configuration.changes(before, after)))
        starts = None
    else:
        before, after, starts = chosen(lambda its: pump_configuration.change(its, new), port)
        print("\n".join(pump_configuration.changes(before, after)))
    if starts is not None:
        said_start(starts)
    if out is not None:
        put(out, configuration.toml(after), True)
        print(f"Written: {out}" + ("" if starts is not None else f". To simulate this pump: {_address(port, out)}"))


def _address(port: str, out: Path) -> str:
    """Return an address like this one with the file as its configuration."""
    from urllib.parse import parse_qsl, urlsplit

    pairs = [(key, value) for key, value in parse_qsl(urlsplit(port).query) if key != "config"]
    return "sim://?" + "&".join(f"{key}={value}" for key, value in [*pairs, ("config", str(out))])
