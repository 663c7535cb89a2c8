"""The subcommands `picoinfuse iec accuracy` and `picoinfuse iec occlusion`: options, progress, words, JSON, files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from picoinfuse.cli.numbers import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .iec import Trumpet
    from .iec.occlusion import Row

HELP = "Tests after IEC 60601-2-24: accuracy, occlusion. A teaching simulation, no certified test."
app = typer.Typer(help=HELP, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)

RESULT, SAMPLES, PICTURE = "result.json", "samples.csv", "accuracy.png"
SEED = Annotated[str | None, typer.Option(metavar="N", help="Of everything that is drawn (default: 0).")]
JSON = Annotated[bool, typer.Option("--json", help="Last line of standard output: the result as one JSON object.")]


@app.command()
def accuracy(
    rate: Annotated[str, typer.Option(metavar="RATE", help="The set rate, e.g. '5 mL/h'.")],
    syringe: Annotated[
        str | None, typer.Option(metavar="NAME", help="The syringe of the simulated pump (default: 'BD 60 mL').")
    ] = None,
    seed: SEED = None,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="The barrel was weighed; else it is as true as real ones are.")
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Measured data instead: columns time_s, and volume_ml or mass_g."),
    ] = None,
    density: Annotated[
        str | None, typer.Option(metavar="DENSITY", help="With masses (default: '0.9982 g/mL', water of 20 C).")
    ] = None,
    start_min: Annotated[
        float | None, typer.Option(metavar="MIN", help="When the analysis hour begins (default: 60).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the picture goes (default: ./runs/iec-accuracy-N/).")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Start-up and trumpet curve over two hours: of the simulated pump, through its firmware, or of measured data."""
    from .iec.accuracy import accuracy as test
    from .iec.accuracy import rate_of
    from .iec.words import accuracy_lines

    rate_ml_h, number = rate_of(rate), _seed(seed)
    if csv is not None:
        _alone({"--syringe": syringe, "--seed": seed, "--calibrated": calibrated or None}, "is of the simulated pump")
        result, samples, told = _measured(csv, rate_ml_h, density, start_min)
        title, alarms = f"measured: {csv} at {rate_ml_h:g} mL/h", []
    else:
        _alone({"--density": density}, "is for measured data, with --csv")
        print("The test on the simulated pump, for teaching only ...", file=sys.stderr, flush=True)
        run = test(rate, syringe or "BD 60 mL", seed=number, calibrated=calibrated, start_min=start_min)
        result, samples, told = run.result, (run.times_s, run.volume_ml), run.as_dict()
        title, alarms = run.title, run.alarms
    folder = _folder(out, "iec-accuracy")
    result.plot(folder / PICTURE, title)
    table = "".join(f"{at:.3f},{volume:.9f}\n" for at, volume in zip(*samples, strict=True))
    _write(folder / SAMPLES, "time_s,volume_ml\n" + table)
    lines = [*accuracy_lines(result, title, alarms), f"  picture         {folder / PICTURE}"]
    _end(lines, {**told, "out": str(folder)}, folder, as_json)


@app.command()
def occlusion(
    syringe: Annotated[str, typer.Option(metavar="NAME", help="The syringe that is fitted.")] = "BD 60 mL",
    threshold: Annotated[
        list[str] | None,
        typer.Option(metavar="LEVEL", help="low, medium, high or e.g. '400 mmHg'; repeatable (default: all three)."),
    ] = None,
    rate: Annotated[
        list[str] | None, typer.Option(metavar="RATE", help="Repeatable (default: '1 mL/h' and '5 mL/h').")
    ] = None,
    seed: SEED = None,
    uncaptured: Annotated[
        bool, typer.Option("--uncaptured", help="The drive does not hold the plunger, so it cannot draw it back.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=f"Write {RESULT} there as well.")] = None,
    as_json: JSON = False,
) -> None:
    """Clamp the line: time to the alarm, pressure then, and the bolus when the clamp is opened again."""
    from picoinfuse import syringes
    from picoinfuse.errors import BadInput

    from .iec import occlusion as its
    from .iec import words
    from .iec.accuracy import rate_of

    kind, number = syringes.find(syringe, "--syringe"), _seed(seed)
    levels = its.check_levels(threshold or its.LEVELS)
    rates = rate or list(its.RATES)
    for one in rates:
        rate_of(one)
    folder = None if out is None else _folder(out, "")
    place = sys.stderr if as_json else sys.stdout
    held = "not held by the drive" if uncaptured else "held by the drive"
    waiting = words.occlusion_head(f"{kind.name}, plunger {held}, simulated, seed {number}")
    rows = []
    todo = len(levels) * len(rates)
    print(f"{todo} tests, each with and without drawing back ...", file=sys.stderr, flush=True)
    for row in its.occlusion(kind, levels, rates, seed=number, captured=not uncaptured):
        rows.append(row)
        waiting.append(words.occlusion_line(row))
        if not all(one.refused for one in rows):  # until then nothing could be tested
            print("\n".join(waiting), file=place, flush=True)
            waiting = []
    if waiting:
        raise BadInput(f"nothing to test: the pump refuses all that was asked: {'; '.join(_reasons(rows))}")
    for line in words.occlusion_foot():
        print(line, file=place)
    told = its.as_dict(rows, number, not uncaptured)
    if folder is not None:
        _write(folder / RESULT, json.dumps(told, indent=1) + "\n")
    if as_json:
        print(json.dumps(told))


def _reasons(rows: Iterable[Row]) -> list[str]:
    """Return each refusal once, in order."""
    return list(dict.fromkeys(row.refused for row in rows if row.refused))


def _seed(text: str | None) -> int:
    return 0 if text is None else whole(text, "--seed", 0, 10**18 - 1)


def _measured(
    csv: Path, rate_ml_h: float, density: str | None, start_min: float | None
) -> tuple[Trumpet, tuple[list[float], list[float]], dict[str, Any]]:
    from .iec import trumpet
    from .iec.balance import WATER_G_ML, density_of, read
    from .iec.curves import START_MIN, TEACHING

    samples = read(csv, WATER_G_ML if density is None else density_of(density))
    result = trumpet(*samples, rate_ml_h, start_min=START_MIN if start_min is None else start_min)
    return result, samples, {**result.as_dict(), "source": str(csv), "for": TEACHING, "notes": result.notes}


def _alone(given: dict[str, Any], why: str) -> None:
    """Raise BadInput if an option was given that does not belong to this way of testing."""
    from picoinfuse.errors import BadInput

    for name, value in given.items():
        if value is not None:
            raise BadInput(f"{name} {'' if value is True else value} {why}: leave it out".replace("  ", " "))


def _folder(out: Path | None, name: str) -> Path:
    """Return the folder, made if need be. Raises BadInput."""
    from picoinfuse.errors import BadInput
    from picoinfuse.record import new_folder

    if out is None:
        return new_folder(name)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out = {str(out)!r}: cannot be made: {error}; choose another folder") from error
    return out


def _write(path: Path, text: str) -> None:
    from picoinfuse.errors import BadInput

    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(f"--out = {str(path)!r}: cannot be written: {error}") from error


def _end(lines: list[str], told: dict[str, Any], folder: Path, as_json: bool) -> None:
    _write(folder / RESULT, json.dumps(told, indent=1) + "\n")
    print("\n".join(lines), file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(told))
