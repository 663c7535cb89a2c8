"""What a balance wrote: reads times and volumes, or masses, from a table as spreadsheets and balances write it."""

from __future__ import annotations

import csv
import re
from math import isfinite
from pathlib import Path

from picoinfuse import units
from picoinfuse.errors import BadInput

WATER_G_ML = 0.9982  # at 20 C, as the host's calibration by weighing has it (picoinfuse/calibrate.py)
MAX_BYTES = 50_000_000
# Names of columns, without blanks and signs, and by what a number in them is multiplied.
TIME_S = {"times": 1.0, "time": 1.0, "ts": 1.0, "t": 1.0, "seconds": 1.0, "s": 1.0, "timesec": 1.0, "elapseds": 1.0}
TIME_S |= {"timemin": 60.0, "tmin": 60.0, "minutes": 60.0, "min": 60.0, "timeh": 3600.0, "th": 3600.0, "hours": 3600.0}
VOLUME_ML = {"volumeml": 1.0, "volume": 1.0, "ml": 1.0, "vml": 1.0, "deliveredml": 1.0, "volumeul": 1e-3}
MASS_G = {"massg": 1.0, "mass": 1.0, "g": 1.0, "weightg": 1.0, "weight": 1.0, "massmg": 1e-3, "weightmg": 1e-3}
COLUMNS = "time_s, and volume_ml or mass_g"


def density_of(text: str) -> float:
    """Return a density as typed in g/mL, 0.5 to 3. Raises BadInput."""
    quantity = units.quantity(text, "--density", "0.9982 g/mL")
    if dict(quantity.dimensions) != {"[mass]": 1, "[volume]": -1}:
        raise BadInput(f"--density = {text!r}: is no mass by volume; write e.g. '0.9982 g/mL'")
    g_ml = float(quantity.value) / 1000
    if not 0.5 <= g_ml <= 3:
        raise BadInput(f"--density = {text!r}: is outside 0.5 to 3 g/mL; water has 0.9982 g/mL")
    return g_ml


def read(path: Path, density_g_ml: float = WATER_G_ML) -> tuple[list[float], list[float]]:
    """Return times in seconds and volumes in mL of a table with the columns time_s, and volume_ml or mass_g.

    Separated by comma, semicolon or tab; decimal commas where the comma does not separate. Empty lines and lines that
    begin with # are skipped, other columns are not looked at. Without a line of names, two columns of numbers are
    time_s and volume_ml. Raises BadInput that names the line and what is wrong with it.
    """
    rows = _rows(path, _text(path))
    if not rows:
        raise BadInput(f"--csv = {str(path)!r}: holds no line; its columns are {COLUMNS}")
    time_at, volume_at, time_factor, volume_factor = _columns(path, *rows[0], density_g_ml)
    if not _all_numbers(rows[0][1]):
        rows = rows[1:]
    times, volumes = [], []
    for number, cells in rows:
        times.append(time_factor * _number(path, number, cells, time_at))
        volumes.append(volume_factor * _number(path, number, cells, volume_at))
    return times, volumes


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"--csv = {str(path)!r}: has {path.stat().st_size} bytes; at most {MAX_BYTES} are read")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"--csv = {str(path)!r}: is no text in UTF-8 ({error.reason}); save it as CSV") from error
    except FileNotFoundError:
        raise BadInput(f"--csv = {str(path)!r}: there is no such file") from None
    except OSError as error:
        raise BadInput(f"--csv = {str(path)!r}: cannot be read: {error.strerror or error}") from error


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return (number of the line, its cells); decimal commas have become points."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]
    mark = next((mark for mark in ("\t", ";", ",") if lines and mark in lines[0][1]), ",")
    try:
        rows = [(number, next(csv.reader([line], delimiter=mark))) for number, line in lines]
    except csv.Error as error:
        raise BadInput(f"--csv = {str(path)!r}: is no table ({error})") from error
    rows = [(number, [cell.strip() for cell in cells]) for number, cells in rows]
    if mark != ",":
        rows = [(number, [cell.replace(",", ".") for cell in cells]) for number, cells in rows]
    return rows


def _value(text: str) -> float | None:
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _all_numbers(cells: list[str]) -> bool:
    return all(_value(cell) is not None for cell in cells)


def _columns(path: Path, number: int, cells: list[str], density_g_ml: float) -> tuple[int, int, float, float]:
    """Return where times and volumes stand, and their factors to s and mL."""
    if _all_numbers(cells):
        if len(cells) == 2:
            return 0, 1, 1.0, 1.0
        raise BadInput(
            f"--csv = {str(path)!r}: line {number} names no columns and has {len(cells)} numbers; begin with a line "
            f"of names: {COLUMNS}"
        )
    names = [re.sub(r"[^a-z]", "", cell.casefold().replace("µ", "u").replace("μ", "u")) for cell in cells]
    masses = {name: factor / density_g_ml for name, factor in MASS_G.items()}
    time = _one(path, number, cells, names, TIME_S, "time_s")
    volume = _one(
        path, number, cells, names, VOLUME_ML if set(names) & set(VOLUME_ML) else masses, "volume_ml or mass_g"
    )
    return time[0], volume[0], time[1], volume[1]


def _one(
    path: Path, number: int, cells: list[str], names: list[str], known: dict[str, float], wanted: str
) -> tuple[int, float]:
    found = [i for i, name in enumerate(names) if name in known]
    if len(found) != 1:
        many = "no column" if not found else f"{len(found)} columns"
        raise BadInput(
            f"--csv = {str(path)!r}: line {number} has {many} {wanted}; it says {', '.join(cells)!r}, and one of "
            f"each of {COLUMNS} is needed"
        )
    return found[0], known[names[found[0]]]


def _number(path: Path, number: int, cells: list[str], at: int) -> float:
    text = cells[at] if at < len(cells) else ""
    value = _value(text)
    if value is None or not isfinite(value):
        said = f"{text!r} is not a number" if text else f"column {at + 1} is empty"
        raise BadInput(f"--csv = {str(path)!r}: line {number}: {said}")
    return value
